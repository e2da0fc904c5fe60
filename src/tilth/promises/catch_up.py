"""Keeping the ledger of promises: what a handoff makes sales owe, what a week makes marketing owe, which events
settled it, and what is done about what is nearly due or broken.

Reads   Handoff and what happened to it, touches, deals, the journal, agreement versions
Writes  Obligation, Settlement, Breach, Alert, Bookmark
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from tilth.handoff.models import Acceptance, Handoff

from . import deliveries, looking, reading
from .models import Bookmark, Obligation, Settlement
from .owing import owed
from .settling import settle

BATCH = 500
HANDOFFS, ACCEPTED = "handoffs", "accepted"  # the bookmarks of those that sales owes something for
OVERLAP = 500  # handoffs that two workers may store out of order


def catch_up(now: datetime, person: int | None = None) -> int:
    """Owe, settle and reopen what the newest facts say; returns how many obligations changed.

    person   only what concerns this one; else at most BATCH new handoffs and one page of each list
    """
    if person is not None:
        changed = _owe(_owing_nothing().filter(person=person), now) + settle([person], now)
        return changed + looking.catch_up(now, person)
    marks = Bookmark.objects.in_bulk()
    pages = reading.read(now, marks)  # before obligations are made, so that no event falls between
    taken = deliveries.catch_up(now)  # before those of their leads, which a late one moves
    taken += _owe_new(marks.get(HANDOFFS), now) + _accepted(marks.get(ACCEPTED), now)
    people = sorted(frozenset().union(*(page.people for page in pages)))
    for start in range(0, len(people), BATCH):
        taken += settle(people[start : start + BATCH], now)
    reading.mark(pages, now)
    return taken + sum(page.more for page in pages) + looking.catch_up(now)


def rebuild(now: datetime) -> int:
    """Work out anew how every promise ended; returns how many there are.

    Promises themselves are facts: a due moment stays as it was made, whatever became of the calendar since.
    """
    with transaction.atomic():
        Settlement.objects.all().delete()
        Obligation.objects.update(open=True)
        Bookmark.objects.filter(of__in=(HANDOFFS, ACCEPTED)).delete()
        for people in _everybody():
            settle(people, now)
        while catch_up(now):
            pass
    return Obligation.objects.count()


def _everybody() -> Iterator[list[int]]:
    """Who was ever handed off, in portions."""
    last = 0
    people = Handoff.objects.order_by("person_id").values_list("person_id", flat=True).distinct()
    while portion := list(people.filter(person_id__gt=last)[:BATCH]):
        yield portion
        last = portion[-1]


def _owing_nothing() -> QuerySet[Handoff]:
    return Handoff.objects.filter(obligations=None).select_related("version").defer("version__document").order_by("pk")


def _owe_new(mark: Bookmark | None, now: datetime) -> int:
    """What sales owes for the next handoffs by ascending id, and a few before them; how far they were read is remembered.

    A page may have looked at a newer handoff already: that says nothing of those before it.
    """
    marked = mark.last if mark else 0
    newest = Handoff.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    new = list(_owing_nothing().filter(pk__gt=marked - OVERLAP)[:BATCH])
    taken = _owe(new, now)
    if (last := new[-1].pk if len(new) == BATCH else newest) > marked:
        Bookmark.objects.update_or_create(of=HANDOFFS, defaults={"last": last, "at": now})
    return taken


def _accepted(mark: Bookmark | None, now: datetime) -> int:
    """What is owed for the next accepted leads, however that was told; most are in the journal and known already."""
    marked = mark.last if mark else 0
    new = list(Acceptance.objects.filter(pk__gt=marked).order_by("pk").values_list("pk", "handoff__person")[:BATCH])
    if not new:
        return 0
    changed = settle({person for _pk, person in new}, now)
    Bookmark.objects.update_or_create(of=ACCEPTED, defaults={"last": new[-1][0], "at": now})
    return changed + (len(new) == BATCH)


def _owe(handoffs: Iterable[Handoff], now: datetime) -> int:
    """What sales owes for these handoffs, under the version of each; settled at once if it happened already."""
    rows = owed(list(handoffs))
    if rows:
        with transaction.atomic():
            Obligation.objects.bulk_create(rows, ignore_conflicts=True)
            settle({row.handoff.person_id for row in rows if row.handoff}, now)
    return len(rows)
