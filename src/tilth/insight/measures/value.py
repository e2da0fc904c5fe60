"""What a lead is worth (R9): the chance of a sale within a horizon, times what a sale brings, as far as sales can work the leads.

Grain        one row a cut
Denominator  everybody who became a lead in the period, from then on for as long as they are watched
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import exp, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tilth.core.rates import LEVEL, quantile
from tilth.core.survival import WON, Incidence, curve, incidence
from tilth.core.terms import Terms
from tilth.insight.engine import Engine
from tilth.insight.period import Period

from .cohort import bare, in_days
from .rates import by_cut, cases, lacks

if TYPE_CHECKING:
    import ibis
    from numpy.typing import NDArray

WEEK = timedelta(days=7)
TAKEN_UP = ("accepted", "sql", "returned", "won", "lost")


class Worth(NamedTuple):
    """What is known of one cut; amounts in minor units.

    seen         the chance of a sale
    revenue      of its sales within the horizon, as recorded
    unpriced     how many of those who bought have no amount in the currency; each counts as the others' mean
    value        of a lead, with its interval; None where no sale has an amount
    lacks        how many leads more before it may be shown
    """

    cut: str
    seen: Incidence
    revenue: int
    unpriced: int
    value: float | None
    low: float
    high: float
    lacks: int

    @property
    def sale(self) -> float | None:
        """What a sale brings: the value of a lead is the chance of a sale times this."""
        return self.value / self.seen.share if self.value is not None and self.seen.share else None


class Room(NamedTuple):
    """How many leads sales can work in the period, and how that is known: asked, agreed, recorded; or nobody knows."""

    leads: float | None
    why: str


def values(
    engine: Engine, cohort: "ibis.Table", horizon: float, until: datetime, currency: str
) -> tuple[list[Worth], Worth]:
    """Each cut, and everybody together."""
    table = engine.run(_sold(engine, cohort, horizon, until, currency))
    groups = by_cut(table, "days", "ended", "revenue")
    rows = [worth_of(cut, days, ended, revenue, horizon) for cut, (days, ended, revenue) in groups]
    days, ended, revenue = (table[name].to_numpy() for name in ("days", "ended", "revenue"))
    return rows, worth_of("", days, ended, revenue, horizon)


def room(engine: Engine, period: Period, terms: Terms | None, until: datetime, asked: str = "") -> Room:
    """How many leads sales can work in as much of the period as is over.

    Asked for; or the hours that sales agreed to have, at the least that it agreed to invest in a lead; or as many as it
    took up in the period.
    """
    if asked.strip().isdecimal():
        return Room(float(asked), "asked")
    t, begins, ends = engine.tables(), bare(period.start), bare(period.end)
    if terms and terms.sales.room_hours and terms.sales.hours[0]:
        first = engine.run(t.people.lead_at.min().name("at").as_table())["at"][0].as_py()
        weeks = (min(ends, bare(until)) - max(begins, first or ends)) / WEEK
        return Room(max(weeks, 0.0) * terms.sales.room_hours / terms.sales.hours[0], "agreed")
    took = t.outcomes.filter(t.outcomes.kind.isin(TAKEN_UP), t.outcomes.at >= begins, t.outcomes.at < ends)
    n = engine.run(took.person.nunique().name("n").as_table())["n"][0].as_py()
    return Room(float(n), "recorded") if n else Room(None, "")


def worked(leads: int, value: float, room: float | None) -> float:
    """What so many leads are worth where sales can work no more than so many."""
    return value * (leads if room is None else min(leads, room))


def best(rows: Iterable[Worth], room: float | None) -> float:
    """What all leads are worth where sales works the most valuable first, and no more than it can."""
    total, left = 0.0, room
    for row in sorted((r for r in rows if r.value is not None and not r.lacks), key=lambda r: -(r.value or 0.0)):
        total += worked(row.seen.n, row.value or 0.0, left)
        left = None if left is None else max(left - row.seen.n, 0.0)
    return total


def _sold(engine: Engine, cohort: "ibis.Table", horizon: float, until: datetime, currency: str) -> "ibis.Table":
    """Each lead as a case of `rates.cases`, with what they bought within the horizon; null where no amount is known."""
    every = cases(cohort, "customer", until).left_join(bought(engine, horizon, currency), "person")
    return every.select("cut", "days", "ended", revenue=every.revenue.cast("float64"))


def bought(engine: Engine, horizon: float, currency: str) -> "ibis.Table":
    """What each person bought within the horizon, in a currency: person, revenue, and `closed`, when they last did."""
    t = engine.tables()
    priced = t.deals.filter(t.deals.won, t.deals.revenue.notnull(), t.deals.currency == currency)
    sold = t.people.select("person", "lead_at").inner_join(priced.select("person", "closed_at", "revenue"), "person")
    sold = sold.filter(in_days(sold.lead_at, sold.closed_at) <= horizon)
    return sold.group_by("person").agg(revenue=sold.revenue.sum(), closed=sold.closed_at.max())


def worth_of(
    cut: str, days: "NDArray[np.float64]", ended: "NDArray[np.int64]", revenue: "NDArray[np.float64]", horizon: float
) -> Worth:
    """The value is what a lead brings by the horizon: Aalen and Johansen's share, each hit with what it brought."""
    seen = incidence(days, ended, horizon, enough=0)
    hit = (ended == WON) & (days <= horizon)
    unpriced = hit & np.isnan(revenue)
    some, total = int(hit.sum() - unpriced.sum()), int(np.nansum(revenue[hit]))
    if not some:
        return Worth(cut, seen, total, int(unpriced.sum()), None, 0.0, 0.0, max(lacks(seen, seen.share or 0.0), 1))
    mean = curve(days, ended, worth=np.where(unpriced, total / some, np.where(hit, revenue, 0.0)))
    last = int(np.searchsorted(mean.at, horizon, side="right")) - 1
    value, spread = float(mean.share[last]), quantile(LEVEL) * sqrt(mean.variance[last])
    wide = exp(spread / value) if value else 1.0
    return Worth(
        cut, seen, total, int(unpriced.sum()), value, value / wide, value * wide, lacks(seen, seen.share or 0.0)
    )
