"""What those who bought had seen before and others had not, segment by segment; and who of the open leads has not seen it yet.

Grain        one row a segment and piece
Denominator  of each share the leads of the cohort in the segment who bought, and those who did not
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from tilth.core.rates import Rate, apart
from tilth.insight.engine import Engine

from .cohort import newest
from .pieces import before, met_by

if TYPE_CHECKING:
    import ibis


ENOUGH = 10  # buyers, and others; the interval of a difference holds from there on


@dataclass(frozen=True)
class Seen:
    """One piece in one segment.

    buyers, others   of those who bought and of those who did not, who had seen it
    low, high        between which the difference lies
    unseen           the open leads who have not seen it
    up_next          of these, for whom nothing that tells buyers apart more surely is left unseen
    """

    segment: str
    piece: str
    buyers: Rate
    others: Rate
    low: float
    high: float
    unseen: int
    up_next: int = 0


def seen(engine: Engine, cohort: "ibis.Table", of: str, outcome: str) -> list[Seen]:
    """Every piece that somebody of a segment met, what tells buyers apart most surely first.

    cohort    cut by segment
    outcome   sql or customer: who counts as one who bought
    """
    hit, still = cohort[outcome].notnull(), _open(cohort, outcome)
    sums = {"buyers": hit.sum(), "others": (~hit).sum(), "open": still.sum()}
    groups = {row["cut"]: row for row in engine.run(cohort.group_by("cut").agg(**sums)).to_pylist()}
    found = engine.once(_met(engine, cohort, of, outcome))
    hit, still = found[outcome].notnull(), _open(found, outcome)
    sums = {"buyers": hit.sum(), "others": (~hit).sum(), "open": still.sum()}
    rows = [
        _seen(row, groups[row["cut"]])
        for row in engine.run(found.group_by("cut", "piece").agg(**sums)).to_pylist()
    ]  # fmt: skip
    rows.sort(key=lambda row: (-row.low, row.segment, row.piece))
    return _with_next(engine, cohort, found, outcome, rows)


def unseen_by(engine: Engine, cohort: "ibis.Table", of: str, outcome: str, segment: str, piece: str) -> list[int]:
    """The open leads of a segment who have not seen a piece, the newest first."""
    found = _met(engine, cohort, of, outcome)
    some = _still(cohort, outcome).filter(lambda p: p.cut == segment)
    return newest(engine, some.anti_join(found.filter(found.piece == piece), "person"))


def next_for(engine: Engine, cohort: "ibis.Table", of: str, outcome: str, segment: str, piece: str) -> list[int]:
    """The open leads of a segment for whom a piece is the next one, the newest first."""
    found = _met(engine, cohort, of, outcome)
    chosen = _next(cohort, found, outcome, seen(engine, cohort, of, outcome))
    return newest(engine, chosen.filter(chosen.cut == segment, chosen.piece == piece)) if chosen is not None else []


def _seen(row: dict[str, int], group: dict[str, int]) -> Seen:
    buyers, others = (Rate(row[name], group[name]) for name in ("buyers", "others"))
    return Seen(str(row["cut"]), str(row["piece"]), buyers, others, *apart(buyers, others), group["open"] - row["open"])


def _with_next(engine: Engine, cohort: "ibis.Table", found: "ibis.Table", outcome: str, rows: list[Seen]) -> list[Seen]:
    chosen = _next(cohort, found, outcome, rows)
    if chosen is None:
        return rows
    counted = engine.run(chosen.group_by("cut", "piece").agg(n=chosen.count())).to_pylist()
    n = {(row["cut"], row["piece"]): row["n"] for row in counted}
    return [replace(row, up_next=n.get((row.segment, row.piece), 0)) for row in rows]


def _next(cohort: "ibis.Table", found: "ibis.Table", outcome: str, rows: list[Seen]) -> "ibis.Table | None":
    """Each open lead with the first piece of their segment, of those that surely tell buyers apart, that they have not seen."""
    import ibis

    sure = [row for row in rows if tells(row)]
    if not sure:
        return None
    columns = {"cut": [r.segment for r in sure], "piece": [r.piece for r in sure], "rank": list(range(len(sure)))}
    could = _still(cohort, outcome).inner_join(ibis.memtable(pa.table(columns)), "cut")
    left = could.anti_join(found.select("person", "piece"), ["person", "piece"])
    return left.group_by("person", "cut", "lead_at").agg(piece=left.piece.argmin(left["rank"]))


def tells(row: Seen) -> bool:
    """Whether buyers surely saw it more often than others, and there are enough to say so."""
    return row.low > 0 and row.buyers.n >= ENOUGH and row.others.n >= ENOUGH


def _met(engine: Engine, cohort: "ibis.Table", of: str, outcome: str) -> "ibis.Table":
    """What who bought met before they did, and what the others met."""
    found = met_by(engine, cohort, of)
    return found.filter(before(found, outcome))


def _open(people: "ibis.Table", outcome: str) -> "ibis.BooleanValue":
    return people.customer.isnull() & people.ended.isnull() & people[outcome].isnull()


def _still(cohort: "ibis.Table", outcome: str) -> "ibis.Table":
    return cohort.filter(_open(cohort, outcome))
