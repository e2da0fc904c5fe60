"""Leads that sales returned or handed back and that are with marketing again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge

from django.db.models import Exists, OuterRef

from tilth.core.terms import Terms
from tilth.handoff.models import HandBack, Handoff, Return
from tilth.handoff.recycling import through
from tilth.people.models import Person
from tilth.web import given_up

LATELY, SHOWN = timedelta(days=30), 8


@dataclass(frozen=True)
class CameBack:
    """Who sent a lead back, when and why, in the words of the agreement under which it was handed off.

    again      what brings it back
    through    it has had all the rounds that were agreed, and stays with marketing
    """

    row: Return | HandBack
    say: str
    again: str
    through: bool

    @property
    def person(self) -> Person:
        return self.row.handoff.person

    @property
    def worked(self) -> bool:
        """Whether sales had accepted and worked it."""
        return isinstance(self.row, HandBack)


def came_back(now: datetime, terms: Terms | None) -> list[CameBack]:
    """The newest of the last 30 days that nobody in sales has again; three queries."""
    newest = merge(_rows(Return, now), _rows(HandBack, now), key=lambda row: row.at, reverse=True)
    rows = [row for row, _n in zip(newest, range(SHOWN), strict=False)]
    done = through(terms, [row.handoff.person_id for row in rows]) if terms else set()
    return [
        CameBack(row, given_up.reason(row), given_up.comes_back(row), row.handoff.person_id in done) for row in rows
    ]


def _rows(kind: type[Return] | type[HandBack], now: datetime) -> Iterator[Return | HandBack]:
    later = Handoff.objects.filter(person=OuterRef("handoff__person"), at__gt=OuterRef("at"))
    return iter(
        kind.objects.filter(~Exists(later), at__gte=now - LATELY)
        .select_related("member", "handoff__person__company", "handoff__version")
        .defer("handoff__version__document")
        .order_by("-at")[:SHOWN]
    )
