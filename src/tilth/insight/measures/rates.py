"""What share of leads becomes an MQL, an SQL or a customer within a horizon, and how far to believe it (B3).

Grain        one row a cut
Denominator  everybody who became a lead in the period, from then on for as long as they are watched
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from tilth.core.pooling import Pooled, effective, pool
from tilth.core.rates import ENOUGH
from tilth.core.survival import LOST, OPEN, STILL, WON, Incidence, course, incidence
from tilth.insight.engine import Engine

from .cohort import bare, in_days, newest

if TYPE_CHECKING:
    import ibis
    from numpy.typing import NDArray

HITS = 5  # fewer who got there say too little of a share
POINTS = 91  # of a course, about


class Found(NamedTuple):
    """What is known of one cut.

    seen    its own share by the horizon, also where it rests on too little
    pooled  what to believe of it, given all the others
    lacks   how many leads more before either may be shown
    """

    cut: str
    seen: Incidence
    pooled: Pooled
    lacks: int


class Rates(NamedTuple):
    """cuts      what is known of each
    together  of everybody
    courses   of each cut, how its own share grows day by day, see `course`
    """

    cuts: list[Found]
    together: Incidence
    courses: dict[str, list[Incidence]]


def rates(engine: Engine, cohort: "ibis.Table", to: str, horizon: float, until: datetime) -> Rates:
    """What became of a cohort, cut by cut.

    to       mql, sql or customer
    horizon  days since they became a lead
    """
    table = engine.run(cases(cohort, to, until).select("cut", "days", "ended"))
    courses = {cut: grown(days, ended, horizon) for cut, (days, ended) in by_cut(table, "days", "ended")}
    days, ended = (table[name].to_numpy() for name in ("days", "ended"))
    found = pooled({cut: course[-1] for cut, course in courses.items()})
    return Rates(found, incidence(days, ended, horizon, enough=0), {cut: watched(c) for cut, c in courses.items()})


def grown(days: "NDArray[np.float64]", ended: "NDArray[np.int64]", horizon: float) -> list[Incidence]:
    """The share on the way to the horizon, and there: after every day, or after so many that there are POINTS."""
    step = ceil(horizon / POINTS)
    return course(days, ended, [*range(0, int(horizon), step), horizon], enough=0)


def watched(course: list[Incidence]) -> list[Incidence]:
    """A course as far as it can be told: STILL leads are watched, or nobody is open who may still change it."""
    return list(takewhile(lambda one: one.watched >= STILL or not one.open, course))


def pooled(groups: dict[str, Incidence]) -> list[Found]:
    """What the shares of all groups say of each."""
    if not groups:
        return []
    worth = [effective(one.share or 0.0, one.variance, one.decided) for one in groups.values()]
    believed = pool([hits for hits, _cases in worth], [cases for _hits, cases in worth])
    return [Found(cut, one, p, lacks(one, p.share)) for (cut, one), p in zip(groups.items(), believed, strict=True)]


def lacks(seen: Incidence, share: float) -> int:
    """How many leads more before a share may be shown; those that HITS asks for come at the share that is believed."""
    hits = ceil((HITS - seen.hits) / max(share, 0.001))
    return max(ENOUGH - seen.n, min(STILL, ENOUGH) - seen.decided, hits, 0)


def cases(cohort: "ibis.Table", to: str, until: datetime) -> "ibis.Table":
    """Each lead as a case: cut, person, lead_at, days until they were decided or are watched, and `ended` as core.survival says.

    Who bought without becoming what is asked for will not become it: that competes, as being lost does.
    """
    some = watched_leads(cohort, until)
    return some.select("cut", "person", "lead_at", "offer", **fate(some, to, until))


def watched_leads(cohort: "ibis.Table", until: datetime) -> "ibis.Table":
    """Of whom anything can be known by a moment."""
    import ibis

    return cohort.filter(cohort.lead_at <= ibis.literal(bare(until)))


def fate(some: "ibis.Table", to: str, until: datetime) -> dict[str, "ibis.Value"]:
    """The columns `days` and `ended` of `cases`."""
    import ibis

    now = ibis.literal(bare(until))
    there, gone = some[to], ibis.coalesce(some.ended, some.customer)
    won, lost = there.notnull() & (there <= now), gone.notnull() & (gone <= now)
    days = in_days(some.lead_at, ibis.cases((won, there), (lost, gone), else_=now))
    return {
        "days": ibis.greatest(days.cast("float64"), 0.0),
        "ended": ibis.cases((won, WON), (lost, LOST), else_=OPEN).cast("int64"),
    }


def by_cut(table: pa.Table, *names: str) -> "Iterator[tuple[str, list[NDArray[Any]]]]":
    """Columns of each cut's leads."""
    cut = table["cut"].combine_chunks().dictionary_encode()
    place = cut.indices.to_numpy()
    order = np.argsort(place, kind="stable")
    columns = [table[name].to_numpy()[order] for name in names]
    counts = np.bincount(place, minlength=len(cut.dictionary))
    for name, end, n in zip(cut.dictionary.to_pylist(), np.cumsum(counts).tolist(), counts.tolist(), strict=True):
        yield name, [column[end - n : end] for column in columns]


def behind(engine: Engine, cohort: "ibis.Table", to: str, horizon: float, until: datetime, which: str) -> list[int]:
    """Who are the leads, who got there, or who is unfinished; the newest lead first."""
    some = cases(cohort, to, until)
    got_there, still = (some.ended == WON) & (some.days <= horizon), (some.ended == OPEN) & (some.days < horizon)
    some = {"leads": some, "reached": some.filter(got_there), "unfinished": some.filter(still)}[which]
    return newest(engine, some)
