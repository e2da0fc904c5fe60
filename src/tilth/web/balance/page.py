"""The balance sheet: every stage over a period, and one of them by week and by source. The period is part of the address."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.insight.balance import WEEK, Moves, checked, moves
from tilth.plan.models import current
from tilth.qualify.models import Stage
from tilth.web import shell
from tilth.web.access import members
from tilth.web.scoreboard import periods

from .lines import Stretch, by_source, by_stage, by_week, together

USUAL = Stage.MQL


@members()
def balance(request: HttpRequest) -> HttpResponse:
    here = shell.of(request)
    period, choices = periods.chosen(request.GET.get("period", ""), current(here.today), here.today, here.zone)
    wanted = request.GET.get("stage", "")
    stage = Stage(wanted if wanted in Stage.values else USUAL)
    source = request.GET.get("by") == "source"
    found = moves(period, here.now, sources=source)
    stretch = Stretch(found.weeks[0], found.weeks[-1] + WEEK - timedelta(days=1))
    context = {
        "choices": choices,
        "period": next((c.key for c in choices if c.here), ""),
        "stretch": stretch,
        "stage": stage,
        "stages": Stage.choices,
        "by_source": source,
        "rows": by_source(found.by_source(), stage, stretch) if source else by_week(found.by_week(), stage),
        **_sheet(found, stretch, here.today),
    }
    return render(request, "balance/balance.html", context)


def _sheet(found: Moves, stretch: Stretch, today: date) -> dict[str, Any]:
    """All stages; compared with where people stand, when the last week is the one that it is now."""
    sheet, compared = found.together(), stretch.last >= today
    gaps = checked(sheet) if compared else {}
    return {
        "sheet": by_stage(sheet, stretch),
        "together": together(sheet),
        "gaps": {Stage(name).label: gap for name, gap in gaps.items()},
        "compared": compared,
    }
