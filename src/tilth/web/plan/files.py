"""A plan to take along: a workbook with live formulas, and on paper."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tilth.plan.models import TEAMS, Goal
from tilth.plan.workbook import workbook
from tilth.web import answer, shell
from tilth.web.access import members
from tilth.web.agreement.paper import NoPrinter, on_paper

from .page import goal_or_404, opened, today_of
from .shown import Shown

log = logging.getLogger(__name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@members()
def as_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    goal = goal_or_404(pk)
    found = opened(goal, shell.of(request))
    if found.planned is None:
        answer.refused(request, _("Some numbers of this plan are missing, so there is nothing to take along yet."))
        return redirect("plan", pk)
    return _file(workbook(found.planned, str(goal)), XLSX, goal, "xlsx")


@members()
def as_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """On paper; without WeasyPrint back to its page, with what is missing."""
    here, goal = shell.of(request), goal_or_404(pk)
    found = opened(goal, here)
    if found.planned is None:
        answer.refused(request, _("Some numbers of this plan are missing, so there is nothing to take along yet."))
        return redirect("plan", pk)
    signed = {s.team: s for s in goal.signatures.all()}
    context = {
        "goal": goal, "shown": Shown(found.planned, today_of(here)), "signatures": [(team, signed.get(team)) for team in TEAMS],
        "now": here.now, "months": found.planned.months, "LANGUAGE_CODE": get_language() or "en",
    }  # fmt: skip
    try:
        content = on_paper(render_to_string("plan/paper.html", context))
    except NoPrinter as why:
        log.warning("%s", why)
        answer.refused(
            request,
            _("No PDF can be made here. Print the page instead, or ask an administrator to install tilth[pdf]."),
        )
        return redirect("plan", pk)
    return _file(content, "application/pdf", goal, "pdf")


def _file(content: bytes, kind: str, goal: Goal, ending: str) -> HttpResponse:
    name = slugify(f"plan {goal}")[:80] or "plan"
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    )
