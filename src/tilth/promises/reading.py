"""Whom something happened to since we last looked. Each list of facts is read once, by ascending id.

Two workers may commit out of order, so for a while after a list moved its newest ids are read again;
whoever reads a fact twice does nothing new.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from tilth.deals.models import Deal, Lost, Won
from tilth.journal.models import Entry
from tilth.touches.models import Team, Touch

from .models import Bookmark

SPAN = 10_000  # ids of one list that are read in one pass
OVERLAP = 10_000  # ids that are read again: more than an import stores in one transaction
A_WHILE = timedelta(minutes=1)


@dataclass(frozen=True)
class Page:
    """What was read of one list: the people in it, up to which id, and whether there is more."""

    of: str
    people: frozenset[int]
    last: int
    moved: bool
    more: bool


def read(now: datetime, marks: Mapping[str, Bookmark]) -> list[Page]:
    """The next page of every list that may settle or reopen a promise. Nothing is written; see `mark`."""
    return [_page(of, rows, who, marks.get(of), now) for of, (rows, who) in _lists().items()]


def mark(pages: Iterable[Page], now: datetime) -> None:
    """Remember that these pages were taken."""
    moved = [Bookmark(of=page.of, last=page.last, at=now) for page in pages if page.moved]
    Bookmark.objects.bulk_create(moved, update_conflicts=True, unique_fields=["of"], update_fields=["last", "at"])


def _lists() -> dict[str, tuple[QuerySet, str]]:
    """Verbs and what undid them are in the journal; what came by import or from other systems is not."""
    return {
        "journal": (Entry.objects.all(), "person_id"),
        "touches": (Touch.objects.filter(team=Team.SALES), "person_id"),
        "deals": (Deal.objects.all(), "person_id"),
        "won": (Won.objects.all(), "deal__person_id"),
        "lost": (Lost.objects.all(), "deal__person_id"),
    }


def _page(of: str, rows: QuerySet, who: str, mark: Bookmark | None, now: datetime) -> Page:
    newest = rows.model._base_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
    if mark is None:  # what was there before any promise is looked at when the promise is made
        return Page(of, frozenset(), newest, moved=True, more=False)
    until = min(newest, mark.last + SPAN)
    after = mark.last - OVERLAP if now - mark.at < A_WHILE else mark.last
    if until <= after:
        return Page(of, frozenset(), mark.last, moved=False, more=False)
    people = rows.filter(pk__gt=after, pk__lte=until).values_list(who, flat=True)
    return Page(of, frozenset(people) - {None}, max(until, mark.last), until > mark.last, until < newest)
