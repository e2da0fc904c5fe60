"""What happened to handoffs, as events: contacts, verdicts, what else was heard of them, and how they ended."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q

from tilth.core.follow_up import Contact, contact
from tilth.core.promises import Event
from tilth.deals.models import Deal
from tilth.handoff.models import Acceptance, HandBack, Handoff, Merged, Qualified, Return, Review, Withdrawal
from tilth.journal.models import Entry
from tilth.people.models import Person
from tilth.touches.models import of_sales

AHEAD = timedelta(minutes=1)  # clocks of other systems may be so far ahead; what is later has not happened


@dataclass
class Course:
    """The course of one handoff. `contacts` are all that sales had with the person since it began.

    accepted   by its owner; `heard` is what colleagues did about the person since
    returned   with it a second look is owed, which is `reviewed`
    gone       it ended because its lead is somebody whom another owner has, was taken from its owner, or was erased, so
               no verdict is to come
    """

    contacts: list[Contact] = field(default_factory=list)
    verdicts: list[Event] = field(default_factory=list)
    accepted: Event | None = None
    heard: list[Event] = field(default_factory=list)
    returned: Event | None = None
    reviewed: Event | None = None
    ended: Event | None = None
    gone: Event | None = None


def courses(handoffs: Sequence[Handoff], now: datetime) -> dict[int, Course]:
    """Handoff to its course. Ten queries, however many there are."""
    out = {h.pk: Course() for h in handoffs}
    _contacts(out, handoffs, now)
    for row in Qualified.objects.filter(handoff__in=out):
        out[row.handoff_id].verdicts.append(Event(row.at, f"qualified {row.pk}"))
    for model, word in ((Return, "return"), (HandBack, "hand-back")):
        for end in model.objects.filter(handoff__in=out):
            event = Event(end.at, f"{word} {end.pk}")
            out[end.handoff_id].verdicts.append(event)
            out[end.handoff_id].ended = event
            if model is Return:
                out[end.handoff_id].returned = event
    for look in Review.objects.filter(returned__handoff__in=out).values_list("returned__handoff", "at", "pk"):
        out[look[0]].reviewed = Event(look[1], f"review {look[2]}")
    for over in Merged.objects.filter(handoff__in=out):
        out[over.handoff_id].gone = out[over.handoff_id].ended = Event(over.at, f"merged {over.pk}")
    for taken in Withdrawal.objects.filter(handoff__in=out):
        event = Event(taken.at, f"withdrawal {taken.pk}")
        out[taken.handoff_id].ended = event
        if taken.why == Withdrawal.Why.WORKED:  # to pass it on is to say that it is worth the time of who sells
            out[taken.handoff_id].verdicts.append(event)
        else:
            out[taken.handoff_id].gone = event
    _deals(out, handoffs)
    _erased(out, handoffs)
    _heard(out, handoffs)
    return out


def _contacts(out: dict[int, Course], handoffs: Sequence[Handoff], now: datetime) -> None:
    people = {h.person_id for h in handoffs}
    touches = of_sales(list(people), min(h.at for h in handoffs)).filter(at__lte=now + AHEAD)
    of = defaultdict(list)
    for pk, person, at, kind, said in touches.values_list("pk", "person_id", "at", "kind", "properties"):
        of[person].append(contact(at, f"touch {pk}", kind, said))
    for h in handoffs:
        out[h.pk].contacts = [event for event in of[h.person_id] if event.at >= h.at]


def _heard(out: dict[int, Course], handoffs: Sequence[Handoff]) -> None:
    """Of accepted leads: each contact, and any verb of a colleague about the person."""
    for handoff, at, pk in Acceptance.objects.filter(handoff__in=out).values_list("handoff", "at", "pk"):
        out[handoff].accepted = Event(at, f"acceptance {pk}")
    taken = [(h, accepted) for h in handoffs if (accepted := out[h.pk].accepted)]
    if not taken:
        return
    since = min(accepted.at for _h, accepted in taken)
    verbs = Entry.objects.filter(person_id__in={h.person_id for h, _ in taken}, at__gt=since, by_id__isnull=False)
    said = defaultdict(list)
    for person, at, pk in verbs.values_list("person_id", "at", "pk"):
        said[person].append(Event(at, f"entry {pk}"))
    for h, accepted in taken:
        events = [*said[h.person_id], *(Event(c.at, c.evidence) for c in out[h.pk].contacts)]
        out[h.pk].heard = sorted(e for e in events if e.at > accepted.at)


def _deals(out: dict[int, Course], handoffs: Sequence[Handoff]) -> None:
    """A deal is a verdict, and the last one that closes ends its handoff. One that came from elsewhere
    and names no handoff counts for the handoff of its person that ran at the time."""
    people = {h.person_id for h in handoffs}
    deals = list(
        Deal.objects.filter(Q(handoff__in=out) | Q(handoff=None, person__in=people)).select_related("won", "lost")
    )
    own, loose = defaultdict(list), defaultdict(list)
    for deal in deals:
        if deal.handoff_id in out:
            own[deal.handoff_id].append(deal)
        elif deal.person_id:
            loose[deal.person_id].append(deal)
    for h in handoffs:
        course = out[h.pk]
        closings = [_closing(deal) for deal in own[h.pk]]
        if course.ended is None and closings and None not in closings:
            course.ended = max(filter(None, closings))
        events = [*_events(own[h.pk]), *_events(loose[h.person_id])]
        end = course.ended
        course.verdicts += [e for e in events if e.at >= h.at and (end is None or e.at <= end.at)]


def _erased(out: dict[int, Course], handoffs: Sequence[Handoff]) -> None:
    """Where the person was erased before anything else ended the handoff, that ended it."""
    gone = Person.everyone.filter(pk__in={h.person_id for h in handoffs}).exclude(erased_at=None)
    when = dict(gone.values_list("pk", "erased_at"))
    for h in handoffs:
        if (at := when.get(h.person_id)) and out[h.pk].ended is None:
            out[h.pk].ended = out[h.pk].gone = Event(at, "erased")


def _events(deals: Iterable[Deal]) -> Iterable[Event]:
    for deal in deals:
        if deal.opened_at:
            yield Event(deal.opened_at, f"deal {deal.pk}")
        if closing := _closing(deal):
            yield closing


def _closing(deal: Deal) -> Event | None:
    for word in ("won", "lost"):
        if closed := getattr(deal, word, None):
            return Event(closed.at, f"{word} {closed.pk}")
    return None
