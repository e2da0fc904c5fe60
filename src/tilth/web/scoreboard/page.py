"""The page of figures. Which period is part of the address, so that a link shows the same to everyone."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.core.clock import Calendar, calendar_of
from tilth.insight import deals
from tilth.insight.funnel import OFFER, SOURCE, Funnel, together
from tilth.insight.period import Period
from tilth.insight.progress import progress, won_by_day
from tilth.insight.promises import rate
from tilth.insight.returns import Because
from tilth.insight.scoreboard import Scoreboard
from tilth.insight.scoreboard import scoreboard as figures
from tilth.plan.models import Goal, current
from tilth.web import shell
from tilth.web.access import members
from tilth.web.shell import Shell

from . import lines, periods
from .burnup import Burnup


@members()
def scoreboard(request: HttpRequest) -> HttpResponse:
    here = shell.of(request)
    today = here.now.astimezone(here.zone).date()
    goal = current(today)
    period, choices = periods.chosen(request.GET.get("period", ""), goal, today, here.zone)
    board = figures(period, _calendar(here, period), here.now)
    return render(request, "scoreboard/scoreboard.html", {
        "period": period, "choices": choices, "board": board, **_goal(goal, here), **_shown(board, here),
    })  # fmt: skip


def _goal(goal: Goal | None, here: Shell) -> dict[str, Any]:
    if goal is None:
        return {"goal": None}
    period = Period(goal.first, goal.last, here.zone)
    burn = Burnup(goal, won_by_day(period, goal.currency), here.now.astimezone(here.zone).date())
    return {"goal": goal, "won": progress(period, goal.currency), "burn": burn}


def _shown(board: Scoreboard, here: Shell) -> dict[str, Any]:
    """The figures as lines with their drawings."""
    ended = deals.together(board.quarters.values())
    return {
        "came_in": together(board.came_in[SOURCE]),
        "handed_off": together(board.handed_off[SOURCE]),
        "to_sql": [(by, lines.table(board.handed_off[by], _to_sql)) for by in (OFFER, SOURCE)],
        "to_won": [(by, lines.table(board.came_in[by], _to_won)) for by in (SOURCE, OFFER)],
        "promises": [
            (name, rate(kept), lines.weeks(kept), board.late.get(name, 0)) for name, kept in board.kept.items()
        ],
        "marketing": here.terms.marketing if here.terms else None,
        "sales": here.terms.sales if here.terms else None,
        "quarters": board.quarters.items(),
        "ended": ended,
        "win_rate": lines.drawn(ended.win_rate, 1.0),
        "returns": _returns(board, here),
    }


def _to_sql(row: Funnel) -> Any:
    return row.to_sql


def _to_won(row: Funnel) -> Any:
    return row.to_won


def _returns(board: Scoreboard, here: Shell) -> list[tuple[Because, str]]:
    """Each reason in the words of the running agreement; one that it no longer has, by its id."""
    terms = here.terms
    say = {r.id: r.say for r in (*terms.return_reasons, *terms.recycle_reasons)} if terms else {}
    return [(row, say.get(row.reason, row.reason)) for row in board.returns]


def _calendar(here: Shell, period: Period) -> Calendar | None:
    return calendar_of(here.terms, range(period.first.year - 1, period.last.year + 2)) if here.terms else None
