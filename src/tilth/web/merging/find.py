"""Choosing with whom somebody is to be merged, where Tilth did not propose it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from tilth.people.models import Company, Person
from tilth.web.access import members
from tilth.web.find.search import search

from .duplicates import MERGING

FOUND = 20


@members(*MERGING)
def people(request: HttpRequest, pk: int) -> HttpResponse:
    who = get_object_or_404(Person.objects.select_related("company"), pk=pk)
    wanted = request.GET.get("q", "").strip()
    found = [p for p in search(wanted, FOUND).people if p.pk != pk]
    context = {"who": who, "found": found, "q": wanted, "here": "person", "compare": "merge-people"}
    return render(request, "merging/find.html", context)


@members(*MERGING)
def companies(request: HttpRequest, pk: int) -> HttpResponse:
    who = get_object_or_404(Company, pk=pk)
    wanted = request.GET.get("q", "").strip()
    found = [firm for firm in search(wanted, FOUND).companies if firm.pk != pk]
    context = {"who": who, "found": found, "q": wanted, "here": "company", "compare": "merge-companies"}
    return render(request, "merging/find.html", context)
