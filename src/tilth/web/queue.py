"""A seller's queue: who is held, in the order in which waiting costs most, with what a row shows.

However many leads a seller holds, `queue` asks a fixed number of questions: it orders by figures alone
and reads in full only the rows that it shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet

from tilth.core.clock import calendar_of, left, years_around
from tilth.core.handoff import Priority, priority
from tilth.core.promises import stale_since
from tilth.core.terms import Terms
from tilth.deals.models import Deal
from tilth.handoff.models import Handoff, Holding
from tilth.people.models import Person
from tilth.promises.models import Obligation
from tilth.team.models import Member
from tilth.touches.models import of_sales

SHOWN = 20
SOON = timedelta(hours=4)  # of working time
ASKED_FOR = timedelta(minutes=10)  # so long a call that was just logged asks how it went


class Owed(NamedTuple):
    """An open obligation, as far as a queue needs it."""

    kind: str
    since: datetime
    due_at: datetime


Due = dict[int, Owed]


@dataclass
class Contacts:
    """What sales did with a person since the handoff; `last` is the newest."""

    calls: int = 0
    mails: int = 0
    last: dict[str, Any] | None = None

    def add(self, pk: int, kind: str, at: datetime, by: int | None, outcome: str) -> None:
        self.calls += kind == "call"
        self.mails += kind == "mail"
        self.last = {"pk": pk, "kind": kind, "at": at, "by": by, "outcome": outcome}


@dataclass
class Lead:
    """A lead that somebody holds, as a row or a page shows it. Accepted, qualified: the row, or None."""

    holding: Holding
    place: Priority
    due: Owed | None
    now: datetime
    contacts: Contacts = field(default_factory=Contacts)
    deal: Deal | None = None

    @property
    def key(self) -> str:
        return str(self.holding.pk)

    @property
    def person(self) -> Person:
        return self.holding.person

    @property
    def handoff(self) -> Handoff:
        return self.holding.handoff

    @property
    def terms(self) -> Terms:
        return self.handoff.version.terms

    @property
    def accepted(self) -> Any:
        return getattr(self.handoff, "the_acceptance", None)

    @property
    def qualified(self) -> Any:
        return getattr(self.handoff, "the_qualified", None)

    @cached_property
    def left(self) -> timedelta:
        """Working time until it is due; below zero when it is late."""
        assert self.due is not None
        due = self.due.due_at
        return left(self.now, due, calendar_of(self.terms, years_around(self.due.since, due, self.now)))

    @property
    def state(self) -> str:
        """late, soon or nothing special: how the row looks."""
        if self.due is None:
            return ""
        return "late" if self.due.due_at < self.now else "soon" if self.left < SOON else ""

    @property
    def quiet_since(self) -> datetime | None:
        """When sales was last heard of, if that is longer ago than agreed for an accepted lead (R44)."""
        if not self.accepted:
            return None
        steps = [
            self.accepted.at,
            self.qualified and self.qualified.at,
            self.contacts.last and self.contacts.last["at"],
        ]
        heard = max(filter(None, steps))
        return heard if heard < stale_since(self.terms, self.now) else None

    @property
    def asks(self) -> int | None:
        """The owner's call of which nobody said yet how it went, while it is fresh."""
        last = self.contacts.last
        if not last or last["kind"] != "call" or last["outcome"] or last["by"] != self.holding.owner_id:
            return None
        return last["pk"] if self.now - last["at"] < ASKED_FOR else None

    @property
    def most_calls(self) -> int:
        return self.terms.sales.calls[1]

    @property
    def most_mails(self) -> int:
        return self.terms.sales.mails[1]

    @property
    def why(self) -> list[dict[str, Any]]:
        """What they did that counted most, at most two; `last` as a moment."""
        acts = sorted(self.handoff.why.get("interest", []), key=lambda w: -w["points"])[:2]
        return [
            {**w, "last": datetime.fromisoformat(w["last"]) if w["last"] else None} for w in acts if w["points"] > 0
        ]


@dataclass(frozen=True)
class Neighbours:
    """Where a lead is in its owner's queue: the `place`-th of `count`, and who comes after it."""

    place: int
    count: int
    next: Person | None


def queue(member: Member, now: datetime, fades_hours: float) -> tuple[list[Lead], int]:
    """The first `SHOWN` leads of a member in order, and how many there are in all."""
    due = _due(Obligation.objects.filter(handoff__holding__owner=member, handoff__holding__open_deals=0))
    places = _places(_waiting(member), due, now, fades_hours)
    return _leads(places[:SHOWN], due, now), len(places)


def held(person: int, now: datetime, fades_hours: float) -> Lead | None:
    """What whoever has this person has to do now; None when nobody has."""
    due = _due(Obligation.objects.filter(handoff__holding__person=person))
    places = _places(Holding.objects.filter(person=person), due, now, fades_hours)
    lead = next(iter(_leads(places, due, now)), None)
    if lead is not None:
        lead.deal = Deal.objects.filter(person=person, won=None, lost=None).order_by("id").first()
    return lead


def count(member: Member) -> int:
    return _waiting(member).count()


def neighbours(member: Member, person: int, now: datetime, fades_hours: float) -> Neighbours | None:
    """None when this person does not wait in the member's queue."""
    due = _due(Obligation.objects.filter(handoff__holding__owner=member, handoff__holding__open_deals=0))
    order = [p.id for p in _places(_waiting(member), due, now, fades_hours)]
    if person not in order:
        return None
    place = order.index(person)
    after = Person.objects.filter(pk=order[place + 1]).first() if place + 1 < len(order) else None
    return Neighbours(place + 1, len(order), after)


def _waiting(member: Member) -> QuerySet[Holding]:
    """Held, and nothing for sale yet: who is in an open deal waits among the deals."""
    return Holding.objects.filter(owner=member, open_deals=0)


def _due(obligations: QuerySet[Obligation]) -> Due:
    """Handoff to its open obligation that is due first."""
    out: Due = {}
    rows = obligations.filter(open=True, handoff__isnull=False).order_by("-due_at", "-id")
    for handoff, kind, since, due_at in rows.values_list("handoff", "kind", "since", "due_at"):
        out[handoff] = Owed(kind, since, due_at)
    return out


def _places(holdings: QuerySet[Holding], due: Due, now: datetime, fades_hours: float) -> list[Priority]:
    """Everyone in order, by figures alone."""
    rows = holdings.values_list("person", "handoff", "handoff__value", "handoff__at")
    places = []
    for person, handoff, value, at in rows:
        first = due.get(handoff)
        places.append(priority(person, value, at, first.due_at if first else None, now, fades_hours))
    return sorted(places)


def _leads(places: Sequence[Priority], due: Due, now: datetime) -> list[Lead]:
    """These rows in full, in their order."""
    ids = [p.id for p in places]
    rows = (
        Holding.objects.select_related(
            "owner", "person__company", "handoff__version", "handoff__the_acceptance", "handoff__the_qualified"
        )
        .defer("handoff__version__document")
        .in_bulk(ids)
    )
    since = {pk: row.handoff.at for pk, row in rows.items()}
    contacts = _contacts(since)
    return [Lead(rows[p.id], p, due.get(rows[p.id].handoff_id), now, contacts[p.id]) for p in places if p.id in rows]


def _contacts(since: dict[int, datetime]) -> dict[int, Contacts]:
    """Person to what sales did with them since their handoff."""
    out = {person: Contacts() for person in since}
    if not since:
        return out
    touches = of_sales(list(since), min(since.values())).values_list(
        "pk", "person", "kind", "at", "member", "properties"
    )
    for pk, person, kind, at, by, said in touches:
        if at >= since[person]:
            out[person].add(pk, kind, at, by, said.get("outcome", ""))
    return out
