"""How far a plan is while it runs: lead value that came beside what had to, and how much of it can still be sold in time (R10, R11).

Source: docs/algorithms/plan.md
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate

from .plan import whole
from .planned import Planned
from .planning import ZERO, Way

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Room:
    """One week of sales: hours that its leads take by the plan, by those that came so far, and that there are; None: nobody said."""

    first: date
    planned: float
    came: float
    has: float | None


@dataclass(frozen=True)
class Pace:
    """Amounts in minor units.

    came      lead value of all leads that came; `due` had to by now
    in_time   of what came, as much as is sold before the period ends
    line      day to lead value that had come by its end, ascending
    leads     so many came
    rooms     of this week and the next
    """

    came: int
    due: int
    in_time: int
    line: tuple[tuple[date, float], ...]
    leads: int
    rooms: tuple[Room, ...]

    @property
    def gap(self) -> int:
        """Lead value that is missing; below zero when more came than had to."""
        return self.due - self.came


def pace(planned: Planned, arrived: Iterable[tuple[date, str, int]], today: date) -> Pace:
    """Where a plan stands.

    arrived   day, key of the conversion point, and how many leads came by it on that day, within the period
    """
    ways = {way.key: way for way in planned.sheet.ways}
    usual = planned.together.lead_value
    by_day: dict[date, Fraction] = defaultdict(Fraction)
    hours: dict[date, Fraction] = defaultdict(Fraction)
    leads, in_time = 0, ZERO
    for day, key, n in arrived:
        way = ways.get(key)
        value = n * (way.sale_rate * way.value.value if way else usual)
        by_day[day] += value
        hours[_monday(day)] += n * (way.hours.value if way else ZERO)
        in_time += value * Fraction(_sold(way, planned, day))
        leads += n
    days = sorted(by_day)
    line = tuple(zip(days, (float(v) for v in accumulate(by_day[day] for day in days)), strict=True))
    return Pace(
        whole(sum(by_day.values(), ZERO)), whole(Fraction(due_by(planned, today))), whole(in_time), line, leads,
        tuple(_room(planned, hours, day) for day in (today, today + WEEK)),
    )  # fmt: skip


def due_by(planned: Planned, day: date) -> float:
    """Lead value that has to have come by the end of a day: its weeks, and the running one by the days that are over."""
    total = 0.0
    for week, owed in zip(planned.weeks, planned.owed, strict=True):
        passed = min(max((day - week.first).days + 1, 0), week.days)
        total += owed.value * passed / week.days
    return total


def _sold(way: Way | None, planned: Planned, day: date) -> float:
    """Share of the sales of a lead of that day that come before the period ends."""
    delay = way.delay if way else planned.delay
    return min(sum(delay[: max((planned.sheet.last - day).days // 7, 0)]), 1.0)


def _room(planned: Planned, came: dict[date, Fraction], day: date) -> Room:
    monday = _monday(day)
    for week, needs in zip(planned.weeks, planned.needed, strict=True):
        if _monday(week.first) == monday:
            return Room(monday, float(needs), float(came[monday]), None if week.hours is None else float(week.hours))
    return Room(monday, 0.0, float(came[monday]), None)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
