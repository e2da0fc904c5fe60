"""All deals, newest first, by state; page by page along the key."""

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.deals.models import Deal
from tilth.insight.deals import open_now
from tilth.web.access import members
from tilth.web.find.search import begins

PAGE = 50
STATES = {
    "open": Q(won=None, lost=None),
    "won": Q(won__isnull=False),
    "lost": Q(lost__isnull=False),
    "flagged": Q(flags__isnull=False),
}


@members()
def deals(request: HttpRequest) -> HttpResponse:
    state, wanted = request.GET.get("state", ""), request.GET.get("q", "").strip()
    found = _found(state, wanted)
    if (before := request.GET.get("before", "")).isdecimal():
        found = found.filter(pk__lt=int(before[:18]))
    rows = list(found.order_by("-pk")[: PAGE + 1])
    return render(
        request,
        "deals/deals.html",
        {
            "deals": rows[:PAGE],
            "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
            "newer": bool(before),
            "state": state if state in STATES else "",
            "q": wanted,
            "open": open_now(),
        },
    )


def _found(state: str, wanted: str) -> QuerySet[Deal]:
    deals = Deal.objects.select_related("company", "person", "owner", "won", "lost").prefetch_related("flags")
    if state in STATES:
        deals = deals.filter(STATES[state])
    if wanted:
        deals = deals.filter(begins("name", wanted) | begins("company__name", wanted))
    return deals.distinct() if state == "flagged" else deals
