"""What a lead, an MQL, an SQL and a customer cost, by campaign, source or conversion point, and what came back (R15)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from tilth.insight.report import Asked, Chart, Column, Figure, Filter, Report, Result

from . import amounts, cuts, spoken

if TYPE_CHECKING:
    from tilth.insight.measures.costs import Costed

LEFT = "(not allocated)"
UNIT = 100_00  # of money spent, minor units, for which is said what came back
EACH = {"leads": "per_lead", "mql": "per_mql", "sql": "per_sql", "customers": "per_customer"}
KEYS = {
    "leads": _("Shared costs by leads"),
    "mql": _("Shared costs by MQLs"),
    "touches": _("Shared costs by touches"),
    "evenly": _("Shared costs evenly"),
    "direct": _("Directly booked costs only"),
}


def work(asked: Asked) -> Result:
    from tilth.insight.measures import costs, funnel
    from tilth.insight.measures.cohort import cohort, watched_until

    engine, period, by, currency = asked.engine, asked.period, asked.chosen["by"], amounts.currency(asked)
    people = engine.once(cohort(engine, period, by, None))
    counts = costs.people(engine, people)
    spent, other_costs = costs.spent(engine, period, currency)
    key = asked.chosen["key"]
    allocated = costs.allocate(spent, costs.weights(engine, counts, period, by, key), by, key == "evenly")
    bought, other_deals = costs.revenue(engine, people, currency)
    found = costs.costed(allocated, counts, bought)
    names = cuts.named(asked, found)
    rows = [figures(one) | {"key": cuts.key(cut), "cut": names[cut]} for cut, one in found.items()]
    every = costs.together(found, allocated.left)
    until = watched_until(engine, asked.now)
    young = sum(row["young"] for row in funnel.counted(engine, people, until).to_pylist())
    said = {"spend": every.spend, "left": allocated.left, "young": young, "days": funnel.YOUNG.days}
    said |= {
        "other_costs": other_costs,
        "other_deals": other_deals,
        "without": sum(not o.counts["leads"] for o in found.values()),
    }
    rows = sorted(rows, key=lambda row: (-row["spend"], row["key"]))
    if allocated.left:
        rows.append({"key": LEFT, "cut": LEFT, "spend": allocated.left})
    return Result(rows, figures(every) | {"key": cuts.EVERYBODY}, said, currency)


def figures(one: "Costed") -> dict[str, Any]:
    """The columns of one cut. Where nothing was spent, nothing is said of what each cost."""
    out: dict[str, Any] = {"spend": one.spend, "direct": one.direct, **one.counts, "revenue": one.revenue}
    for step, name in EACH.items():
        n = one.counts[step]
        known = one.spend > 0 and n >= amounts.FEW
        out[name] = (
            amounts.counted(one.each(step), one.each_between(step) if known else None, n)
            if one.spend > 0
            else Figure(None)
        )
    if one.spend > 0:
        known = one.deals >= amounts.FEW and one.revenue > 0
        between = one.returned_between() if known else None
        out["returned"] = amounts.counted(one.revenue / one.spend, between, one.deals)
    return out


def answer(result: Result) -> str:
    """What was spent, what each cost, and what came back."""
    every, currency = result.together or {}, result.currency
    if not result.said["spend"]:
        return _t("No costs are recorded in this period. Import them, so that leads have a price.")
    said = _t("%(spend)s was spent") % {"spend": spoken.money(result.said["spend"], currency)}
    words = {
        "per_lead": _t("%s a lead"),
        "per_mql": _t("%s an MQL"),
        "per_sql": _t("%s an SQL"),
        "per_customer": _t("%s a customer"),
    }
    each = [
        word % spoken.money(every[name].value, currency)
        + (_sure(every[name], currency) if name == "per_customer" else "")
        for name, word in words.items()
        if every[name].value is not None
    ]
    said = ": ".join([said, ", ".join(each)]) if each else said
    back = every.get("returned") or Figure(None)
    if back.value is None:
        return _t("%(said)s. Too few deals were won yet to say what came back.") % {"said": said}
    low, high = (end and end * UNIT for end in (back.low, back.high))
    units = Figure(back.value * UNIT, low, high)
    back_of = {
        "one": spoken.money(UNIT, currency),
        "back": spoken.money(back.value * UNIT, currency),
        "sure": _sure(units, currency),
    }
    return _t("%(said)s. For each %(one)s spent, %(back)s came back so far%(sure)s.") % {"said": said, **back_of}


def _sure(figure: Figure, currency: str) -> str:
    return spoken.sure(figure, lambda value: spoken.money(value, currency))


def notes(result: Result) -> list[str]:
    said = result.said
    out = [
        _t(
            "Money counts on the day it was spent; leads, and what became of them, in the period in which they became a lead."
        ),
        _t(
            "Intervals hold what the same money would bring 9 times in 10, when leads and sales come by themselves. Below 10 it is too few."
        ),
    ]
    if said["young"]:
        out.append(
            _t(
                "Open, and came in less than %(days)s days ago: %(young)s. So an SQL and a customer can only become cheaper."
            )
            % said
        )
    if said["left"]:
        left = spoken.money(said["left"], result.currency)
        out.append(_t("%(left)s could not be allocated by this key; the line of all has it.") % {"left": left})
    if said["without"]:
        out.append(_t("Rows with costs and without any lead: %(without)s.") % said)
    return out + others(result)


def others(result: Result) -> list[str]:
    """What other currencies leave out."""
    said, out = {**result.said, "currency": result.currency}, []
    if said["other_costs"]:
        out.append(_t("Costs in other currencies than %(currency)s, left out: %(other_costs)s.") % said)
    if said["other_deals"]:
        out.append(_t("Deals won in other currencies than %(currency)s, left out: %(other_deals)s.") % said)
    return out


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    from tilth.insight.measures import costs
    from tilth.insight.measures.cohort import cohort

    everybody = cohort(asked.engine, asked.period, asked.chosen["by"], None)
    some = everybody if row == cuts.EVERYBODY else everybody.filter(everybody.cut == cuts.cut_of(row))
    return costs.behind(asked.engine, some, column)


REPORT = Report(
    "costs",
    _("Costs and return"),
    _("What does a lead, an MQL, an SQL and a customer cost, and what comes back?"),
    "costs",
    (
        Column("cut", _("Leads of"), "text", words={LEFT: _("not allocated")}),
        Column("spend", _("Spent"), "money", _("What was booked on it, and its part of shared costs.")),
        Column("direct", _("Directly booked"), "money", _("What was booked on it by name.")),
        Column("leads", _("Leads"), "count", _("Who became a lead in the period."), people=True),
        Column("mql", _("MQL"), "count", _("Of these, who was ever handed off to sales."), people=True),
        Column("sql", _("SQL"), "count", _("Of these, whom sales ever found ready to buy."), people=True),
        Column("customers", _("Customers"), "count", _("Of these, who bought since they became a lead."), people=True),
        Column("per_lead", _("Per lead"), "money", _("Spent, by leads.")),
        Column("per_mql", _("Per MQL"), "money", _("Spent, by MQLs.")),
        Column("per_sql", _("Per SQL"), "money", _("Spent, by SQLs.")),
        Column("per_customer", _("Per customer"), "money", _("Spent, by customers.")),
        Column("revenue", _("Won"), "money", _("What these leads have bought since.")),
        Column("returned", _("Return"), "number", _("Won, for each one spent; n counts deals.")),
    ),
    work,
    answer,
    (cuts.by("campaign", "source", "offer"), Filter("key", _("Key"), KEYS)),
    (
        Chart("bars", _("What was spent and what was won"), "cut", ("spend", "revenue")),
        Chart("intervals", _("Cost of a lead"), "cut", ("per_lead",)),
    ),
    notes,
    people,
)  # fmt: skip
