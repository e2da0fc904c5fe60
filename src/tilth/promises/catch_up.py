"""Keeping the ledger of promises: what a handoff makes sales owe, what a week makes marketing owe, and
which events settled it.

Reads   Handoff and what happened to it, touches, deals, the journal, agreement versions
Writes  Obligation, Settlement, Bookmark
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet

from tilth.core.promises import first_contact_due, verdict_due
from tilth.handoff.models import Handoff

from . import deliveries, reading
from .models import Bookmark, Obligation
from .settling import settle

BATCH = 500
OVERLAP = 500  # handoffs that two workers may store out of order


def catch_up(now: datetime, person: int | None = None) -> int:
    """Owe, settle and reopen what the newest facts say; returns how many obligations changed.

    person   only what concerns this one; else at most BATCH new handoffs and one page of each list
    """
    if person is not None:
        return _owe(_owing_nothing().filter(person=person), now) + settle([person], now)
    pages = reading.read(now)  # before obligations are made, so that no event falls between
    taken = _owe(_new()[:BATCH], now)
    people = sorted(frozenset().union(*(page.people for page in pages)))
    for start in range(0, len(people), BATCH):
        taken += settle(people[start : start + BATCH], now)
    reading.mark(pages, now)
    return taken + sum(page.more for page in pages) + deliveries.catch_up(now)


def rebuild(now: datetime) -> int:
    """Make the whole ledger anew from the facts; returns how many obligations there are."""
    with transaction.atomic():
        Obligation.objects.all().delete()
        Bookmark.objects.all().delete()
        while catch_up(now):
            pass
    return Obligation.objects.count()


def _owing_nothing() -> QuerySet[Handoff]:
    return Handoff.objects.filter(obligations=None).select_related("version").defer("version__document").order_by("pk")


def _new() -> QuerySet[Handoff]:
    """Handoffs without obligations: ids beyond the newest that has some, and a few before it."""
    newest = Obligation.objects.aggregate(last=Max("handoff"))["last"] or 0
    return _owing_nothing().filter(pk__gt=newest - OVERLAP)


def _owe(handoffs: Iterable[Handoff], now: datetime) -> int:
    """What sales owes for these handoffs, under the version of each; settled at once if it happened already."""
    rows = [row for handoff in handoffs for row in _owed(handoff)]
    if rows:
        with transaction.atomic():
            Obligation.objects.bulk_create(rows, ignore_conflicts=True)
            settle({row.handoff.person_id for row in rows if row.handoff}, now)
    return len(rows)


def _owed(handoff: Handoff) -> list[Obligation]:
    terms, kinds = handoff.version.terms, Obligation.Kind
    dues = {
        kinds.FIRST_CONTACT: first_contact_due(terms, handoff.at, handoff.level),
        kinds.VERDICT: verdict_due(terms, handoff.at, handoff.level),
    }
    return [
        Obligation(
            kind=kind, debtor="sales", member_id=handoff.owner_id, handoff=handoff, version=handoff.version,
            since=handoff.at, due_at=due,
        )
        for kind, due in dues.items()
    ]  # fmt: skip
