"""What a plan starts from (R5): each conversion point as our own history has it, with n and interval."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from tilth.insight.report import Asked, Chart, Column, Figure, Filter, Report, Result

from . import amounts, cuts, spoken
from .value import HORIZONS

if TYPE_CHECKING:
    from tilth.core.survival import Incidence
    from tilth.insight.measures.inputs import Found

ALL = ("values", "delay")  # what a point with few sales takes from all


def work(asked: Asked) -> Result:
    from tilth.insight.measures import costs, inputs, rates
    from tilth.insight.measures.cohort import cohort, watched_until

    engine, period, currency = asked.engine, asked.period, amounts.currency(asked)
    terms, until = asked.version.terms if asked.version else None, watched_until(engine, asked.now)
    people = cohort(engine, period, "offer", terms)
    found, every = inputs.inputs(engine, people, float(asked.chosen["horizon"]), until, currency)
    spent, _others = costs.spent(engine, period, currency)
    counts = costs.people(engine, people) if spent else []
    allocated = costs.allocate(spent, costs.weights(engine, counts, period, "offer", "leads"), "offer")
    costed = costs.costed(allocated, counts, [])
    hours = terms.sales.hours[0] if terms else 0.0
    names = cuts.called(asked, "offer", [one.cut for one in found])
    rows, points = [], []
    for one in found:
        cost = costed.get(one.cut)
        row = _row(one, hours, _cost(cost) if cost else Figure(None))
        rows.append(row | {"key": cuts.key(one.cut), "cut": names[one.cut]})
        points.append(_said(one, every) | {"key": one.cut, "name": str(names[one.cut])})
    total = costs.together(costed, allocated.left)
    together = _row(every, hours, _cost(total)) | {"key": cuts.EVERYBODY}
    said = {
        "leads": every.worth.seen.n, "open": every.open, "horizon": asked.chosen["horizon"], "points": points,
        "every": _said(every, every), "few": sum(rates.lacks(one.worth.seen, one.worth.seen.share or 0.0) > 0 for one in found),
        "season": inputs.season(inputs.by_month(engine, period.zone, until)),
    }  # fmt: skip
    return Result(sorted(rows, key=lambda row: (-row["leads"], row["key"])), together, said, currency)


def _row(one: "Found", hours: float, cost: Figure) -> dict[str, Any]:
    seen, worth = one.worth.seen, one.worth
    priced = bool(seen.share) and worth.value is not None and not worth.lacks
    mean = Figure(None, n=seen.hits, lacks=worth.lacks)
    if priced and worth.sale is not None and worth.value and seen.share:
        mean = Figure(worth.sale, *_between(one.values, worth.sale), len(one.values))
    few = Figure(None, n=len(one.values), lacks=max(amounts.FEW - len(one.values), 0))
    days = Figure(one.days[1], one.days[0], one.days[2], len(one.values)) if one.days and not few.lacks else few
    return {
        "leads": seen.n, "open": one.open, "to_sql": _share(one.sql), "to_won": _then(one), "sale_rate": _share(seen),
        "value": mean, "lead_value": Figure(worth.value, worth.low, worth.high, seen.n) if priced else Figure(None, n=seen.n, lacks=worth.lacks),
        "days": days, "hours": hours or None, "cost": cost,
    }  # fmt: skip


def _share(seen: "Incidence") -> Figure:
    from tilth.insight.measures.rates import lacks

    if few := lacks(seen, seen.share or 0.0):
        return Figure(None, n=seen.n, lacks=few)
    return Figure(seen.share, seen.low, seen.high, seen.n)


def _then(one: "Found") -> Figure:
    """Of SQLs, who buys: the share of leads that buys by the share that becomes an SQL; as sure as both are."""
    sql, sale = _share(one.sql), _share(one.worth.seen)
    if not sql.value or not sale.value or not sql.high or not sql.low or sale.low is None or sale.high is None:
        return Figure(None, n=one.sql.hits, lacks=max(sql.lacks, sale.lacks))
    share = sale.value / sql.value
    return Figure(
        min(share, 1.0), min(sale.low / sql.value, 1.0), min(sale.high / sql.value, 1.0), one.sql.hits
    )  # fmt: skip


def _between(values: Sequence[int], mean: float) -> tuple[float, float]:
    """The interval of a mean of so many deals, on a scale of ratios, so that it stays above zero."""
    from math import exp, sqrt
    from statistics import stdev

    from tilth.core.rates import LEVEL, quantile

    if len(values) < 2 or not mean:
        return mean, mean
    wide = exp(quantile(LEVEL) * stdev(values) / sqrt(len(values)) / (sum(values) / len(values)))
    return mean / wide, mean * wide


def _cost(one: Any) -> Figure:
    if one.spend <= 0:
        return Figure(None)
    n = one.counts["leads"]
    return amounts.counted(one.each("leads"), one.each_between("leads") if n >= amounts.FEW else None, n)


def _said(one: "Found", every: "Found") -> dict[str, Any]:
    """What a plan needs beside the figures. A point with few sales takes its deals and delays from all, and says so."""
    from tilth.insight.measures.inputs import FEW

    of = "own" if len(one.values) >= FEW else "all"
    deals = one if of == "own" else every
    return {
        "values": deals.values, "delay": deals.delay, "of": of, "came": one.worth.seen.n, "open": one.open,
        "coming": one.coming,
    }  # fmt: skip


def answer(result: Result) -> str:
    said, every = result.said, result.together or {}
    if not said["leads"]:
        return _t("Nobody became a lead in this period: a plan has to start from what you expect.")
    rate, value = every["sale_rate"], every["value"]
    if rate.value is None or value.value is None:
        return _t("%(leads)s leads came in, too few of them decided to say what a plan may count on.") % {
            "leads": spoken.number(said["leads"])
        }
    return _t("Of %(leads)s leads %(rate)s buy (%(low)s to %(high)s), for %(value)s each; half of the sales take %(days)s days or less.") % {
        "leads": spoken.number(said["leads"]), "rate": spoken.percent(rate.value), "low": spoken.percent(rate.low),
        "high": spoken.percent(rate.high), "value": spoken.money(value.value, result.currency),
        "days": spoken.number(every["days"].value) if every["days"].value is not None else "?",
    }  # fmt: skip


def notes(result: Result) -> list[str]:
    said = result.said
    out = [_t("Intervals hold 9 times in 10; those of days are a quarter and three quarters of the sales.")]
    if said["open"]:
        out.append(
            _t("%(open)s leads are open still: what they will bring is counted in a plan by how long they have been.")
            % {"open": spoken.number(said["open"])}
        )
    if said["few"]:
        out.append(
            _t("Conversion points with too few leads for a rate of their own: %(n)s. In a plan they take that of all.")
            % {"n": said["few"]}
        )
    out.append(_t("Visitors are not known by conversion point: a plan asks for that rate, or takes 2%."))
    return out


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    from tilth.core.survival import OPEN
    from tilth.insight.measures import rates
    from tilth.insight.measures.cohort import cohort, newest, watched_until

    terms = asked.version.terms if asked.version else None
    everybody, until = cohort(asked.engine, asked.period, "offer", terms), watched_until(asked.engine, asked.now)
    some = everybody if row == cuts.EVERYBODY else everybody.filter(everybody.cut == cuts.cut_of(row))
    if column == "open":
        every = rates.cases(some, "customer", until)
        return newest(asked.engine, every.filter(every.ended == OPEN))
    return rates.behind(asked.engine, some, "customer", float(asked.chosen["horizon"]), until, "leads")


REPORT = Report(
    "inputs",
    _("What a plan starts from"),
    _("What does our own history say of each conversion point?"),
    "inputs",
    (
        Column("cut", _("Conversion point"), "text"),
        Column("leads", _("Leads"), "count", _("Who became a lead by it in the period."), people=True),
        Column("open", _("Open"), "count", _("Of these, who is neither won nor lost."), people=True),
        Column("to_sql", _("Lead to SQL"), "share", _("With open leads counted for as long as they were watched.")),
        Column("to_won", _("SQL to customer"), "share", _("The share that buys, by the share that becomes an SQL.")),
        Column("sale_rate", _("Lead to customer"), "share", _("With open leads counted for as long as they were watched.")),
        Column("value", _("A sale"), "money", _("What one brings.")),
        Column("lead_value", _("A lead"), "money", _("The share that buys, times what a sale brings.")),
        Column("days", _("Days to the sale"), "days", _("Half of the sales take so long or less.")),
        Column("hours", _("Hours"), "number", _("That sales agreed to invest in a lead, at least.")),
        Column("cost", _("Cost of a lead"), "money", _("What was spent, shared by leads.")),
    ),
    work,
    answer,
    (Filter("horizon", _("Within"), HORIZONS),),
    (Chart("intervals", _("Lead to customer"), "cut", ("sale_rate",)),),
    notes,
    people,
)  # fmt: skip
