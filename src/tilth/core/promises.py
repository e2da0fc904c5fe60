"""What both teams owe each other, by when, and which event settles it. Never an edited status (B4).

Sales owes each lead a first contact and a verdict; marketing owes a delivery of leads each week. When
these fall due follows from the agreement and the handoff; whether they were kept, from what happened.
Source: docs/algorithms/promises.md
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .clock import calendar_of, days_later, due, next_moment, passed_before, years_around
from .terms import Terms

SHORTEST_WEEK = timedelta(days=5)


@dataclass(frozen=True, order=True)
class Event:
    """Something that happened, and the row that proves it: "touch 81", "return 3"."""

    at: datetime
    evidence: str


@dataclass(frozen=True)
class Settled:
    """How a promise ended. `quantity` is what was delivered of what was promised.

    `void`: it lost its object before it was due, so it is neither kept nor broken.
    """

    at: datetime
    evidence: str
    kept: bool
    quantity: int = 1
    good: int | None = None
    void: bool = False


def first_contact_due(terms: Terms, at: datetime, level: int, away: frozenset[date] = frozenset()) -> datetime:
    """By when sales owes a lead of this interest level its first call, mail or meeting.

    at         when it was handed off
    away       days on which its owner is absent, as known at that moment
    returns    in UTC: the agreed working hours later
    """
    hours = timedelta(hours=terms.sales.first_contact_hours[level])
    return due(at, hours, calendar_of(terms, years_around(at)).without(away))


def verdict_due(terms: Terms, at: datetime, level: int, away: frozenset[date] = frozenset()) -> datetime:
    """By when sales owes its verdict: the first agreed moment after the first contact is due.

    So nobody owes a verdict on a lead that they need not even have called yet: a lead that comes late in
    the week is judged in the next one.
    """
    called = first_contact_due(terms, at, level, away)
    return next_moment(called, terms.sales.qualify_by, calendar_of(terms, years_around(at)).without(away))


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
    return _without_object(ended, due) if ended else None


def verdict(due: datetime, verdicts: Iterable[Event], gone: Event | None = None) -> Settled | None:
    """How the promise of a verdict stands: the first qualification, return, hand-back or deal gives it.

    gone       from when on nobody owes one: the lead is somebody whom another owner has, or was erased
    """
    if first := min(verdicts, default=None):
        return Settled(first.at, first.evidence, kept=first.at <= due)
    return _without_object(gone, due) if gone else None


def _without_object(ended: Event, due: datetime) -> Settled:
    """A promise whose lead went away: void in time, broken when it was late already."""
    return Settled(ended.at, ended.evidence, kept=False, quantity=0, void=ended.at <= due)


def delivery(terms: Terms, due: datetime, promised: int, delivered: int, good: int) -> Settled:
    """How a week's delivery ended: so many leads, of which the agreed share of good fit."""
    kept = delivered >= promised and good >= round(terms.marketing.good_fit * delivered, 9)
    return Settled(due, f"{delivered} handoffs", kept, delivered, good)


def stale_since(terms: Terms, now: datetime) -> datetime:
    """Whoever heard nothing since before this moment is stale (R44): so many open days ago."""
    return days_later(now, -terms.sales.stale_after_days, calendar_of(terms, years_around(now)))


def too_late_since(terms: Terms, now: datetime) -> datetime:
    """Whoever is ripe since before this moment and was not handed off is an alarm (R31): so many working hours ago."""
    hours = timedelta(hours=terms.ripeness.alarm_hours)
    return passed_before(now, hours, calendar_of(terms, years_around(now)))
