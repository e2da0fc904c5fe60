"""How one person works: own hours, zone and holidays, how much of the week goes to new leads, since when and until when.

What somebody does not say is as the agreement says. Source: docs/algorithms/routing.md
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .clock import Calendar, Hours, NoOpenHours, calendar_of, due
from .holiday import public_holidays
from .terms import DAYS, Terms

MOMENT = timedelta(seconds=1)
DAY = timedelta(days=1)
WEEK_DAYS = 7


@dataclass(frozen=True)
class Week:
    """What is different for one person. None and empty mean: as in the agreement.

    room         hours a week for new leads, in a full week, once they know the job
    begins       from this day on they learn the job, for `ramp_weeks` weeks
    last_day     after it they get no leads, and what they have goes to others
    """

    zone: ZoneInfo | None = None
    hours: Hours | None = None
    country: str = ""
    region: str = ""
    room: float | None = None
    skills: frozenset[str] = frozenset()
    begins: date | None = None
    ramp_weeks: int = 0
    last_day: date | None = None


def calendar(week: Week, terms: Terms, years: Iterable[int]) -> Calendar:
    """When this person works. The agreement's closing days and open days are theirs too.

    raises     holiday.UnknownPlace
    """
    years = tuple(years)
    house = calendar_of(terms, years)
    closed = house.closed
    if week.country:
        holidays = public_holidays(week.country, week.region, years)
        closed = (holidays | terms.closing_days) - terms.open_days
    return Calendar(week.zone or house.zone, week.hours or house.hours, closed)


def working_day(now: datetime, house: Calendar) -> date:
    """The day on which work that comes now begins: today while the house has open hours left, else its next open day."""
    try:
        return house.day_of(due(now, MOMENT, house))
    except NoOpenHours:
        return house.day_of(now)


def learned(week: Week, day: date) -> float:
    """How much of the job somebody knows, 0..1: in the k-th of n weeks of ramp-up, k/n; afterwards all."""
    if week.begins is None or not week.ramp_weeks:
        return 1.0
    done = (day - week.begins).days // WEEK_DAYS + 1
    return min(max(done, 0) / week.ramp_weeks, 1.0)


def share(week: Week, terms: Terms, full: float, day: date) -> float:
    """How much of a full turn somebody gets on a day: part-time times what they know of the job.

    full       the most hours for new leads that anybody has; 0 when nobody said
    returns    0..1; part-time is their room against `full` when they said it, else their hours against the agreement's
    """
    return part(week, terms, full) * learned(week, day)


def part(week: Week, terms: Terms, full: float) -> float:
    if week.room is not None:
        return week.room / full if full else 0.0
    if week.hours is None:
        return 1.0
    return min(weekly(week.hours) / weekly(terms.hours), 1.0)


def room_in(week: Week, terms: Terms, monday: date, away: frozenset[date]) -> float | None:
    """Hours for new leads in the week of a Monday: less for days off, holidays, absence and who still learns.

    away       days on which they are absent
    returns    None when nobody said how many hours a full week has
    """
    if week.room is None:
        return None
    days = [monday + n * DAY for n in range(WEEK_DAYS)]
    own = calendar(week, terms, range(monday.year - 1, monday.year + 2)).without(away)
    there = [d for d in days if own.opens_on(d) and (week.last_day is None or d <= week.last_day)]
    worked = sum(_length(own.hours, d.weekday()) for d in there)
    return week.room * worked / weekly(own.hours) * learned(week, monday)


def hours(stated: Mapping[str, Iterable[str]]) -> Hours:
    """The hours of a week from {"monday": ["09:00-13:00", "14:00-17:00"]}; a day that is not there is closed.

    raises     ValueError, with the day: no hours, or not in order
    """
    return tuple(_spans(day, stated.get(day, ())) for day in DAYS)


def _spans(day: str, stated: Iterable[str]) -> tuple[tuple[time, time], ...]:
    out: list[tuple[time, time]] = []
    for span in stated:
        try:
            opens, closes = map(time.fromisoformat, span.split("-"))
        except ValueError as e:
            raise ValueError(day) from e
        if opens >= closes or (out and opens < out[-1][1]):
            raise ValueError(day)
        out.append((opens, closes))
    return tuple(out)


def weekly(hours: Hours) -> float:
    """The hours of a week, in wall time."""
    return sum(_length(hours, n) for n in range(WEEK_DAYS))


def worked(own: Calendar, first: date, last: date) -> float:
    """The open hours of somebody's own calendar from a day to another, both included; none when the last comes first."""
    days = (first + n * DAY for n in range((last - first).days + 1))
    return sum(_length(own.hours, day.weekday()) for day in days if own.opens_on(day))


def _length(hours: Hours, weekday: int) -> float:
    minutes = sum(60 * (closes.hour - opens.hour) + closes.minute - opens.minute for opens, closes in hours[weekday])
    return minutes / 60
