"""Inbound beside outbound: who came to us and whom we went to, with what became of them and what they cost (R16)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from tilth.insight.report import Asked, Chart, Column, Figure, Filter, Report, Result

from . import amounts, cuts, spoken
from .costs import figures as costed
from .costs import others

if TYPE_CHECKING:
    import numpy as np

    from tilth.insight.measures.channels import Typical
    from tilth.insight.measures.costs import Costed
    from tilth.insight.measures.dealt import Dealt

LEFT = "(not allocated)"
WAYS = {
    "inbound": _("Inbound"), "outbound": _("Outbound"), "person": _("They came to us"), "marketing": _("Marketing went to them"),
    "sales": _("Sales went to them"), "service": _("Service went to them"), LEFT: _("not allocated"),
}  # fmt: skip


def work(asked: Asked) -> Result:
    from tilth.insight.measures import channels, costs
    from tilth.insight.measures.cohort import watched_until

    engine, period, currency = asked.engine, asked.period, amounts.currency(asked)
    people = engine.once(channels.leads(engine, period, asked.chosen["by"]))
    counts = costs.people(engine, people)
    spent, other_costs = costs.spent(engine, period, currency)
    weights = costs.weights(engine, counts, period, asked.chosen["by"], "leads")
    allocated = costs.allocate(spent, weights, asked.chosen["by"])
    bought, other_deals = costs.revenue(engine, people, currency)
    until = watched_until(engine, asked.now)
    deals, days = channels.deals(engine, people, currency, until), channels.days_to_sale(engine, people)
    found = costs.costed(allocated, counts, bought)
    rows = [_row(one, deals.get(cut), days.get(cut)) | {"key": cut, "way": cut} for cut, one in found.items()]
    if allocated.left:
        rows.append({"key": LEFT, "way": LEFT, "spend": allocated.left})
    said = {"other_costs": other_costs, "other_deals": other_deals, "days": channels.HORIZON}
    return Result(sorted(rows, key=_place), costed(costs.together(found, allocated.left)) | {"key": ""}, said, currency)


def _place(row: Mapping[str, Any]) -> int:
    return list(WAYS).index(row["key"]) if row["key"] in WAYS else len(WAYS)


def _row(one: "Costed", deals: "Dealt | None", days: "np.ndarray | None") -> dict[str, Any]:
    from tilth.insight.measures import channels

    n = one.counts["leads"]
    out = costed(one) | {name: cuts.share(one.counts[step], n) for name, step in (("to_mql", "mql"), ("to_sql", "sql"))}
    out["days"] = _days(days)
    out["won"] = out["value"] = Figure(None, n=0, lacks=amounts.FEW)
    if deals is not None:
        rate = channels.win_rate(deals)
        few = Figure(None, n=rate.n, lacks=max(cuts.ENOUGH - rate.n, 1))
        out["won"] = few if rate.share is None else Figure(rate.share, rate.low, rate.high, rate.n)
        values = deals.revenue[deals.revenue > 0]
        out["value"] = typical(channels.mean(values), len(values))
    return out


def _days(days: "np.ndarray | None") -> Figure:
    import numpy as np

    from tilth.core.lasting import lasting

    if days is None or len(days) < amounts.FEW:
        n = 0 if days is None else len(days)
        return Figure(None, n=n, lacks=amounts.FEW - n)
    median = lasting(days, np.ones(len(days), bool))[1]
    return Figure(median.days, median.low, median.high, len(days))


def typical(found: "Typical | None", n: int) -> Figure:
    """A mean as a figure; too few below FEW."""
    return amounts.counted(found.mean if found else None, (found.low, found.high) if found else None, n)


def answer(result: Result) -> str:
    """Each way with what it brought, side by side."""
    ways = [row for row in result.rows if row.get("leads")]
    if not ways:
        return _t("Nobody became a lead in this period.")
    return " ".join(_brought(row) for row in ways)


def _brought(row: Mapping[str, Any]) -> str:
    leads, customers = row["leads"], row["customers"]
    bought = cuts.share(customers, leads)
    told = {
        "way": WAYS.get(row["key"], row["key"]),
        "leads": spoken.number(leads),
        "customers": spoken.number(customers),
    }
    if bought.value is None:
        return _t("%(way)s: %(leads)s leads, of whom %(customers)s bought, too few for a share.") % told
    told |= {"share": spoken.percent(bought.value), "sure": spoken.sure(bought, spoken.percent)}
    return _t("%(way)s: %(leads)s leads, of whom %(customers)s bought, %(share)s%(sure)s.") % told


def notes(result: Result) -> list[str]:
    return [
        _t(
            "Inbound: the touch that made them a lead was their own. Outbound: it was one of ours, such as a card that a colleague typed, or a list."
        ),
        _t(
            "Costs that name a source or a campaign are shared among its leads by their number, all others among all leads."
        ),
        _t(
            "A deal is won when it is within %(days)s days of its opening; open deals count for as long as they were watched."
        )
        % result.said,
        _t("Days to a sale are those of who has bought so far, so they grow as slower ones come in."),
        *others(result),
    ]


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    from tilth.insight.measures import channels, costs

    everybody = channels.leads(asked.engine, asked.period, asked.chosen["by"])
    return costs.behind(asked.engine, everybody.filter(everybody.cut == row) if row else everybody, column)


REPORT = Report(
    "channels",
    _("Inbound and outbound"),
    _("What do we get from who comes to us, and from whom we go to?"),
    "channels",
    (
        Column("way", _("Leads of"), "text", words=WAYS),
        Column("leads", _("Leads"), "count", _("Who became a lead in the period."), people=True),
        Column("customers", _("Customers"), "count", _("Of these, who bought since."), people=True),
        Column("to_mql", _("Lead to MQL"), "share", _("Of the leads, who was ever handed off.")),
        Column("to_sql", _("Lead to SQL"), "share", _("Of the leads, whom sales ever found ready to buy.")),
        Column("won", _("Win rate"), "share", _("Of their deals, how many are won within 180 days.")),
        Column("days", _("Days to a sale"), "days", _("Half of the customers bought within so many days since they became a lead.")),
        Column("value", _("Deal value"), "money", _("Mean of the deals that were won.")),
        Column("spend", _("Spent"), "money", _("Their share of what was spent in the period.")),
        Column("per_customer", _("Per customer"), "money", _("Spent, by customers.")),
        Column("revenue", _("Won"), "money", _("What these leads have bought since.")),
        Column("returned", _("Return"), "number", _("Won, for each one spent; n counts deals.")),
    ),
    work,
    answer,
    (Filter("by", _("Cut by"), {"way": _("Inbound or outbound"), "door": _("Who took the first step")}),),
    (
        Chart("bars", _("What was spent and what was won"), "way", ("spend", "revenue")),
        Chart("intervals", _("From lead to MQL and to SQL"), "way", ("to_mql", "to_sql")),
    ),
    notes,
    people,
)  # fmt: skip
