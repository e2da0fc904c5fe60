"""The goal page: what it is, who signed, what it takes; and setting a new one."""

from datetime import date
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.agreement.models import TEAMS
from tilth.core.rates import ENOUGH
from tilth.insight.history import History, history
from tilth.insight.period import twelve_months
from tilth.journal.models import note
from tilth.plan.models import Goal, current
from tilth.team.models import Role
from tilth.web import answer, shell, words
from tilth.web.access import members
from tilth.web.shell import Shell

from . import backward
from .forms import Assumptions, SetGoal

Z90 = 1.645
SETTERS = (Role.MARKETING, Role.SALES, Role.MANAGER, Role.ADMIN)


@members()
def goal(request: HttpRequest) -> HttpResponse:
    here = shell.of(request)
    today = _today(here)
    goal = current(today) or Goal.objects.filter(first__gt=today).order_by("first", "-set_at").first()
    if goal is None:
        return render(request, "goal/none.html", {"may_set": here.me.role in SETTERS})
    form = Assumptions(goal.currency, request.GET if set(request.GET) & {"deal", "to_sql", "to_won"} else None)
    past = history(twelve_months(today, here.zone), goal.currency)
    start = backward.start(form.cleaned_data if form.is_valid() else {}, past)
    way = None if form.errors else backward.way(goal, start)
    context = {
        "goal": goal, "sides": _sides(goal, here), "form": form, "hints": _hints(past, goal.currency), "start": start, "way": way,
        "leads_a_week": way.leads_a_week(today) if way else None, "may_set": here.me.role in SETTERS,
    }  # fmt: skip
    return render(request, "goal/goal.html", context, status=422 if form.errors else 200)


@members(*SETTERS)
def set_goal(request: HttpRequest) -> HttpResponse:
    """A new goal; it replaces the one of the same days, whose signatures stay with it."""
    here = shell.of(request)
    year = _today(here).year
    form = SetGoal(here.currency, request.POST or None, initial={"first": date(year, 1, 1), "last": date(year, 12, 31)})
    if not form.is_valid():
        return render(request, "goal/new.html", {"form": form}, status=422 if form.is_bound else 200)
    with transaction.atomic():
        row = Goal.objects.create(currency=here.currency, set_by=here.me, set_at=here.now, **form.cleaned_data)
        note("set goal", row, here.now, here.me, amount=row.amount, currency=row.currency)
    answer.said(request, _("The goal is set. Both teams sign it now."))
    return redirect("goal")


@members()
@require_POST
def sign(request: HttpRequest, pk: int, team: str) -> HttpResponse:
    here, row = shell.of(request), get_object_or_404(Goal, pk=pk)
    if team not in TEAMS:
        raise Http404
    try:
        row.sign(here.me, team, here.now)
        answer.said(request, _("Signed."))
    except PermissionError as why:
        answer.refused(request, why)
    return redirect("goal")


def _sides(goal: Goal, here: Shell) -> list[dict[str, Any]]:
    signed = {s.team: s for s in goal.signatures.all()}
    return [
        {"team": t, "signature": signed.get(t), "may_sign": t not in signed and here.me.may_sign_for(t)} for t in TEAMS
    ]


def _hints(past: History, currency: str) -> dict[str, str]:
    """What our history says about each number, or how much of it is lacking."""
    deal, out = past.deal, {}
    if deal.enough:
        out["deal"] = _("Our last 12 months: %(mean)s ± %(error)s, n = %(n)s") % {
            "mean": words.money(deal.mean, currency), "error": words.money(Z90 * (deal.error or 0), currency), "n": deal.n,
        }  # fmt: skip
    else:
        out["deal"] = _("Our history: too few, %(n)s more needed") % {"n": ENOUGH - deal.n}
    for name, rate in (("to_sql", past.to_sql), ("to_won", past.to_won)):
        if rate.lacks or rate.value is None:
            out[name] = _("Our history: too few, %(n)s more needed") % {"n": rate.lacks}
        else:
            out[name] = _("Our last 12 months: %(rate)s, likely %(low)s to %(high)s, n = %(n)s") % {
                "rate": words.percent(rate.value, 1), "low": words.percent(rate.low), "high": words.percent(rate.high), "n": rate.n,
            }  # fmt: skip
    return out


def _today(here: Shell) -> date:
    return here.now.astimezone(here.zone).date()
