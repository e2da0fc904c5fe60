"""A seller's queue: who is held, late promises first and then by what waiting costs, with what a row shows.

However many leads a seller holds, `queue` asks a fixed number of questions and reads only the rows that it shows: their order
is stored (`Holding.rank`), and a page goes on after the key of the last row of the page before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from tilth.core.clock import left
from tilth.core.handoff import cost_at
from tilth.core.terms import Terms
from tilth.deals.models import Deal
from tilth.handoff import joined
from tilth.handoff.models import Handoff, Holding, Joining
from tilth.people.models import Person
from tilth.promises.calendars import Calendars, calendars
from tilth.promises.ledger import stale
from tilth.promises.models import Obligation
from tilth.team.models import Member
from tilth.touches.models import of_sales

SHOWN = 20
HIGHEST = 1e300  # than any rank
SOON = timedelta(hours=4)  # of working time
A_WHILE = timedelta(days=60)  # so far back days off count for how late something is
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
    """A lead that somebody holds, as a row or a page shows it. Accepted, qualified: the row, or None.

    quiet_since   when sales was last heard of, if that is longer ago than agreed (R44)
    """

    holding: Holding
    due: Owed | None
    now: datetime
    contacts: Contacts = field(default_factory=Contacts)
    deal: Deal | None = None
    clocks: Calendars = field(default_factory=lambda: Calendars({}, {}))
    joinings: Sequence[Joining] = ()
    quiet_since: datetime | None = None

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
    def cost(self) -> float:
        """What another hour of waiting costs, in minor units."""
        hours = self.holding.fades_hours
        return cost_at(self.holding.rank, self.now, hours) if hours else 0.0

    @cached_property
    def left(self) -> timedelta:
        """Working time of its owner until it is due; below zero when it is late."""
        assert self.due is not None
        due = self.due.due_at
        own = self.clocks.long(self.holding.owner_id, self.terms, (self.due.since, due, self.now))
        return left(self.now, due, own)

    @property
    def state(self) -> str:
        """late, soon or nothing special: how the row looks."""
        if self.due is None:
            return ""
        return "late" if self.due.due_at < self.now else "soon" if self.left < SOON else ""

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


class Place(NamedTuple):
    """A place in a queue: the key of a row, as of a moment. As an address it says where the next page begins.

    The moment decides what is late, so on the pages that follow nobody is shown twice or left out because time went by.
    """

    as_of: datetime
    late: bool
    rank: float
    person: int

    def __str__(self) -> str:
        return f"{self.as_of.timestamp()!r}_{int(self.late)}_{self.rank!r}_{self.person}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """None when it is not the address of a place."""
        try:
            as_of, late, rank, person = text.split("_")
            return cls(datetime.fromtimestamp(float(as_of), UTC), late == "1", float(rank), int(person[:18]))
        except (ValueError, OverflowError, OSError):
            return None


@dataclass(frozen=True)
class Page:
    """Some leads of a queue in order; `more` is the place of the last when others follow."""

    leads: list[Lead]
    more: Place | None


@dataclass(frozen=True)
class Neighbours:
    """Where a lead is in its owner's queue: the `place`-th of `count`, and who comes after it."""

    place: int
    count: int
    next: Person | None


def queue(member: Member, now: datetime, after: Place | None = None) -> Page:
    """The first `SHOWN` leads of a member in order, or those after a place."""
    rows = _from(member, after or _front(now), SHOWN + 1)
    shown = rows[:SHOWN]
    last = shown[-1][0] if len(rows) > SHOWN else None
    return Page(_leads([holding for _place, holding in shown], now), last)


def held(person: int, now: datetime) -> Lead | None:
    """What whoever has this person has to do now; None when nobody has."""
    rows = Holding.objects.filter(person=person).select_related("handoff__owner")
    lead = next(iter(_leads(_in_full(rows), now)), None)
    if lead is not None:
        lead.deal = Deal.objects.filter(person=person, won=None, lost=None).order_by("id").first()
    return lead


def shown(holdings: QuerySet[Holding], now: datetime) -> list[Lead]:
    """These leads as rows show them, in their order."""
    return _leads(_in_full(holdings), now)


def count(member: Member) -> int:
    return _waiting(member).count()


def neighbours(member: Member, person: int, now: datetime) -> Neighbours | None:
    """None when this person does not wait in the member's queue."""
    holding = _waiting(member).filter(person=person).first()
    if holding is None:
        return None
    late = _late(member, now)
    place = Place(now, late.filter(person=person).exists(), holding.rank, person)
    late_before = late.filter(_before(place)).count()
    in_time_before = _waiting(member).filter(_before(place)).count() - late_before
    before = late_before if place.late else late.count() + in_time_before
    after = _from(member, place, 1)
    return Neighbours(before + 1, count(member), after[0][1].person if after else None)


def _front(now: datetime) -> Place:
    return Place(now, late=True, rank=HIGHEST, person=0)


def _from(member: Member, place: Place, most: int) -> list[tuple[Place, Holding]]:
    """The next rows after a place, each with its own: what is late, then what is in time.

    The keys are found first and alone: whoever joins before sorting, joins everything that a seller holds.
    """
    late, keys = _late(member, place.as_of), []
    if place.late:
        keys += _keys(late.filter(_after(place)), place.as_of, late=True, most=most)
    if len(keys) < most:
        in_time = _waiting(member).exclude(handoff__in=late.values("handoff"))
        rest = in_time if place.late else in_time.filter(_after(place))
        keys += _keys(rest, place.as_of, late=False, most=most - len(keys))
    rows = _in_full(Holding.objects.all()).in_bulk([key.person for key in keys])
    return [(key, rows[key.person]) for key in keys if key.person in rows]


def _keys(rows: QuerySet[Holding], as_of: datetime, late: bool, most: int) -> list[Place]:
    in_order = rows.order_by("-rank", "-person").values_list("rank", "person")[:most]
    return [Place(as_of, late, rank, person) for rank, person in in_order]


def _after(place: Place) -> Q:
    return Q(rank__lte=place.rank) & (Q(rank__lt=place.rank) | Q(person__lt=place.person))


def _before(place: Place) -> Q:
    return Q(rank__gte=place.rank) & (Q(rank__gt=place.rank) | Q(person__gt=place.person))


def _waiting(member: Member) -> QuerySet[Holding]:
    """Held, and nothing for sale yet: who is in an open deal waits among the deals."""
    return Holding.objects.filter(owner=member, open_deals=0)


def _late(member: Member, as_of: datetime) -> QuerySet[Holding]:
    owed = Obligation.objects.filter(member=member, open=True, due_at__lt=as_of, handoff__isnull=False)
    owed = owed.exclude(kind=Obligation.Kind.STATUS)
    return _waiting(member).filter(handoff__in=owed.values("handoff"))


def _in_full(holdings: QuerySet[Holding]) -> QuerySet[Holding]:
    return holdings.select_related(
        "owner", "person__company", "handoff__version", "handoff__the_acceptance", "handoff__the_qualified"
    ).defer("handoff__version__document")


def _due(handoffs: Iterable[int], now: datetime) -> tuple[Due, dict[int, datetime]]:
    """Handoff to its open obligation that is due first; and, told apart, to when sales was last heard of if it has gone quiet."""
    out: Due = {}
    quiet: dict[int, datetime] = {}
    ids = list(handoffs)
    told = ~Q(kind=Obligation.Kind.STATUS) | Q(pk__in=stale(now).filter(handoff__in=ids).values("pk"))
    rows = Obligation.objects.filter(told, open=True, handoff__in=ids).order_by("-due_at", "-id")
    for handoff, kind, since, due_at in rows.values_list("handoff", "kind", "since", "due_at"):
        if kind == Obligation.Kind.STATUS:
            quiet[handoff] = since
        else:
            out[handoff] = Owed(kind, since, due_at)
    return out, quiet


def _leads(holdings: Iterable[Holding], now: datetime) -> list[Lead]:
    """What is shown of these."""
    rows = list(holdings)
    due, quiet = _due((row.handoff_id for row in rows), now)
    contacts = _contacts({row.pk: row.handoff.at for row in rows})
    clocks = calendars((row.owner_id for row in rows), (now - A_WHILE, now))
    beside = joined.into(row.handoff_id for row in rows)
    return [
        Lead(
            row, due.get(row.handoff_id), now, contacts[row.pk], clocks=clocks,
            joinings=beside.get(row.handoff_id, ()), quiet_since=quiet.get(row.handoff_id),
        )
        for row in rows
    ]  # fmt: skip


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
