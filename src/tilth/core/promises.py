"""What both teams owe each other, by when, and which event settles it. Never an edited status (B4).

Sales owes each lead a first contact, a verdict, a follow-up, and to be heard of again and again; the reviewer a second look
at what was returned; marketing a delivery of leads each week. When these fall due follows from the agreement, the handoff
and the calendar of who owes; whether they were kept, from what happened.
Source: docs/algorithms/promises.md
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .clock import DAY, Calendar, calendar_of, days_later, due, elapsed, next_moment, passed_before, years_around
from .terms import Terms
from .week import Week, calendar

SHORTEST_WEEK = timedelta(days=5)
A_YEAR = 366
USUAL = Week()
NO_DAYS: frozenset[date] = frozenset()


@dataclass(frozen=True, order=True)
class Event:
    """Something that happened, and the row that proves it: "touch 81", "return 3"."""

    at: datetime
    evidence: str


@dataclass(frozen=True)
class Settled:
    """How a promise ended. `quantity` is what was delivered of what was promised, `value` what that is worth.

    `void`: it lost its object before it was due, so it is neither kept nor broken.
    """

    at: datetime
    evidence: str
    kept: bool
    quantity: int = 1
    good: int | None = None
    void: bool = False
    value: int | None = None


def own_calendar(terms: Terms, at: datetime, away: frozenset[date] = NO_DAYS, week: Week = USUAL) -> Calendar:
    """By which somebody's promises are measured that are made at a moment: their own zone, hours and holidays.

    away       days on which they are absent, as known at that moment
    returns    the agreement's calendar for who would not work on any day of the next year: nothing can fall due then
    """
    house = calendar_of(terms, years_around(at))
    if week == USUAL:
        return house.without(away)
    own, today = calendar(week, terms, years_around(at)).without(away), house.day_of(at)
    return own if any(own.opens_on(today + n * DAY) for n in range(A_YEAR)) else house


def first_contact_due(
    terms: Terms, at: datetime, level: int, away: frozenset[date] = NO_DAYS, week: Week = USUAL
) -> datetime:
    """By when sales owes a lead of this interest level its first call, mail or meeting.

    at         when it was handed off
    away       days on which its owner is absent, as known at that moment
    week       how its owner works
    returns    in UTC: the agreed working hours later
    """
    hours = timedelta(hours=terms.sales.first_contact_hours[level])
    return due(at, hours, own_calendar(terms, at, away, week))


def verdict_due(
    terms: Terms, at: datetime, level: int, away: frozenset[date] = NO_DAYS, week: Week = USUAL
) -> datetime:
    """By when sales owes its verdict: the first agreed moment after the first contact is due.

    So nobody owes a verdict on a lead that they need not even have called yet: a lead that comes late in
    the week is judged in the next one.
    """
    called = first_contact_due(terms, at, level, away, week)
    return next_moment(called, terms.sales.qualify_by, own_calendar(terms, at, away, week))


def moved_verdict_due(
    terms: Terms, at: datetime, promised: datetime, away: frozenset[date] = NO_DAYS, week: Week = USUAL
) -> datetime:
    """By when a verdict is owed of a lead that marketing delivered late: sales has the working time that was agreed.

    at         when it was handed off
    promised   by when marketing had promised it
    returns    so much working time after `at` as lies between `promised` and the agreed moment after it
    """
    own = own_calendar(terms, promised, away, week)
    return due(at, elapsed(promised, next_moment(promised, terms.sales.qualify_by, own), own), own)


def follow_up_due(terms: Terms, at: datetime, away: frozenset[date] = NO_DAYS, week: Week = USUAL) -> datetime:
    """By when sales owes a lead the floor of its follow-up: the agreed working days later."""
    return days_later(at, terms.sales.within_days, own_calendar(terms, at, away, week))


def status_due(terms: Terms, heard: datetime, away: frozenset[date] = NO_DAYS, week: Week = USUAL) -> datetime:
    """By when something is to be heard of an accepted lead again, so that it does not go stale (R44)."""
    return days_later(heard, terms.sales.stale_after_days, own_calendar(terms, heard, away, week))


def review_due(terms: Terms, at: datetime, away: frozenset[date] = NO_DAYS, week: Week = USUAL) -> datetime | None:
    """By when the reviewer owes a returned lead a second look (R46); None where the agreement speaks of none."""
    if "review" not in terms.document["sla"]:
        return None
    return due(at, timedelta(hours=terms.review.within_hours), own_calendar(terms, at, away, week))


def delivery_due(terms: Terms, since: datetime, new: bool) -> datetime:
    """By when marketing owes the leads of the week that began at `since`.

    new        the first week under these terms: no shorter than five days, or it is due a week later
    """
    start = since + SHORTEST_WEEK if new else since
    return next_moment(start, terms.marketing.by, calendar_of(terms, years_around(since)))


def first_contact(since: datetime, due: datetime, contacts: Iterable[Event], ended: Event | None) -> Settled | None:
    """How the promise of a first contact stands; None while it is open.

    contacts   calls, mails and meetings that sales had with the person, ever
    ended      how the handoff ended; what happened afterwards was no part of it
    """
    told = [c for c in contacts if since <= c.at and (ended is None or c.at <= ended.at)]
    if told:
        first = min(told)
        return Settled(first.at, first.evidence, kept=first.at <= due)
    return without_object(ended, due) if ended else None


def verdict(due: datetime, verdicts: Iterable[Event], gone: Event | None = None) -> Settled | None:
    """How the promise of a verdict stands: the first qualification, return, hand-back or deal gives it.

    gone       from when on nobody owes one: the lead is somebody whom another owner has, or was erased
    """
    if first := min(verdicts, default=None):
        return Settled(first.at, first.evidence, kept=first.at <= due)
    return without_object(gone, due) if gone else None


def without_object(ended: Event, due: datetime) -> Settled:
    """A promise whose lead went away: void in time, broken when it was late already."""
    return Settled(ended.at, ended.evidence, kept=False, quantity=0, void=ended.at <= due)


@dataclass(frozen=True)
class Silence:
    """A time in which something had to be heard of a lead, and how that ended; None while it is open."""

    since: datetime
    due: datetime
    settled: Settled | None


def silences(
    since: datetime,
    heard: Sequence[Event],
    ended: Event | None,
    now: datetime,
    due_after: Callable[[datetime], datetime],
    void: bool = False,
) -> list[Silence]:
    """The promise to keep a lead's status current (R44), one after the other: each begins where sales was heard of last.

    since      when the lead was accepted
    heard      what sales did about it since, ascending
    ended      how the handoff ended; with `void` it lost its object, else that was heard, too
    due_after  by when something must be heard after a moment; later than that moment
    """
    out: list[Silence] = []
    heard = [e for e in heard if e.at > since and (ended is None or e.at <= ended.at)]
    while True:
        due, began = due_after(since), since
        if ended and ended.at <= due:
            return [*out, Silence(began, due, Settled(ended.at, ended.evidence, not void, void=void))]
        heard = [e for e in heard if e.at > since]
        in_time = [e for e in heard if e.at <= due]
        if due > now:
            return [*out, Silence(began, due, None)]
        if not in_time and not heard:
            settled = without_object(ended, due) if ended else None
            return [*out, Silence(began, due, settled)]
        last = in_time[-1] if in_time else heard[0]
        out.append(Silence(began, due, Settled(last.at, last.evidence, kept=bool(in_time))))
        since = last.at


def review(due: datetime, reviewed: Event | None) -> Settled | None:
    """How the promise of a second look stands: the reviewer's decision meets it."""
    return Settled(reviewed.at, reviewed.evidence, kept=reviewed.at <= due) if reviewed else None


def delivery(
    terms: Terms, due: datetime, promised: int, delivered: int, good: int, worth: int = 0, came_to: int = 0
) -> Settled:
    """How a week's delivery ended: so many leads, worth so much, of which the agreed share of good fit.

    promised, worth   how many leads, and what they should be worth in minor units; 0 asks for nothing
    came_to           what they were worth
    """
    enough = delivered >= promised and came_to >= worth
    kept = enough and good >= round(terms.marketing.good_fit * delivered, 9)
    return Settled(due, f"{delivered} handoffs", kept, delivered, good, value=came_to if worth else None)


def too_late_since(terms: Terms, now: datetime) -> datetime:
    """Whoever is ripe since before this moment and was not handed off is an alarm (R31): so many working hours ago."""
    hours = timedelta(hours=terms.ripeness.alarm_hours)
    return passed_before(now, hours, calendar_of(terms, years_around(now)))
