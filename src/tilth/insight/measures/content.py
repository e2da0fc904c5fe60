"""How good the leads are that each piece of content converted, and that it touched before something became of them (R54).

Grain        one row a piece. A lead counts with one piece as converted, and with every other that they met as touched
Denominator  of each share the piece's own leads of the cohort; of `returned` those of them who were handed off
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

from tilth.core.pooling import Pooled, pool
from tilth.core.rates import Rate, apart
from tilth.insight.engine import Engine

from .cohort import newest
from .pieces import before, met_by

if TYPE_CHECKING:
    import ibis

STEP = {
    "mql": "mql",
    "sql": "sql",
    "customer": "customer",
    "returned": "mql",
}  # before which a piece counts, by outcome
SUMS = ("n", "hits", "deals", "revenue", "squares")


@dataclass(frozen=True)
class Group:
    """The leads whom a piece converted, or whom it touched.

    rate           how many of them the outcome came to
    pooled         the same, told apart from other pieces only as far as all pieces allow
    deals          that they won in the agreement's currency, having met the piece before they first bought
    mean, spread   and standard deviation of their revenue, minor units; 0 where too few were won
    """

    rate: Rate
    pooled: Pooled
    deals: int
    mean: float
    spread: float


@dataclass(frozen=True)
class Quality:
    """One piece.

    converted, touched   whom it made a lead, and who else met it
    seen, unseen         who met it either way before the outcome, and who did not
    low, high            between which their difference lies
    reason               for which sales returned most of those who met it before they were handed off; "" when none
    """

    piece: str
    converted: Group
    touched: Group
    seen: Rate
    unseen: Rate
    low: float
    high: float
    reason: str


def qualities(engine: Engine, cohort: "ibis.Table", of: str, outcome: str, currency: str) -> tuple[list[Quality], Rate]:
    """Every piece that somebody met, and the rate of everybody.

    of        offers, pages or webinars
    outcome   mql, sql, customer or returned
    currency  deals in others do not count
    """
    people = engine.once(_people(engine, cohort, outcome, currency))
    (all_of,) = engine.run(people.agg(n=people.may.sum(), hits=(people.may & people.hit).sum())).to_pylist()
    every = Rate(all_of["hits"] or 0, all_of["n"] or 0)
    sums: dict[tuple[str, bool], dict[str, float]] = defaultdict(lambda: dict.fromkeys(SUMS, 0))
    reasons: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in engine.run(_counted(engine, people, of, outcome)).to_pylist():
        for name in SUMS:
            sums[row["piece"], row["converted"]][name] += row[name] or 0
        reasons[row["piece"]][row["reason"] or ""] += row["back"] or 0
    pieces = sorted(reasons)
    converted, touched = (_groups([sums[piece, way] for piece in pieces]) for way in (True, False))
    found = zip(pieces, converted, touched, strict=True)
    return [_quality(piece, one, other, every, reasons[piece]) for piece, one, other in found], every


def behind(engine: Engine, cohort: "ibis.Table", of: str, outcome: str, piece: str, converted: bool) -> list[int]:
    """Whom a piece converted, or touched, the newest lead first."""
    found = met_by(engine, _people(engine, cohort, outcome, ""), of)
    some = found.filter(found.may, before(found, STEP[outcome]), found.piece == piece, found.converted == converted)
    return newest(engine, some)


def foreign(engine: Engine, cohort: "ibis.Table", currency: str) -> int:
    """How many deals these people won in other currencies."""
    deals = engine.tables().deals
    some = deals.filter(deals.won, deals.currency != currency).inner_join(cohort.select("person"), "person")
    return int(engine.run(some.agg(n=some.count()))["n"][0].as_py())


def _people(engine: Engine, cohort: "ibis.Table", outcome: str, currency: str) -> "ibis.Table":
    """The cohort with why they were last returned, what they bought, whether the outcome `may` come, and whether it is a `hit`."""
    t = engine.tables()
    returned = t.outcomes.filter(t.outcomes.kind == "returned")
    back = returned.group_by("person").agg(reason=returned.reason.argmax(returned.at))
    won = t.deals.filter(t.deals.won, t.deals.currency == currency, t.deals.revenue.notnull())
    revenue = won.revenue.cast("float64")
    bought = won.group_by("person").agg(deals=won.count(), revenue=revenue.sum(), squares=(revenue * revenue).sum())
    every = cohort.left_join(back, "person").drop("person_right").left_join(bought, "person").drop("person_right")
    if outcome == "returned":
        return every.mutate(may=every.mql.notnull(), hit=every.reason.notnull())
    return every.mutate(may=True, hit=every[outcome].notnull())


def _counted(engine: Engine, people: "ibis.Table", of: str, outcome: str) -> "ibis.Table":
    """Of each piece, way and reason: how many, how many hits, how many returned, and what was bought."""
    found = met_by(engine, people, of)
    counts, bought = found.may & before(found, STEP[outcome]), before(found, "customer")
    sums: dict[str, Any] = {name: found[name].sum(where=bought) for name in ("deals", "revenue", "squares")}
    sums |= {"n": counts.sum(), "hits": (counts & found.hit).sum()}
    back = found.mql.notnull() & before(found, "mql") & found.reason.notnull()
    return found.group_by("piece", "converted", "reason").agg(**sums, back=back.sum())


def _groups(sums: Iterable[dict[str, float]]) -> list[Group]:
    """A group of each piece; their rates are pooled."""
    rows = list(sums)
    pooled = pool([row["hits"] for row in rows], [row["n"] for row in rows]) if rows else []
    return [_group(row, one) for row, one in zip(rows, pooled, strict=True)]


def _group(row: dict[str, float], pooled: Pooled) -> Group:
    deals = int(row["deals"])
    mean = row["revenue"] / deals if deals else 0.0
    variance = (row["squares"] - deals * mean * mean) / (deals - 1) if deals > 1 else 0.0
    return Group(Rate(int(row["hits"]), int(row["n"])), pooled, deals, mean, sqrt(max(variance, 0.0)))


def _quality(piece: str, converted: Group, touched: Group, every: Rate, reasons: dict[str, int]) -> Quality:
    seen = Rate(converted.rate.hits + touched.rate.hits, converted.rate.n + touched.rate.n)
    unseen = Rate(every.hits - seen.hits, every.n - seen.n)
    most = max(sorted(reasons), key=lambda reason: reasons[reason])
    return Quality(
        piece, converted, touched, seen, unseen, *apart(seen, unseen), most if reasons[most] else ""
    )  # fmt: skip
