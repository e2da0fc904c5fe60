"""What our own history says for a plan (R5): of each conversion point its rates, deals and delays, and what its open leads will still bring.

Grain        one row a conversion point
Denominator  everybody who became a lead by it in the period, from then on for as long as they are watched
Source: docs/algorithms/inputs.md
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from tilth.core.rates import ENOUGH
from tilth.core.survival import LOST, OPEN, WON, Curve, Incidence, curve, incidence
from tilth.insight.engine import Engine

from .rates import by_cut, fate, watched_leads
from .value import Worth, bought, worth_of

if TYPE_CHECKING:
    import ibis
    from numpy.typing import NDArray

WEEKS = 104  # of delay that are looked at
WEEK = 7
MONTHS = 24
FEW = 10  # sales, below which a point takes its deals and delays from all
NEWEST = 300  # deals whose amounts are kept
QUARTERS = (0.25, 0.5, 0.75)


class Found(NamedTuple):
    """What is known of one cut.

    sql      the share that becomes an SQL; `worth` says which share buys, and what that brings
    delay    share of its sales 0, 1, 2, … weeks after the lead came; adds up to 1, or empty when nobody bought
    days     from lead to sale, of a quarter, half and three quarters of the sales
    values   of its newest deals, minor units
    open     leads that are neither won nor lost
    coming   sales that are expected of them in each week from now on
    """

    cut: str
    sql: Incidence
    worth: Worth
    delay: list[float]
    days: tuple[float, ...]
    values: list[int]
    open: int
    coming: list[float]


def inputs(
    engine: Engine, cohort: "ibis.Table", horizon: float, until: datetime, currency: str
) -> tuple[list[Found], Found]:
    """Each cut, and everybody together."""
    table = engine.run(_cases(engine, cohort, horizon, until, currency))
    names = ("days", "ended", "sql_days", "sql_ended", "revenue", "closed")
    rows = [_found(cut, columns, horizon) for cut, columns in by_cut(table, *names)]
    return sorted(rows, key=lambda row: row.cut), _found("", [table[name].to_numpy() for name in names], horizon)


def _cases(engine: Engine, cohort: "ibis.Table", horizon: float, until: datetime, currency: str) -> "ibis.Table":
    """Each lead with how its way to the sale and to the SQL ended, and with what they bought, when they last did."""
    some = watched_leads(cohort, until)
    sql = {f"sql_{name}": column for name, column in fate(some, "sql", until).items()}
    every = some.select("person", "cut", **fate(some, "customer", until), **sql)
    every = every.left_join(bought(engine, horizon, currency), "person")
    return every.select(
        "cut", "days", "ended", "sql_days", "sql_ended", revenue=every.revenue.cast("float64"),
        closed=every.closed.epoch_seconds().cast("float64"),
    )  # fmt: skip


def _found(cut: str, columns: "list[NDArray[Any]]", horizon: float) -> Found:
    days, ended, sql_days, sql_ended, revenue, closed = columns
    there = np.flatnonzero(~np.isnan(revenue) & (ended == WON))
    newest = there[np.lexsort((revenue[there], -closed[there]))][:NEWEST]
    won, lost, ages = curve(days, ended, WON), curve(days, ended, LOST), days[ended == OPEN]
    return Found(
        cut, incidence(sql_days, sql_ended, horizon, enough=0), worth_of(cut, days, ended, revenue, horizon),
        delays(won), quarters(won), [int(v) for v in revenue[newest] if v > 0], len(ages), coming(ages, won, lost),
    )  # fmt: skip


def daily(found: Curve, until: int) -> "NDArray[np.float64]":
    """The share that came to an outcome by the end of day 0, 1, 2, …; flat where nobody is watched any more."""
    place = np.searchsorted(found.at, np.arange(until), side="right")
    return np.concatenate([[0.0], found.share])[place]


def delays(won: Curve) -> list[float]:
    """Share of the sales 0, 1, 2, … weeks after the lead; adds up to 1, or is empty when nobody bought."""
    share = daily(won, WEEKS * WEEK + 1)
    by_week = np.diff(share[::WEEK], prepend=0.0)
    by_week[1] += by_week[0]
    weeks = by_week[1:]
    total = float(weeks.sum())
    if total <= 0:
        return []
    return _trimmed(weeks / total)


def quarters(won: Curve) -> tuple[float, ...]:
    """Days from lead to sale of a quarter, half and three quarters of those sales that are known; empty without any."""
    if not len(won.at) or won.share[-1] <= 0:
        return ()
    return tuple(
        float(won.at[np.searchsorted(won.share, won.share[-1] * part - 1e-12)]) for part in QUARTERS
    )  # fmt: skip


def coming(ages: "NDArray[np.float64]", won: Curve, lost: Curve) -> list[float]:
    """Sales expected in each week from now on, of leads that have been open for so many days.

    Of a lead that is open after a days: (F(a + 7w + 7) - F(a + 7w)) / (1 - F(a) - L(a)), with F the share that has bought by a day and
    L that was lost.
    """
    if not len(ages):
        return []
    n = np.bincount(np.minimum(ages.astype(np.int64), WEEKS * WEEK))
    size = 2 * WEEKS * WEEK + WEEK + 1
    bought, gone = daily(won, size), daily(lost, size)
    at = np.flatnonzero(n)
    left = 1 - bought[at] - gone[at]
    weight = np.where(left > 1e-9, n[at] / np.maximum(left, 1e-9), 0.0)
    steps = at[:, None] + WEEK * np.arange(WEEKS + 1)[None, :]
    return _trimmed(weight @ np.diff(bought[steps], axis=1))


def _trimmed(weeks: "NDArray[np.float64]") -> list[float]:
    """Without the zeros at the end, rounded to what is worth keeping."""
    some = np.flatnonzero(weeks > 1e-9)
    return [round(float(week), 9) for week in weeks[: some[-1] + 1]] if len(some) else []


def season(months: Mapping[tuple[int, int], int]) -> list[float]:
    """Twelve weights by calendar month from leads by (year, month), of whole months.

    Of the last two years; empty when one of their months has fewer than ENOUGH leads, or lies before the first.
    """
    last = sorted(months)[-MONTHS:]
    if len(last) < MONTHS or (last[-1][0] - last[0][0]) * 12 + last[-1][1] - last[0][1] != MONTHS - 1:
        return []
    if min(months[one] for one in last) < ENOUGH:
        return []
    by: dict[int, list[int]] = {}
    for one in last:
        by.setdefault(one[1], []).append(months[one])
    means = [sum(by[month]) / len(by[month]) for month in range(1, 13)]
    whole = sum(means) / 12
    return [round(mean / whole, 4) for mean in means] if whole else []


def by_month(engine: Engine, zone: ZoneInfo, until: datetime) -> dict[tuple[int, int], int]:
    """Leads by (year, month) where the firm is; of the months that were over by a moment, from the first whole one on."""
    t = engine.tables()
    leads = t.people.filter(t.people.lead_at.notnull())
    by_hour = leads.group_by(hour=leads.lead_at.epoch_seconds() // 3600).agg(n=leads.count())
    rows = engine.run(by_hour).to_pylist()
    last, out = until.astimezone(zone), Counter[tuple[int, int]]()
    for row in rows:
        day = datetime.fromtimestamp(row["hour"] * 3600, zone)
        if (day.year, day.month) < (last.year, last.month):
            out[day.year, day.month] += row["n"]
    if out:
        del out[min(out)]  # it may have begun in the middle
    return dict(out)
