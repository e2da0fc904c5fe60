"""One company: its people with where they stand, who has the lead, its deals, and what happened last."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.deals.models import Deal
from tilth.people.models import Company, Merge, Person
from tilth.people.positions import current
from tilth.touches.models import Evidence, Touch
from tilth.web import moved, shell
from tilth.web.access import members
from tilth.web.groups import shown
from tilth.web.people.timeline import what

PEOPLE, DEALS, TOUCHES = 100, 50, 30


@members()
def company(request: HttpRequest, pk: int) -> HttpResponse:
    firm = Company.objects.filter(pk=pk).first()
    if firm is None:
        return moved.company(pk) or moved.nowhere()
    people = list(_people(firm)[: PEOPLE + 1])
    context: dict[str, Any] = {
        "company": firm,
        "people": people[:PEOPLE],
        "more_people": len(people) > PEOPLE,
        "owners": sorted({p.holding.owner.name for p in people if hasattr(p, "holding")}),
        "deals": _deals(firm, people)[:DEALS],
        "merges": Merge.objects.filter(company=firm, split=None).select_related("by").defer("kept").order_by("-pk"),
        "also": current(firm)[:PEOPLE],
        **shown.of_company(firm, people[:PEOPLE], shell.of(request).now),
        "touches": [(touch, what(touch)) for touch in _touches(people)],
    }
    return render(request, "companies/company.html", context)


def _people(firm: Company) -> QuerySet[Person]:
    """The warmest first, so that who matters stands on top."""
    return (
        Person.objects.filter(company=firm)
        .select_related("standing", "holding__owner")
        .order_by("-standing__interest_points", "pk")
    )


def _deals(firm: Company, people: list[Person]) -> QuerySet[Deal]:
    deals = Deal.objects.select_related("company", "person", "owner", "won", "lost").prefetch_related("flags")
    return deals.filter(Q(company=firm) | Q(person__in=people)).order_by("-pk")


def _touches(people: list[Person]) -> list[Touch]:
    """What people did, newest first; machines and mistakes left out."""
    seen = Touch.objects.filter(person__in=people, evidence__gt=Evidence.MACHINE)
    return list(seen.select_related("person", "member", "offer").order_by("-at", "-id")[:TOUCHES])
