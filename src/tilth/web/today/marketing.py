"""Today for marketing: the shared goal, this week's delivery against the promise, and whom to look after."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.promises import ledger
from tilth.promises.ledger import Delivery
from tilth.promises.models import Obligation
from tilth.qualify.models import Standing
from tilth.team.models import Role
from tilth.web import charts, shell
from tilth.web.access import members
from tilth.web.shell import Shell
from tilth.web.strip import strip

from . import missing
from .came_back import came_back
from .ripening import nearly_ripe

PACE = 8  # weeks that say what is usual
SHOWN = 6


@members(Role.MARKETING)
def today(request: HttpRequest) -> HttpResponse:
    return show(request)


def show(request: HttpRequest, refused: missing.Missing | None = None) -> HttpResponse:
    """The page; with the form that was refused as it was typed, and status 422."""
    here = shell.of(request)
    context = {
        "strip": strip(here),
        **_promise(here),
        "returned": came_back(here.now),
        "missing": missing.shown(refused),
        "missing_n": missing.waiting().count(),
        "review": _review()[:SHOWN],
        "nearly": nearly_ripe(here.terms) if here.terms else [],
    }
    return render(request, "today/marketing.html", context, status=422 if refused else 200)


def _promise(here: Shell) -> dict[str, Any]:
    """This week's delivery, drawn, and what the last weeks brought."""
    week = ledger.delivery(here.version, here.now) if here.version else None
    if week is None:
        return {"week": None}
    rows = Obligation.objects.filter(kind=Obligation.Kind.DELIVERY, settlement__void=False).order_by("-due_at")
    usual = sorted(rows.values_list("settlement__quantity", flat=True)[:PACE])
    return {"week": week, "usual": usual, "count_bar": _count_bar(week, here), "fit_bar": _fit_bar(week)}


def _count_bar(week: Delivery, here: Shell) -> str:
    passed = (here.now - week.since) / (week.due - week.since)
    label = f"{week.delivered} / {week.promised}"
    return charts.meter([(week.delivered / week.promised, "leaf")], label, target=passed, height=10)


def _fit_bar(week: Delivery) -> str:
    share = week.good / week.delivered if week.delivered else 0
    return charts.meter([(share, "leaf")], f"{week.good} / {week.delivered}", target=week.good_share, height=10)


def _review() -> QuerySet[Standing]:
    """Whom the matrix wants a human to look at, the warmest first."""
    rows = Standing.objects.filter(action="review", person__holding=None)
    return rows.select_related("person__company").order_by("-interest_points")
