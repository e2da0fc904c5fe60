"""Working time: when a promise falls due, and how much of its time is left.

A working day is written in wall time, and time passes in UTC. Each opening and closing hour is
therefore turned into an instant first, and only instants are added and subtracted: a working hour
lasts sixty minutes on every day of the year. Source: docs/algorithms/response-clock.md
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .holiday import public_holidays
from .terms import Moment, Terms

NONE = timedelta(0)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
PATIENCE = 750  # days without an open hour after which we say that there is none

Hours = tuple[tuple[tuple[time, time], ...], ...]


class NoOpenHours(ValueError):
    """The calendar never opens, so nothing can fall due. The message says where it was looked."""


@dataclass(frozen=True)
class Calendar:
    """When people work: hours in wall time per weekday (Monday first), except on closed days.

    Hours of one day are in order and do not overlap.
    """

    zone: ZoneInfo
    hours: Hours
    closed: frozenset[date] = frozenset()

    def opens_on(self, day: date) -> bool:
        return bool(self.hours[day.weekday()]) and day not in self.closed

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def without(self, days: frozenset[date]) -> "Calendar":
        """The calendar of somebody who is away on these days."""
        return replace(self, closed=self.closed | days) if days else self


def calendar_of(terms: Terms, years: Iterable[int]) -> Calendar:
    """The working calendar of an agreement: its week, the holidays of its place, its own closing and open days.

    An open day wins over everything: many Dutch offices work on Good Friday, which the list calls a holiday.

    years      the years whose holidays matter; see `years_around`
    raises     holiday.UnknownPlace
    """
    closed = terms.closing_days, terms.open_days
    return _calendar(terms.zone, terms.hours, terms.country, terms.region, *closed, tuple(years))


@lru_cache(maxsize=64)
def _calendar(
    zone: ZoneInfo,
    hours: Hours,
    country: str,
    region: str,
    closing: frozenset[date],
    opening: frozenset[date],
    years: tuple[int, ...],
) -> Calendar:
    return Calendar(zone, hours, (public_holidays(country, region, years) | closing) - opening)


def years_around(*moments: datetime) -> range:
    """The years of these moments, one before and two after: enough for any promise made then."""
    years = [moment.year for moment in moments]
    return range(min(years) - 1, max(years) + 3)


def due(since: datetime, working_time: timedelta, calendar: Calendar) -> datetime:
    """When a promise that was made at `since` falls due.

    working_time   zero or more
    returns        the first instant, in UTC, at which so much working time has passed since
    raises         NoOpenHours
    Source: docs/algorithms/response-clock.md
    """
    since = since.astimezone(UTC)
    if working_time <= NONE:
        return since
    left_over = working_time
    for opens, closes in _spans_from(since, calendar):
        if left_over <= closes - opens:
            return opens + left_over
        left_over -= closes - opens
    raise AssertionError("_spans_from never ends")


def passed_before(now: datetime, working_time: timedelta, calendar: Calendar) -> datetime:
    """What began before this moment has lasted longer than so much working time; the other side of `due`.

    working_time   zero or more
    returns        in UTC, not after `now`: after a closed night or weekend the moment at which it began
    raises         NoOpenHours
    """
    now = now.astimezone(UTC)
    left_over = working_time
    for opens, closes in _spans_until(now, calendar):
        if left_over < closes - opens:
            return closes - left_over
        left_over -= closes - opens
    raise AssertionError("_spans_until never ends")


def elapsed(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """How much working time lies between two moments; zero when `end` is not after `start`."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    total, day, last = NONE, calendar.day_of(start), calendar.day_of(end)
    while day <= last:
        for opens, closes in spans(day, calendar):
            total += max(min(closes, end) - max(opens, start), NONE)
        day += DAY
    return total


def left(now: datetime, due: datetime, calendar: Calendar) -> timedelta:
    """Working time until a promise falls due; below zero by how much working time it is late."""
    return elapsed(now, due, calendar) - elapsed(due, now, calendar)


def next_moment(since: datetime, moment: Moment, calendar: Calendar) -> datetime:
    """The first agreed moment of the week ("wednesday 17:00") after `since`, in UTC.

    On a closed day it moves to the same time of the next open day, as deadlines in European law do
    (Regulation 1182/71, article 3): nobody is asked to be early for a holiday.
    raises         NoOpenHours
    """
    return next(found for found in _moments(since, moment, calendar) if found > since)


def last_moment(until: datetime, moment: Moment, calendar: Calendar) -> datetime:
    """The last agreed moment of the week at or before `until`; the other side of `next_moment`."""
    found = None
    for later in _moments(until, moment, calendar):
        if later > until and found is not None:
            return found
        found = later
    raise AssertionError("_moments never ends")


def days_later(since: datetime, days: int, calendar: Calendar) -> datetime:
    """The same time of day so many open days later, in UTC; earlier, when `days` is below zero."""
    local = since.astimezone(calendar.zone)
    day, step = local.date(), DAY if days > 0 else -DAY
    for _ in range(abs(days)):
        day = _open_day(day + step, calendar, step)
    return instant(day, local.time().replace(fold=0), calendar.zone) if days else since.astimezone(UTC)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first instant at which the clocks of a zone show this time of this day, or a later one.

    When clocks go back, that is the first of the two; when they go forward over it, it is the change.
    """
    wall = datetime.combine(day, at)
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    return _change(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), found, zone)


def week_begins(day: date) -> date:
    """The first day of the week in which a day lies."""
    return day - day.weekday() * DAY


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant between two others at which the offset of a zone changes, to the second."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _spans_from(since: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Open spans from a moment on, without end; the first is what is left of a running one."""
    day = calendar.day_of(since)
    while True:
        for opens, closes in spans(day, calendar):
            if closes > since:
                yield max(opens, since), closes
        day = _open_day(day + DAY, calendar, DAY)


def _spans_until(now: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Open spans going back from a moment, without end; the first is what has passed of a running one."""
    day = calendar.day_of(now)
    while True:
        for opens, closes in reversed(spans(day, calendar)):
            if opens < now:
                yield opens, min(closes, now)
        day = _open_day(day - DAY, calendar, -DAY)


@lru_cache(maxsize=8192)
def spans(day: date, calendar: Calendar) -> tuple[tuple[datetime, datetime], ...]:
    """The open spans of a day as instants in UTC, in order."""
    if not calendar.opens_on(day):
        return ()
    return tuple(
        (instant(day, opens, calendar.zone), instant(day, closes, calendar.zone))
        for opens, closes in calendar.hours[day.weekday()]
    )


def _moments(around: datetime, moment: Moment, calendar: Calendar) -> Iterator[datetime]:
    """An agreed moment week after week, moved off closed days, from one before `around` on."""
    day = calendar.day_of(around)
    day -= timedelta(days=(day.weekday() - moment.weekday) % 7)
    while _moved(day, moment, calendar) > around:
        day -= WEEK
    while True:
        yield _moved(day, moment, calendar)
        day += WEEK


def _moved(day: date, moment: Moment, calendar: Calendar) -> datetime:
    return instant(_open_day(day, calendar, DAY), moment.at, calendar.zone)


def _open_day(day: date, calendar: Calendar, step: timedelta) -> date:
    """This day if it is open, else the next one that is, going by `step`."""
    first = day
    for _ in range(PATIENCE):
        if calendar.opens_on(day):
            return day
        day += step
    raise NoOpenHours(f"No open hour within {PATIENCE} days from {first}. Check the working week and the closing days.")
