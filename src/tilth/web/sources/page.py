"""The sources with their keys, how to send a first event, and what arrived last."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Min
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tilth.capture.models import Received, Refusal, Source
from tilth.team.models import Role
from tilth.web import answer, shell
from tilth.web.access import members

from .forms import NewSource
from .words import why

LAST = 20


@dataclass(frozen=True)
class Complaint:
    """One reason for which events of a delivery were refused: how many, the place of the first (from 1), and why."""

    count: int
    first: int
    why: str
    detail: str


@dataclass(frozen=True)
class Arrival:
    received: Received
    complaints: Sequence[Complaint]


@members(Role.ADMIN)
def sources(request: HttpRequest) -> HttpResponse:
    """The page, and making a new source on it."""
    here = shell.of(request)
    form = NewSource(request.POST or None)
    if request.method == "POST" and form.is_valid():
        source = Source.open(by=here.me, now=here.now, **form.cleaned_data)
        answer.said(request, _("%(source)s may send now.") % {"source": source.name})
        return redirect("sources")
    context = {
        "sources": Source.objects.order_by("name", "pk"),
        "form": form,
        "arrivals": arrivals(),
        "newest": (newest := Source.objects.order_by("pk").last()),
        "command": newest and first_event(newest, request.build_absolute_uri("/v1/track")),
    }
    return render(request, "sources/sources.html", context, status=422 if form.errors else 200)


def first_event(source: Source, url: str) -> str:
    """What to type to send one form as this source."""
    said = {
        "event": "Form Submitted",
        "anonymousId": "me",
        "properties": {"email": "me@kasbouw.example", "form": "demo"},
    }
    return f"curl -u {source.write_key}: {url} -d '{json.dumps(said)}'"


def arrivals() -> list[Arrival]:
    """The last deliveries of all sources, newest first; their bodies stay where they are."""
    rows = list(
        Received.objects.annotate(size=Length("body")).defer("body").select_related("source").order_by("-id")[:LAST]
    )
    complaints: dict[int, list[Complaint]] = defaultdict(list)
    grouped = Refusal.objects.filter(received__in=rows).values_list("received", "reason")
    told = grouped.annotate(n=Count("pk"), first=Min("index"), detail=Min("detail")).order_by("received", "first")
    for received, reason, count, first, detail in told:
        complaints[received].append(Complaint(count, first + 1, why(reason), detail))
    return [Arrival(row, complaints[row.pk]) for row in rows]
