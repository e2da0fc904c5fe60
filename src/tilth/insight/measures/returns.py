"""Why leads came back from sales, by source, campaign, conversion point, segment, owner or quarter; and what the court charged it to.

Grain        one row a cut and reason
Denominator  the handoffs of the cut that were made in the period, whenever they came back
A return that the court overturned is none, and a handoff that goes on with another owner is still the same one.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tilth.core.terms import Terms
from tilth.insight.engine import Engine
from tilth.insight.period import Period

from .cohort import bare, cut

if TYPE_CHECKING:
    import ibis

CHARGED = ("definition", "content", "data")
BACK = ("returned", "handed_back")


@dataclass(frozen=True)
class Wish:
    """Which handoffs are meant: those of a period, of leads of one source or ("") of all, cut by something."""

    period: Period
    by: str
    terms: Terms | None
    source: str = ""


def handoffs(engine: Engine, wish: Wish) -> "ibis.Table":
    """The handoffs meant: person, when, `cut`."""
    outcomes = engine.tables().outcomes
    rows = outcomes.filter(outcomes.kind == "handoff").select("person", lead_at="at")
    return _cut(engine, rows, wish)


def came_back(engine: Engine, wish: Wish) -> "ibis.Table":
    """Those of them that came back: person, kind, reason, charged, back_at, `cut`."""
    outcomes = engine.tables().outcomes
    handed = outcomes.filter(outcomes.kind == "handoff").select("person", handed="at")
    back = outcomes.filter(outcomes.kind.isin(BACK)).select("person", "kind", "reason", "charged", back_at="at")
    both = back.inner_join(handed, "person")
    both = both.filter(both.handed <= both.back_at)
    rows = both.group_by("person", "kind", "reason", "charged", "back_at").agg(lead_at=both.handed.max())
    return _cut(engine, rows, wish)


def counted(engine: Engine, wish: Wish, each: bool = True) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """How many handoffs each cut had; and of each cut and reason how many came back, what for, and which wait for the court.

    each   reason in a row of its own, or all of a cut together
    """
    handed, back = handoffs(engine, wish), came_back(engine, wish)
    of = engine.run(handed.group_by("cut").agg(n=handed.count())).to_pylist()
    charged = {name: (back.charged == name).sum() for name in CHARGED}
    sums = {"back": back.count(), "returned": (back.kind == "returned").sum(), **charged, "waiting": _waits(back).sum()}
    rows = engine.run(back.group_by(*(("cut", "reason") if each else ("cut",))).agg(**sums)).to_pylist()
    return {row["cut"]: row["n"] for row in of}, [{"reason": ""} | row for row in rows]


def behind(engine: Engine, back: "ibis.Table", column: str) -> list[int]:
    """Who came back, the latest first; `column` narrows to what a return was charged to, or to those that wait."""
    some = back
    if column in CHARGED:
        some = back.filter(back.charged == column)
    elif column == "waiting":
        some = back.filter(_waits(back))
    return engine.run(some.order_by(some.back_at.desc(), some.person.desc()).select("person"))["person"].to_pylist()


def _waits(back: "ibis.Table") -> "ibis.BooleanValue":
    return (back.kind == "returned") & (back.charged == "")


def _cut(engine: Engine, rows: "ibis.Table", wish: Wish) -> "ibis.Table":
    t, period = engine.tables(), wish.period
    some = rows.filter(rows.lead_at >= bare(period.start), rows.lead_at < bare(period.end))
    both = some.inner_join(t.people.select("person", "source", "campaign", "offer"), "person")
    ours = both.filter(both.source == wish.source) if wish.source else both
    return cut(engine, t, ours, period, wish.by, wish.terms)
