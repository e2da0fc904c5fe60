"""Care that goes on by itself: who meets a track's rule comes in, what is due is sent, and who answered is left alone.

Reads   Track, standings, consents, handoffs, touches, what became of mails
Writes  Enrolment, Mailing, Message, and a touch for each mail that went
Source: docs/algorithms/nurture.md
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from tilth.people.models import Person

from . import rules, sending
from .endings import end_all, over
from .models import Enrolment, Mailing

BATCH = 500
FOLLOWED = 50  # ways of these that end or get a mail in one call: no handoff waits long for it
LOOK = timedelta(hours=1)  # who is quiet is looked at so often; a page that changes something about them does at once
Ended = Enrolment.Ended


def catch_up(now: datetime, person: int | None = None) -> int:
    """One portion of each: what became of mails, who comes in, whose way is over, whose mail is due; returns how many."""
    if person is not None:
        running = Enrolment.objects.filter(person=person, ended_at=None)
        return _look(running.values_list("pk", flat=True), now)
    due = Enrolment.objects.filter(ended_at=None, look_at__lte=now).order_by("look_at", "pk")
    return sending.learn(now) + rules.catch_up(now) + _look(due.values_list("pk", flat=True)[:BATCH], now)


def _look(rows: Iterable[int], now: datetime) -> int:
    """Look at these ways: most are quiet, and are put off together."""
    ways = list(Enrolment.objects.filter(pk__in=list(rows)).select_related("track__edition"))
    if not ways:
        return 0
    ends = over(ways)
    waits = set(_under_way(ways).values_list("enrolment", flat=True))
    busy = [w.pk for w in ways if w.pk in ends or w.pk in waits or _is_due(w, now) or w.next_at is None]
    quiet = {w.pk for w in ways} - set(busy)
    for way in ways:
        way.look_at = _next_look(way, now)
    Enrolment.objects.bulk_update([w for w in ways if w.pk in quiet], ["look_at"], batch_size=200)
    return len(quiet) + sum(_follow(pk, now) for pk in busy[:FOLLOWED])


@transaction.atomic
def _follow(pk: int, now: datetime) -> int:
    """End one way, or send what is due on it. Both locked first, the person before the way, so that of two workers one finds it done."""
    list(Person.objects.select_for_update().filter(enrolments=pk))
    ways = Enrolment.objects.select_for_update(of=("self",)).select_related("track__edition", "track__sender")
    way = ways.filter(pk=pk, ended_at=None).first()
    if way is None:
        return 0
    if because := over([way]).get(pk):
        return end_all([pk], because, now)
    if way.track.runs and _is_due(way, now):
        sending.send(way, now)
    waits = _under_way([way]).exists()
    if way.next_at is None and not waits:
        return end_all([pk], Ended.DONE, now)
    way.look_at = now + sending.SOON if waits else _next_look(way, now)
    way.save(update_fields=["next_at", "look_at"])
    return 1


def _is_due(way: Enrolment, now: datetime) -> bool:
    return way.next_at is not None and way.next_at <= now


def _next_look(way: Enrolment, now: datetime) -> datetime:
    """When the next mail is due, or in an hour where that is sooner, or where it is due and the track rests."""
    due = way.next_at
    return min(due, now + LOOK) if due is not None and due > now else now + LOOK


def _under_way(ways: Iterable[Enrolment]) -> QuerySet[Mailing]:
    return Mailing.objects.filter(enrolment__in=[w.pk for w in ways], sent_at=None, stopped_at=None)
