"""Keeping the ledger of promises: what a handoff makes sales owe, what a week makes marketing owe, and
which events settled it.

Reads   Handoff and what happened to it, touches, deals, the journal, agreement versions
Writes  Obligation, Settlement, Bookmark
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from tilth.core.promises import first_contact_due, verdict_due
from tilth.handoff.models import Handoff
from tilth.team.models import days_away

from . import deliveries, reading
from .models import Bookmark, Obligation, Settlement
from .settling import settle

BATCH = 500
HANDOFFS = "handoffs"  # the bookmark of those that sales owes something for
OVERLAP = 500  # handoffs that two workers may store out of order


def catch_up(now: datetime, person: int | None = None) -> int:
    """Owe, settle and reopen what the newest facts say; returns how many obligations changed.

    person   only what concerns this one; else at most BATCH new handoffs and one page of each list
    """
    if person is not None:
        return _owe(_owing_nothing().filter(person=person), now) + settle([person], now)
    pages = reading.read(now)  # before obligations are made, so that no event falls between
    taken = _owe_new(now)
    people = sorted(frozenset().union(*(page.people for page in pages)))
    for start in range(0, len(people), BATCH):
        taken += settle(people[start : start + BATCH], now)
    reading.mark(pages, now)
    return taken + sum(page.more for page in pages) + deliveries.catch_up(now)


def rebuild(now: datetime) -> int:
    """Work out anew how every promise ended; returns how many there are.

    Promises themselves are facts: a due moment stays as it was made, whatever became of the calendar since.
    """
    with transaction.atomic():
        Settlement.objects.all().delete()
        Obligation.objects.update(open=True)
        Bookmark.objects.filter(of=HANDOFFS).delete()
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


def _owe_new(now: datetime) -> int:
    """What sales owes for the next handoffs by ascending id, and a few before them; how far they were read is remembered.

    A page may have looked at a newer handoff already: that says nothing of those before it.
    """
    marked = Bookmark.objects.filter(of=HANDOFFS).values_list("last", flat=True).first() or 0
    newest = Handoff.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    new = list(_owing_nothing().filter(pk__gt=marked - OVERLAP)[:BATCH])
    taken = _owe(new, now)
    if (last := new[-1].pk if len(new) == BATCH else newest) > marked:
        Bookmark.objects.update_or_create(of=HANDOFFS, defaults={"last": last, "at": now})
    return taken


def _owe(handoffs: Iterable[Handoff], now: datetime) -> int:
    """What sales owes for these handoffs, under the version of each; settled at once if it happened already."""
    rows = _owed(list(handoffs))
    if rows:
        with transaction.atomic():
            Obligation.objects.bulk_create(rows, ignore_conflicts=True)
            settle({row.handoff.person_id for row in rows if row.handoff}, now)
    return len(rows)


def _owed(handoffs: list[Handoff]) -> list[Obligation]:
    """A first contact and a verdict each; days on which the owner is known to be away do not count."""
    if not handoffs:
        return []
    first = min(h.at for h in handoffs).date() - timedelta(days=1)
    away = days_away({h.owner_id for h in handoffs}, first)
    kinds, rows = Obligation.Kind, []
    for handoff in handoffs:
        made = handoff.version.terms, handoff.at, handoff.level, away.get(handoff.owner_id, frozenset())
        for kind, due in ((kinds.FIRST_CONTACT, first_contact_due(*made)), (kinds.VERDICT, verdict_due(*made))):
            rows.append(
                Obligation(
                    kind=kind, debtor="sales", member_id=handoff.owner_id, handoff=handoff, version=handoff.version,
                    since=handoff.at, due_at=due,
                )
            )  # fmt: skip
    return rows
