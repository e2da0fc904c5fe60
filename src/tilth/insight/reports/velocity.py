"""How much money a month comes from the deals that are worked, and what would have to change for a goal (R12)."""

from collections.abc import Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from tilth.core.figures import DIGITS
from tilth.core.rates import ENOUGH
from tilth.core.velocity import Factors, levers
from tilth.insight.report import Asked, Chart, Column, Figure, Filter, Report, Result

from . import amounts, cuts, sellers, spoken

if TYPE_CHECKING:
    from tilth.insight.measures.velocity import Velocity

SEED = 12
NAMES = {"deals": _("open deals"), "value": _("value"), "win": _("win rate"), "cycle": _("cycle")}


def work(asked: Asked) -> Result:
    from tilth.insight.measures import velocity
    from tilth.insight.measures.cohort import watched_until
    from tilth.insight.measures.dealt import dealt

    currency, until = amounts.currency(asked), watched_until(asked.engine, asked.now)
    found = dealt(asked.engine, currency, until, sellers.cut_by(asked, asked.chosen["by"]), alone=True)
    every = dealt(asked.engine, currency, until, sellers.cut_by(asked, "all"), alone=True).get("")
    names = sellers.named(asked, found)
    each = {cut: velocity.velocity(deals, asked.period, until, SEED) for cut, deals in found.items()}
    rows = [_row(one) | {"key": cuts.key(cut), "cut": names[cut]} for cut, one in each.items() if one.opened or one.won]
    rows.sort(key=lambda row: (-(row["velocity"].value or 0), -row["won"], row["key"]))
    if every is None:
        return Result([], None, {"velocity": None, "levers": [], "days": velocity.HORIZON}, currency)
    whole = velocity.velocity(every, asked.period, until, SEED)
    best = _best([one for one in each.values() if one.factors], whole)
    said = {"velocity": whole.factors.velocity if whole.factors else None, "days": velocity.HORIZON, "won": whole.won}
    said |= {"opened": whole.opened} | _goal(asked.chosen["goal"], currency, whole.factors, best)
    return Result(rows, _row(whole) | {"key": cuts.EVERYBODY}, said, currency)


def _row(one: "Velocity") -> dict[str, Any]:
    from tilth.insight.measures.velocity import FEW

    out: dict[str, Any] = {"opened": one.opened, "won": one.won}
    lacks = max(FEW - one.won, 0), max(ENOUGH - one.opened, 0)
    for name in ("deals", "value", "win", "cycle", "velocity"):
        n = one.opened if name in {"deals", "win"} else one.won
        out[name] = Figure(None, n=n, lacks=max(*lacks, 1)) if one.factors is None else Figure(*_between(one, name))
    return out


def _between(one: "Velocity", name: str) -> tuple[float, float, float, int]:
    """The win rate has the interval of an honest rate, everything else that of the bootstrap."""
    found = one.each[name]
    rate = one.rate
    return (
        (found.value, rate.low, rate.high, rate.n) if name == "win" else (found.value, found.low, found.high, found.n)
    )


def _best(rows: Sequence["Velocity"], whole: "Velocity") -> dict[str, float]:
    """Of each factor the best that a row has; of a single row, the better end of its interval."""
    some = {name: [getattr(one.factors, name) for one in rows] for name in NAMES}
    if len(rows) > 1:
        open_deals = whole.each["deals"].high if whole.factors else max(some["deals"])
        return {name: (min if name == "cycle" else max)(some[name]) for name in NAMES} | {"deals": open_deals}
    if whole.factors is None:
        return {}
    best = {name: whole.each[name].high for name in ("deals", "value")} | {"win": whole.rate.high}
    return best | {"cycle": whole.each["cycle"].low}


def _goal(told: str, currency: str, factors: Factors | None, best: Mapping[str, float]) -> dict[str, Any]:
    """A goal in whole units of the currency a month: the gap, the factor, and the levers that would close it, the nearest first."""
    try:
        goal = float(told.replace(",", "").replace(" ", "")) * 10 ** DIGITS.get(currency, 2) if told else 0.0
    except ValueError:
        return {"levers": [], "goal": None}
    if not 0 < goal < inf or factors is None or not factors.velocity:
        return {"levers": [], "goal": 0}
    factor = goal / factors.velocity
    found = (
        [
            {
                "name": x.name,
                "now": x.now,
                "needed": x.needed,
                "best": x.best,
                "reach": None if x.reach == inf else x.reach,
            }
            for x in levers(factors, factor, best)
        ]
        if factor > 1
        else []
    )
    return {"levers": found, "goal": goal, "gap": goal - factors.velocity, "factor": factor}  # fmt: skip


def answer(result: Result) -> str:
    said = result.said
    if said["velocity"] is None:
        return _t("Too few deals were opened and won in this period to say how fast money comes.")
    told = _t("%(velocity)s a month comes from the deals that are worked%(sure)s.") % {
        "velocity": spoken.money(said["velocity"], result.currency),
        "sure": spoken.sure((result.together or {})["velocity"], lambda value: spoken.money(value, result.currency)),
    }
    if not said["goal"]:
        return told
    if said["factor"] <= 1:
        return told + " " + _t("That is the goal, or more.")
    gap = {"gap": spoken.money(said["gap"], result.currency), "factor": spoken.number(said["factor"], 1)}
    return told + " " + _t("The gap to the goal is %(gap)s: a factor of %(factor)s.") % gap


def notes(result: Result) -> list[str]:
    said, out = result.said, []
    if said.get("goal", 0) is None:
        out.append(_t("The goal could not be read. Write it as a number, such as 100000."))
    for place, lever in enumerate(said["levers"], 1):
        told = {
            "place": place,
            "name": NAMES[lever["name"]],
            "now": _said(lever["name"], lever["now"], result.currency),
        }
        told |= {n: _said(lever["name"], lever[n], result.currency) for n in ("needed", "best")}
        if lever["reach"] is None:
            out.append(
                _t(
                    "Lever %(place)s, %(name)s alone: %(now)s now. It would have to be more than all, so it cannot close the gap alone."
                )
                % told
            )
        elif lever["reach"] <= 1:
            out.append(
                _t(
                    "Lever %(place)s, %(name)s alone: from %(now)s to %(needed)s, which was reached already: the best is %(best)s."
                )
                % told
            )
        else:
            out.append(
                _t("Lever %(place)s, %(name)s alone: from %(now)s to %(needed)s; the best so far is %(best)s.") % told
            )
    if said["velocity"] is not None and said["goal"] == 0 and "gap" not in said:
        out.append(_t("Write a goal a month above, and here stands what would have to change for it."))
    return [
        *out,
        _t(
            "Open deals × value × win rate / cycle, a month. Won within %(days)d days counts as won; open deals count for as long as they were watched."
        )
        % said,
        _t(
            "Intervals are those of 200 samples of whole deals. Below 10 won and 30 opened deals it is too few. Deals in other currencies are left out."
        ),
    ]


def _said(name: str, value: float, currency: str) -> str:
    match name:
        case "value":
            return spoken.money(value, currency)
        case "win":
            return spoken.percent(value)
        case "cycle":
            return _t("%(days)s days") % {"days": spoken.number(value, 1)}
    return spoken.number(value, 1)


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    from tilth.insight.measures import velocity
    from tilth.insight.measures.cohort import watched_until
    from tilth.insight.measures.dealt import dealt

    until, everybody = watched_until(asked.engine, asked.now), row == cuts.EVERYBODY
    by = sellers.cut_by(asked, "all" if everybody else asked.chosen["by"])
    found = dealt(asked.engine, amounts.currency(asked), until, by, alone=True).get(
        "" if everybody else cuts.cut_of(row)
    )
    return velocity.behind(found, asked.period, until, column) if found else []


REPORT = Report(
    "velocity",
    _("Sales velocity"),
    _("How much money a month comes from our deals, and what would bring more?"),
    "velocity",
    (
        Column("cut", _("Deals of"), "text"),
        Column("velocity", _("A month"), "money", _("Open deals × value × win rate / cycle.")),
        Column("deals", _("Open deals"), "number", _("How many were open at a time, on average over the period.")),
        Column("value", _("Value"), "money", _("Mean of the deals that were won in the period.")),
        Column("win", _("Win rate"), "share", _("Of the deals opened in the period, won within 180 days.")),
        Column("cycle", _("Cycle"), "days", _("Mean days from opening to winning, of deals won in the period.")),
        Column("opened", _("Opened"), "count", _("Deals opened in the period. Behind it stand their people."), people=True),
        Column("won", _("Won"), "count", _("Deals won in the period. Behind it stand their people."), people=True),
    ),
    work,
    answer,
    (sellers.CUT, Filter("goal", _("Goal a month"))),
    (Chart("intervals", _("Money a month"), "cut", ("velocity",)), Chart("intervals", _("Win rate"), "cut", ("win",))),
    notes,
    people,
)  # fmt: skip
