"""A seller's queue: who is held, in the order in which waiting costs most, with what a row shows.

However many leads a seller holds, `queue` asks a fixed number of questions: it orders by figures alone
and reads in full only the rows that it shows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from tilth.core.agreement import Terms
from tilth.core.handoff import Priority, priority
from tilth.deals.models import Deal
from tilth.handoff.models import Handoff, Holding
from tilth.people.models import Person
from tilth.promises.models import Obligation
from tilth.team.models import Member
from tilth.touches.models import of_sales

SHOWN = 25
SOON = timedelta(hours=8)
Due = dict[int, Obligation]


@dataclass
class Contacts:
    """What sales did with a person since the handoff; `last` is the newest."""

    calls: int = 0
    mails: int = 0
    last: dict[str, Any] | None = None

    def add(self, pk: int, kind: str, at: datetime, outcome: str) -> None:
        self.calls += kind == "call"
        self.mails += kind == "mail"
        self.last = {"pk": pk, "kind": kind, "at": at, "outcome": outcome}


@dataclass
class Lead:
    """A lead that somebody holds, as a row or a page shows it. Accepted, qualified: the row, or None."""

    holding: Holding
    place: Priority
    due: Obligation | None
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

    @property
    def state(self) -> str:
        """late, soon or nothing special: how the row looks."""
        if self.due is None:
            return ""
        return "late" if self.due.due_at < self.now else "soon" if self.due.due_at - self.now < SOON else ""

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


def queue(member: Member, now: datetime, fades_hours: float) -> tuple[list[Lead], int]:
    """The first `SHOWN` leads of a member in order, and how many there are in all."""
    due = _due(Obligation.objects.filter(open=True, handoff__holding__owner=member))
    places = _places(_waiting(member), due, now, fades_hours)
    return _leads(places[:SHOWN], due, now), len(places)


def held(person: int, now: datetime, fades_hours: float) -> Lead | None:
    """What whoever has this person has to do now; None when nobody has."""
    due = _due(Obligation.objects.filter(open=True, handoff__holding__person=person))
    places = _places(Holding.objects.filter(person=person), due, now, fades_hours)
    return next(iter(_leads(places, due, now)), None)


def count(member: Member) -> int:
    return _waiting(member).count()


def _waiting(member: Member) -> QuerySet[Holding]:
    """Held, and nothing for sale yet: who is in an open deal waits among the deals."""
    return Holding.objects.filter(owner=member, open_deals=0)


def _due(obligations: Iterable[Obligation]) -> Due:
    """Handoff to the open obligation that is due first."""
    out: Due = {}
    for row in obligations:
        if row.handoff_id is not None and (row.handoff_id not in out or row.due_at < out[row.handoff_id].due_at):
            out[row.handoff_id] = row
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
    contacts, deals = _contacts(since), _deals(ids)
    return [
        Lead(rows[p.id], p, due.get(rows[p.id].handoff_id), now, contacts[p.id], deals.get(p.id))
        for p in places
        if p.id in rows
    ]


def _contacts(since: dict[int, datetime]) -> dict[int, Contacts]:
    """Person to what sales did with them since their handoff."""
    out = {person: Contacts() for person in since}
    if not since:
        return out
    touches = of_sales(list(since), min(since.values())).values_list("pk", "person", "kind", "at", "properties")
    for pk, person, kind, at, said in touches:
        if at >= since[person]:
            out[person].add(pk, kind, at, said.get("outcome", ""))
    return out


def _deals(people: list[int]) -> dict[int, Deal]:
    """Person to their oldest open deal."""
    open_ones = Deal.objects.filter(person__in=people, won=None, lost=None).order_by("-id")
    return {deal.person_id: deal for deal in open_ones if deal.person_id}
