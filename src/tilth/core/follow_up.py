"""The follow-up standard of sales: so many calls, mails, documents and hours on a lead, and not one more (R43).

The floor is a promise to marketing, the ceiling one to the person: nobody is called for ever. Both end with the verdict.
Source: docs/algorithms/promises.md
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .promises import Event, Settled, without_object
from .terms import SalesPromise

MEASURES = ("calls", "mails", "documents", "hours")
ANSWERED = frozenset({"reached"})
MOST_MINUTES, MOST_DOCUMENTS = 24 * 60, 100  # of one contact; what is more was typed in wrongly


@dataclass(frozen=True, order=True)
class Contact(Event):
    """One contact that sales had with a person, and the row that proves it.

    kind       call, mail or meeting
    answered   they spoke to each other: enough for a verdict, so the floor asks for no more
    documents  sent with it
    """

    kind: str = "call"
    answered: bool = False
    documents: int = 0
    minutes: float = 0


@dataclass(frozen=True)
class Effort:
    """What was done for one lead."""

    calls: int = 0
    mails: int = 0
    documents: int = 0
    hours: float = 0

    def with_(self, contact: Contact) -> "Effort":
        """And this contact."""
        return Effort(
            self.calls + (contact.kind == "call"), self.mails + (contact.kind == "mail"),
            self.documents + contact.documents, self.hours + contact.minutes / 60,
        )  # fmt: skip


def contact(at: datetime, evidence: str, kind: str, said: Mapping[str, Any]) -> Contact:
    """A contact from what was recorded of it. A meeting is an answer by itself; a field that is no number counts nothing."""
    minutes = min(_figure(said.get("minutes")), MOST_MINUTES)
    documents = int(min(_figure(said.get("documents")), MOST_DOCUMENTS))
    answered = kind == "meeting" or str(said.get("outcome", "")) in ANSWERED
    return Contact(at, evidence, kind, answered, documents, minutes)


def effort(contacts: Iterable[Contact]) -> Effort:
    done = Effort()
    for one in contacts:
        done = done.with_(one)
    return done


def lacking(promise: SalesPromise, done: Effort) -> dict[str, float]:
    """What the floor still asks for: measure to how much; empty when it is met. Hours are a floor only where somebody counts them."""
    short = {name: getattr(promise, name)[0] - getattr(done, name) for name in MEASURES}
    if not done.hours:
        del short["hours"]
    return {name: amount for name, amount in short.items() if amount > 0}


def above(promise: SalesPromise, done: Effort) -> dict[str, float]:
    """What is more than the ceiling allows: measure to the most."""
    return {name: most for name in MEASURES if getattr(done, name) > (most := getattr(promise, name)[1])}


def one_too_many(promise: SalesPromise, done: Effort, more: Contact) -> tuple[str, float] | None:
    """The first measure that this contact would bring above its ceiling, and that; None when it may be.

    What is above already, by what other systems told, does not stop a contact of another kind.
    """
    after = done.with_(more)
    grown = (name for name in MEASURES if getattr(after, name) > getattr(done, name))
    return next(((name, most) for name in grown if getattr(after, name) > (most := getattr(promise, name)[1])), None)


def met(promise: SalesPromise, contacts: Iterable[Contact]) -> Contact | None:
    """The contact with which the follow-up was enough: an answer, or the last that the floor asked for; None before."""
    done = Effort()
    for one in sorted(contacts):
        done = done.with_(one)
        if one.answered or not lacking(promise, done):
            return one
    return None


def follow_up(
    promise: SalesPromise,
    since: datetime,
    due: datetime,
    contacts: Iterable[Contact],
    verdicts: Iterable[Event],
    ended: Event | None,
) -> Settled | None:
    """How the promise of a follow-up stands: met by its floor, by an answer or by a verdict, whichever came first.

    contacts   that sales had with the person, ever
    ended      how the handoff ended; what happened afterwards was no part of it
    """
    told = [c for c in contacts if since <= c.at and (ended is None or c.at <= ended.at)]
    events = [Event(e.at, e.evidence) for e in (met(promise, told), *verdicts) if e]
    if first := min(events, default=None):
        return Settled(first.at, first.evidence, kept=first.at <= due)
    return without_object(ended, due) if ended else None


def _figure(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        return 0
    return number if 0 < number < float("inf") else 0
