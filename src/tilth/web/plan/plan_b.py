"""Plan B on the plan's page: what is agreed, how the figure stands, what fired and what was done about it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.campaigns.models import Campaign
from tilth.core.figures import Unreadable, number
from tilth.plan import contingency
from tilth.plan.models import Contingency, Fired, Goal, Refused
from tilth.plan.watched import FIGURES, value_of
from tilth.team.models import Member, Role
from tilth.web import answer, shell, typed
from tilth.web.access import members

SETTERS = (Role.MARKETING, Role.SALES, Role.MANAGER, Role.ADMIN)
CAMPAIGNS = 100


def shown(goal: Goal, now: datetime) -> dict[str, Any]:
    """The rules of a goal and of campaigns, with their figures as they are now."""
    rules = Contingency.objects.filter(ended_at=None).exclude(
        goal__isnull=False, goal__in=Goal.objects.exclude(pk=goal.pk)
    )
    fired = (
        Fired.objects.filter(contingency__in=rules)
        .select_related("contingency", "answered_by", "sample")
        .order_by("-at")
    )
    return {
        "rules": [_rule(rule, now) for rule in rules.select_related("goal", "campaign", "owner").order_by("pk")],
        "fired": [{"row": row, "value": FIGURES[row.contingency.figure].said(row.sample.value)} for row in fired[:10]],
        "figures": [(name, one.title, one.of) for name, one in FIGURES.items()],
        "members": Member.objects.filter(is_active=True).order_by("name"), "campaigns": Campaign.objects.order_by("name")[:CAMPAIGNS],
    }  # fmt: skip


def _rule(rule: Contingency, now: datetime) -> dict[str, Any]:
    figure, value = FIGURES[rule.figure], value_of(rule, now)
    return {
        "row": rule, "title": figure.title, "of": rule.campaign or "", "bound": figure.said(rule.bound), "now": figure.said(value),
        "beyond": value is not None and rule.beyond(value),
    }  # fmt: skip


@members(*SETTERS)
@require_POST
def make(request: HttpRequest, pk: int) -> HttpResponse:
    here, goal = shell.of(request), get_object_or_404(Goal, pk=pk)
    figure = request.POST.get("figure", "")
    try:
        of: Goal | Campaign = goal
        if figure in FIGURES and FIGURES[figure].of == "campaign":
            campaign = request.POST.get("campaign", "")
            of = get_object_or_404(Campaign, pk=int(campaign)) if campaign.isdecimal() else goal
        bound = float(number(request.POST.get("bound", "").replace("%", "")))
        owner = request.POST.get("owner", "")
        row = Member.objects.filter(pk=int(owner), is_active=True).first() if owner.isdecimal() else None
        contingency.make(
            of, figure, request.POST.get("side") != "over", bound, typed.whole(request, "weeks", 99), request.POST.get("then", ""), row, here.me,
            here.now,
        )  # fmt: skip
        answer.said(request, _("Agreed. It is looked at every week, and both teams are told when it comes true."))
    except (Refused, Unreadable) as why:
        answer.refused(request, why)
    return redirect("plan", pk)


@members(*SETTERS)
@require_POST
def end(request: HttpRequest, pk: int, rule: int) -> HttpResponse:
    here = shell.of(request)
    contingency.end(get_object_or_404(Contingency, pk=rule), here.me, here.now)
    answer.said(request, _("It is watched no more."))
    return redirect("plan", pk)


@members(*SETTERS)
@require_POST
def answered(request: HttpRequest, pk: int, fired: int) -> HttpResponse:
    here = shell.of(request)
    try:
        contingency.answer(get_object_or_404(Fired, pk=fired), request.POST.get("answer", ""), here.me, here.now)
    except Refused as why:
        answer.refused(request, why)
    return redirect("plan", pk)
