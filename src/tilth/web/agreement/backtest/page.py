"""The backtest of a draft: asking for it, its course, and what came out. The last result is kept while the next one runs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.agreement.models import Draft
from tilth.core.agreement import fingerprint
from tilth.core.clauses.reader import Fault, Unsound
from tilth.core.compare import clause
from tilth.core.terms import GRADES, LEVELS
from tilth.insight import backtests
from tilth.insight.models import Backtest
from tilth.web import answer, shell
from tilth.web.access import members
from tilth.web.agreement import clauses, sentences
from tilth.web.agreement.editor import faults_of
from tilth.web.agreement.versions import WRITERS

from .figures import brief as five
from .figures import headline, rows
from .narrowing import WEEKS, Wanted, choices, compared
from .people import lines, name_of
from .thresholds import frontier, thresholds
from .weekly import Weekly

FEW = 5
State = Backtest.State
WORKING = (State.WAITING, State.RUNNING)


@members(*WRITERS)
def backtest(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows how far it is and what came out, POST asks for it. htmx gets the part that it asked from."""
    draft = get_object_or_404(Draft, pk=pk)
    from_editor = shell.htmx(request) and shell.htmx(request).target == "brief"
    if request.method == "POST":
        _ask(request, draft)
        return _brief(request, draft) if from_editor else redirect("draft-backtest", pk)
    wanted = Wanted.read(request.GET.dict())
    context = {**_course(request, draft), "wanted": wanted}
    if shell.htmx(request) and context["working"]:
        return render(request, "agreement/backtest/_course.html", context)
    context |= _result(draft, wanted)
    if not shell.htmx(request):
        return render(request, "agreement/backtest/backtest.html", context)
    response = render(request, "agreement/backtest/backtest.html#backtest", context)
    response["HX-Retarget"] = "#backtest"
    return response


@members(*WRITERS)
def brief(request: HttpRequest, pk: int) -> HttpResponse:
    """The short of it, beside the editor."""
    draft = get_object_or_404(Draft, pk=pk)
    return _brief(request, draft) if shell.htmx(request) else redirect("draft-backtest", pk)


@members(*WRITERS)
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody needs it any more; the result before it stays."""
    draft, here = get_object_or_404(Draft, pk=pk), shell.of(request)
    for row in draft.backtests.filter(state__in=WORKING):
        backtests.stop(row, here.now)
        answer.said(request, _("Stopped."))
    return redirect("draft-backtest", pk)


def _ask(request: HttpRequest, draft: Draft) -> None:
    here = shell.of(request)
    if draft.discarded_at is not None:
        answer.refused(request, _("This draft was thrown away."))
        return
    try:
        backtests.ask(draft, here.me, here.now)
    except Unsound:
        if not shell.htmx(request):
            answer.refused(request, _("Mend what is wrong first; then it can be replayed."))


def _course(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    """How far the newest backtest is, and what keeps another one from being asked for."""
    row = draft.backtests.select_related("asked_by").order_by("-pk").first()
    done = draft.backtests.filter(state=State.DONE).order_by("-pk").first()
    here, print_ = shell.of(request), fingerprint(draft.document)
    return {
        "draft": draft, "row": row, "working": row is not None and row.state in WORKING, "faults": faults(draft.document),
        "old": done is not None and (done.fingerprint, done.running_id) != (print_, here.version and here.version.pk),
        "may_ask": draft.discarded_at is None,
    }  # fmt: skip


def faults(document: Any) -> list[tuple[str, Fault]]:
    """What keeps a document from being replayed: where it stands, and what is wrong."""
    return [(clauses.label(clause(document, f.path), document), f) for f in faults_of(document)]


def _result(draft: Draft, wanted: Wanted) -> dict[str, Any]:
    """The newest result, as far as there is one: figures, chart, who was missed, cells, other thresholds."""
    done = draft.backtests.filter(state=State.DONE).select_related("running").order_by("-pk").first()
    result = compared(done, wanted) if done else None
    if done is None or result is None:
        return {"gone": done is not None}
    missed = result.behind("missed_won")
    only = {side: len(result.behind("only", side).at) for side in result.sides}
    running = name_of(done, "running")
    return {
        "done": done, "filters": choices(result, wanted), "weeks_offered": WEEKS, "nobody": not len(result.people),
        "headline": headline(result), "rows": rows(result), "sides": [name_of(done, s) for s in ("running", "draft") if s in result.sides],
        "running": running if done.running else "", "weekly": Weekly(result, running) if result.figures["draft"].weekly else None,
        "missed": lines(result, result.cases("missed_won", some=slice(FEW)), "missed_won"), "missed_n": len(missed.at),
        "only": only, "cells": _cells(result), "frontier": frontier(done, result, running), "in_draft": tuple(thresholds(draft.document).items()), "figures": result.figures["draft"],
    }  # fmt: skip


def _cells(result: Any) -> list[tuple[str, list[dict[str, Any]]]]:
    """The matrix of the draft, with how many stand in each cell now, and how many under the running version."""
    now = result.cells("draft")
    was = result.cells("running") if "running" in result.sides else now
    matrix = result.sides["draft"].terms.matrix
    return [
        (
            grade,
            [
                {
                    "level": n, "n": now[i][n - 1], "was": was[i][n - 1], "action": sentences.ACTIONS[matrix[grade][n - 1]],
                    "look": sentences.LOOKS[matrix[grade][n - 1]][0],
                } for n in LEVELS
            ],
        ) for i, grade in enumerate(GRADES)
    ]  # fmt: skip


def _brief(request: HttpRequest, draft: Draft) -> HttpResponse:
    context = _course(request, draft)
    if not context["working"] and not context["faults"]:
        done = draft.backtests.filter(state=State.DONE).select_related("running").order_by("-pk").first()
        result = compared(done, Wanted()) if done else None
        if done and result:
            sides = [name_of(done, s) for s in ("running", "draft") if s in result.sides]
            context |= {"done": done, "headline": headline(result), "rows": five(result), "sides": sides}
    return render(request, "agreement/backtest/_brief.html", context)
