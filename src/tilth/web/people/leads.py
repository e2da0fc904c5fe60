"""All leads, newest first, narrowed by stage, cell, segment, owner or company; page by page along the key."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.core.terms import GRADES, LEVELS
from tilth.handoff import joined
from tilth.people.models import Person
from tilth.qualify.models import SEGMENT, Stage
from tilth.team.models import Member
from tilth.web import shell
from tilth.web.access import members

PAGE = 50
NOBODY = "none"
OUTSIDE = "-"  # in none of the segments
CELLS = [f"{grade}{level}" for grade in GRADES for level in LEVELS]


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; empty means everything. Values that mean nothing are dropped."""

    stage: str = ""
    cell: str = ""
    segment: str = ""
    owner: str = ""
    company: str = ""

    @classmethod
    def read(cls, told: Mapping[str, str], segments: Mapping[str, str]) -> "Wanted":
        named = {*segments, OUTSIDE} if segments else set()
        owner, company = told.get("owner", ""), told.get("company", "")
        return cls(
            stage=told.get("stage", "") if told.get("stage") in Stage.values else "",
            cell=told.get("cell", "") if told.get("cell") in CELLS else "",
            segment=told.get("segment", "") if told.get("segment") in named else "",
            owner=owner if owner == NOBODY or owner.isdecimal() else "",
            company=company if company.isdecimal() else "",
        )

    def __bool__(self) -> bool:
        return bool(self.query)

    @property
    def query(self) -> str:
        return urlencode({k: v for k, v in vars(self).items() if v})

    @property
    def key(self) -> str:
        """Along which key the list goes: the same number, in the table whose index answers."""
        return "standing__pk" if self.segment else "pk"

    def among(self, people: QuerySet[Person]) -> QuerySet[Person]:
        if self.stage:
            people = people.filter(standing__stage=self.stage)
        if self.cell:
            people = people.filter(standing__grade=self.cell[0], standing__level=int(self.cell[1]))
        if self.segment:
            people = people.filter(standing__segment="" if self.segment == OUTSIDE else self.segment[:SEGMENT])
        if self.owner == NOBODY:
            people = people.filter(holding=None).exclude(pk__in=joined.open_ones().values("person"))
        elif self.owner:
            people = people.filter(holding__owner=int(self.owner[:18]))
        if self.company:
            people = people.filter(company=int(self.company[:18]))
        return people


@members()
def leads(request: HttpRequest) -> HttpResponse:
    terms = shell.of(request).terms
    segments = {c.id: c.say for c in terms.segments} if terms else {}
    wanted, before = Wanted.read(request.GET.dict(), segments), request.GET.get("before", "")
    people = wanted.among(Person.objects.select_related("company", "standing", "holding__owner", "origin__offer"))
    if before.isdecimal():
        people = people.filter(**{f"{wanted.key}__lt": int(before[:18])})
    rows = list(people.order_by(f"-{wanted.key}")[: PAGE + 1])
    with_others = joined.of_many(p.pk for p in rows[:PAGE] if not hasattr(p, "holding"))
    context = {
        "people": [(p, _segment(p, segments), with_others.get(p.pk)) for p in rows[:PAGE]],
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else 0,
        "first_page": not before,
        "wanted": wanted,
        "stages": Stage.choices,
        "cells": CELLS,
        "segments": segments,
        "outside": OUTSIDE,
        "owners": Member.objects.selling(),
    }
    return render(request, "people/leads.html", context)


def _segment(person: Person, segments: Mapping[str, str]) -> str:
    """The segment in the words of the running agreement; one that it does not have any more is not shown."""
    standing = getattr(person, "standing", None)
    return next((say for key, say in segments.items() if standing and key[:SEGMENT] == standing.segment), "")
