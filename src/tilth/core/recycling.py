"""When a lead that came back from sales may go there again: what must happen, how long it rests, how often (R47).

Source: docs/algorithms/recycling.md
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .terms import Terms

NEWS, DATE, EVENT = "news", "date", "event"
ROUNDS = "rounds"


@dataclass(frozen=True)
class End:
    """How a way through sales ended, and what must happen before the lead comes back: one of NEWS, DATE, EVENT.

    wake_on   the day of DATE; with the others, a day before which nothing brings it back
    """

    at: datetime
    comes_back: str = NEWS
    wake_on: date | None = None


@dataclass(frozen=True)
class Since:
    """What happened since the end: the newest touch that counted, the event that was named, and a raised hand."""

    counted_at: datetime | None = None
    event_at: datetime | None = None
    raised_hand: bool = False


@dataclass(frozen=True)
class Rest:
    """Why it is left alone: NEWS, or ROUNDS when it is through its rounds; `until` None: until something happens."""

    why: str
    until: datetime | None = None


def rests(terms: Terms, end: End, since: Since, rounds: int, now: datetime) -> Rest | None:
    """Why and until when a lead stays with marketing; None when it may go to sales again.

    A raised hand goes at once, whatever was agreed: who asks is answered.

    rounds    how often it has been through sales, this end included
    Source: docs/algorithms/recycling.md
    """
    rules = terms.recycling
    if since.raised_hand:
        return None
    if is_through(terms, rounds):
        return Rest(ROUNDS)
    if not _is_met(end, since):
        return Rest(NEWS)
    begins = end.at + timedelta(days=rules.rest_days)
    if end.wake_on is not None:
        begins = max(begins, datetime.combine(end.wake_on, time(), terms.zone))
    return Rest(NEWS, begins) if begins > now else None


def is_through(terms: Terms, rounds: int) -> bool:
    """Whether so many ways through sales were all that were agreed."""
    return bool(terms.recycling.rounds) and rounds >= terms.recycling.rounds


def _is_met(end: End, since: Since) -> bool:
    """Whether what must happen has happened; a day comes by itself."""
    if end.comes_back == DATE and end.wake_on is not None:
        return True
    at = since.event_at if end.comes_back == EVENT else since.counted_at
    return at is not None and at > end.at
