"""What was asked for: files to take along and erasures, with how far they are."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.people.models import Suppression
from tilth.privacy.models import Erasure, Takeout
from tilth.web import shell
from tilth.web.access import members

from .person import OFFICERS
from .words import called

LAST = 50


@dataclass(frozen=True)
class Line:
    """One erasure, and what went, the most first."""

    row: Erasure
    went: list[tuple[str, int]]


@members(*OFFICERS)
def privacy(request: HttpRequest) -> HttpResponse:
    rows = Erasure.objects.select_related("by").order_by("-at", "-pk")[:LAST]
    lines = [Line(row, [(called(k), n) for k, n in sorted(row.counts.items(), key=lambda x: -x[1])]) for row in rows]
    context = {
        "erasures": lines,
        "takeouts": Takeout.objects.select_related("person", "by").order_by("-at", "-pk")[:LAST],
        "working": any(line.row.finished_at is None for line in lines)
        or Takeout.objects.filter(finished_at=None).exists(),
        "kept_away": Suppression.objects.values("whose").distinct().count(),
    }
    part = "#course" if shell.htmx(request).target == "course" else ""
    return render(request, f"privacy/privacy.html{part}", context)
