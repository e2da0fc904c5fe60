"""Today for marketing: the shared goal, this week's delivery against the promise, and whom to look after."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.qualify.models import Standing
from tilth.team.models import Role
from tilth.web import shell
from tilth.web.access import members
from tilth.web.alarm import alarm
from tilth.web.people import next_steps
from tilth.web.strip import strip

from . import missing
from .came_back import came_back
from .promise import promise
from .ripening import nearly_ripe

SHOWN = 6


@members(Role.MARKETING)
def today(request: HttpRequest) -> HttpResponse:
    return show(request)


def show(request: HttpRequest, refused: missing.Missing | None = None) -> HttpResponse:
    """The page; with the form that was refused as it was typed, and status 422."""
    here = shell.of(request)
    context = {
        "next_steps": next_steps.mine(here),
        "strip": strip(here),
        "alarm": alarm(here),
        **promise(here),
        "returned": came_back(here.now, here.terms),
        "missing": missing.shown(refused),
        "missing_n": missing.waiting().count(),
        "review": _review()[:SHOWN],
        "nearly": nearly_ripe(here.terms) if here.terms else [],
    }
    return render(request, "today/marketing.html", context, status=422 if refused else 200)


def _review() -> QuerySet[Standing]:
    """Whom the matrix wants a human to look at, the warmest first."""
    rows = Standing.objects.filter(action="review", person__holding=None)
    return rows.select_related("person__company").order_by("-interest_points")
