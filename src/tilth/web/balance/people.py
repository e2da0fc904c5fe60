"""Who makes up a figure of the balance sheet, whose move was recorded last in front."""

from datetime import date, datetime, time, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from tilth.core.clock import instant
from tilth.insight.movers import CAME, CLOSING, FLOWS, MOST, OPENING, WENT, Figure, Mover, movers
from tilth.people.models import Person
from tilth.qualify.models import Stage
from tilth.web import shell
from tilth.web.access import members
from tilth.web.typed import day

from .lines import Stretch, address

TITLES = {
    OPENING: _("%(stage)s: there when the time began"),
    CAME: _("%(stage)s: came in this time"),
    WENT: _("%(stage)s: went in this time"),
    CLOSING: _("%(stage)s: there when the time ended"),
}


@members()
def behind(request: HttpRequest) -> HttpResponse:
    here, told = shell.of(request), request.GET
    if not told:
        return redirect("balance")
    stage, flow = told.get("stage", ""), told.get("flow", "")
    first, last = _day(told.get("first", "")), _day(told.get("last", ""))
    if stage not in Stage.values or flow not in FLOWS or first > last:
        raise Http404
    stretch, before = Stretch(first, last, told.get("source")), told.get("before", "")
    found = movers(_figure(stage, flow, stretch, here), int(before[:18]) if before.isdecimal() else None, most=MOST + 1)
    people = Person.everyone.select_related("company", "holding__owner").in_bulk([m.person for m in found])
    context = {
        "title": TITLES[flow] % {"stage": Stage(stage).label},
        "stretch": stretch,
        "rows": [(m, people[m.person], _other(m, flow)) for m in found[:MOST]],
        "older": address(stage, flow, stretch, before=found[MOST - 1].move) if len(found) > MOST else "",
        "first_page": not before,
        "newest": address(stage, flow, stretch),
        "went": flow == WENT,
    }
    return render(request, "balance/people.html", context)


def _other(move: Mover, flow: str) -> str:
    """Where they came from, or went; "" of who was not known before."""
    stage = move.stage if flow == WENT else move.was
    return str(Stage(stage).label) if stage else ""


def _figure(stage: str, flow: str, stretch: Stretch, here: shell.Shell) -> Figure:
    end = instant(stretch.last + timedelta(days=1), time(), here.zone)
    since: datetime = instant(stretch.first, time(), here.zone)
    return Figure(stage, flow, since, end if end <= here.now else None, stretch.source)


def _day(typed: str) -> date:
    found = day(typed)
    if found is None or not 1900 < found.year < 9000:
        raise Http404
    return found
