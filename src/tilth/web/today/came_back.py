"""Leads that sales returned or handed back and that are with marketing again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge

from django.db.models import Exists, OuterRef

from tilth.handoff.models import HandBack, Handoff, Return
from tilth.people.models import Person

LATELY, SHOWN = timedelta(days=30), 8


@dataclass(frozen=True)
class CameBack:
    """Who sent a lead back, when and why, in the words of the agreement under which it was handed off."""

    row: Return | HandBack
    say: str

    @property
    def person(self) -> Person:
        return self.row.handoff.person

    @property
    def worked(self) -> bool:
        """Whether sales had accepted and worked it."""
        return isinstance(self.row, HandBack)


def came_back(now: datetime) -> list[CameBack]:
    """The newest of the last 30 days that nobody in sales has again; two queries."""
    newest = merge(_rows(Return, now), _rows(HandBack, now), key=lambda row: row.at, reverse=True)
    return [CameBack(row, _say(row)) for row, _n in zip(newest, range(SHOWN), strict=False)]


def _rows(kind: type[Return] | type[HandBack], now: datetime) -> Iterator[Return | HandBack]:
    later = Handoff.objects.filter(person=OuterRef("handoff__person"), at__gt=OuterRef("at"))
    return iter(
        kind.objects.filter(~Exists(later), at__gte=now - LATELY)
        .select_related("member", "handoff__person__company", "handoff__version")
        .defer("handoff__version__document")
        .order_by("-at")[:SHOWN]
    )


def _say(row: Return | HandBack) -> str:
    terms = row.handoff.version.terms
    reasons = terms.recycle_reasons if isinstance(row, HandBack) else terms.return_reasons
    return next((r.say for r in reasons if r.id == row.reason), row.reason)
