"""A stretch of whole days in the firm's own zone, and the usual ones that people ask for."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from tilth.core.clock import week_begins

DAY = timedelta(days=1)
FIRST, LAST = date(1970, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included. `start` and `end` are aware; `end` is not in it."""

    first: date
    last: date
    zone: ZoneInfo

    @cached_property
    def start(self) -> datetime:
        return datetime.combine(self.first, time.min, self.zone)

    @cached_property
    def end(self) -> datetime:
        return datetime.combine(self.last + DAY, time.min, self.zone)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def within(self, field: str) -> dict[str, datetime]:
        """The condition that an instant lies in this period, for a filter on `field`."""
        return {f"{field}__gte": self.start, f"{field}__lt": self.end}

    def passed(self, now: datetime) -> float:
        """How much of the period is over at a moment, a fraction 0..1 of its days."""
        return min(max((now - self.start) / (self.end - self.start), 0.0), 1.0)


def year(day: date, zone: ZoneInfo) -> Period:
    return Period(date(day.year, 1, 1), date(day.year, 12, 31), zone)


def quarter(day: date, zone: ZoneInfo) -> Period:
    first = quarter_of(day)
    return Period(first, quarter_of(first + 100 * DAY) - DAY, zone)


def month(day: date, zone: ZoneInfo) -> Period:
    """The month that a day lies in."""
    first = day.replace(day=1)
    return Period(first, (first + 31 * DAY).replace(day=1) - DAY, zone)


def twelve_months(day: date, zone: ZoneInfo) -> Period:
    """The last twelve months up to and including a day."""
    if (day.month, day.day) == (2, 29):
        return Period(date(day.year - 1, 3, 1), day, zone)
    return Period(day.replace(year=day.year - 1) + DAY, day, zone)


def week(day: date, zone: ZoneInfo) -> Period:
    first = week_begins(day)
    return Period(first, first + 6 * DAY, zone)


def named(word: str, day: date, zone: ZoneInfo) -> Period:
    """The period that a word means on a day: "12-months", "quarter", "year", "all", or two days as "2026-01-01..2026-03-31".

    raises   ValueError for a word that means none
    """
    if usual := USUAL.get(word):
        return usual(day, zone)
    first, _dots, last = word.partition("..")
    period = Period(date.fromisoformat(first), date.fromisoformat(last), zone)
    if not FIRST <= period.first <= period.last <= LAST:
        raise ValueError(f"{word} is no stretch of days.")
    return period


def quarter_of(day: date) -> date:
    """The first day of the quarter that a day lies in."""
    return date(day.year, day.month - (day.month - 1) % 3, 1)


USUAL = {
    "12-months": twelve_months,
    "quarter": quarter,
    "year": year,
    "all": lambda day, zone: Period(FIRST, day, zone),
}
