"""Erasing one person: first what would go, then the name written out, then it is done."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from tilth.capture.models import Received
from tilth.people.models import Person
from tilth.privacy import erasures
from tilth.privacy.leaving import would_go
from tilth.web import answer, shell
from tilth.web.access import members

from .forms import Sure
from .person import OFFICERS
from .words import called


@members(*OFFICERS)
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    who, here = get_object_or_404(Person.objects.select_related("company"), pk=pk), shell.of(request)
    form = Sure(who, request.POST or None)
    if form.is_valid():
        erasures.begin(who, here.me, here.now, remember=form.cleaned_data["asked"])
        answer.said(request, _("Erased from every page. The rest is being looked through."))
        return redirect("privacy")
    context: dict[str, Any] = {"person": who, "form": form, "rows": _rows(who), "deliveries": Received.objects.count()}
    return render(request, "privacy/erase.html", context, status=422 if form.is_bound else 200)


def _rows(who: Person) -> list[dict[str, Any]]:
    """Table by table, what would go and what would stay without saying anything, the most first."""
    found = [{"name": called(label), "goes": goes, "stays": stays} for label, (goes, stays) in would_go(who).items()]
    return sorted(found, key=lambda row: -(row["goes"] + row["stays"]))
