"""Today for managers: both halves of the promise, what is late, who waits for an owner, what has gone quiet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth import conveyor
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import Refused, hand_off
from tilth.insight import period
from tilth.insight.promises import by_sales, rate
from tilth.people.models import Person
from tilth.promises import ledger
from tilth.promises.models import Obligation
from tilth.qualify.models import Ripe
from tilth.team.models import Member, Role, away_on
from tilth.web import answer, shell
from tilth.web.access import members
from tilth.web.alarm import alarm
from tilth.web.people import next_steps
from tilth.web.shell import Shell
from tilth.web.strip import strip

from . import missing
from .promise import promise

SHOWN = 8


@dataclass(frozen=True)
class Late:
    """What one colleague owes and is late with."""

    member: Member
    count: int
    oldest: datetime


@dataclass(frozen=True)
class Quiet:
    """An accepted lead of which sales let nothing be heard for the agreed days."""

    handoff: Handoff
    since: datetime


@members(Role.MANAGER)
def today(request: HttpRequest) -> HttpResponse:
    here = shell.of(request)
    waiting = Ripe.objects.filter(waits_for=Ripe.Lack.OWNER)
    context = {
        "next_steps": next_steps.mine(here),
        "strip": strip(here),
        "alarm": alarm(here),
        **promise(here),
        "sales_week": _sales_week(here),
        "late_by": _late_by(here.now),
        "late": _late(here.now)[:SHOWN],
        "late_n": _late(here.now).count(),
        "waiting": waiting.select_related("person__company", "person__standing").order_by("since", "pk")[:SHOWN],
        "waiting_n": waiting.count(),
        "missing_n": missing.waiting().count(),
        "quiet": _quiet(here.now),
        "sellers": Member.objects.selling(),
        "away": away_on(here.now.astimezone(here.zone).date()),
    }
    return render(request, "today/manager.html", context)


@members(Role.MANAGER)
@require_POST
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a waiting lead to somebody in sales."""
    here, person = shell.of(request), get_object_or_404(Person.objects.select_related("company"), pk=pk)
    chosen = request.POST.get("owner", "")
    owner = get_object_or_404(Member.objects.selling(), pk=int(chosen[:18]) if chosen.isdecimal() else 0)
    try:
        hand_off(person, here.now, here.me, owner)
    except Refused as why:
        answer.refused(request, why)
    else:
        conveyor.catch_up_on(person.pk, here.now)
        answer.said(request, _("%(who)s is with %(owner)s now.") % {"who": person, "owner": owner.name})
    return redirect("today")


def _sales_week(here: Shell) -> list[tuple[str, Any]]:
    """Sales' promises that fell due in this week so far."""
    week = period.week(here.now.astimezone(here.zone).date(), here.zone)
    kinds = (Obligation.Kind.FIRST_CONTACT, Obligation.Kind.VERDICT)
    return [(kind.value, rate(by_sales(kind, week, here.now))) for kind in kinds]


def _late(now: datetime) -> QuerySet[Obligation]:
    rows = Obligation.objects.filter(open=True, due_at__lt=now, member__isnull=False)
    return rows.select_related("member", "handoff__person__company").order_by("due_at", "pk")


def _late_by(now: datetime) -> list[Late]:
    rows = ledger.overdue(now)
    who = Member.objects.in_bulk([row.member for row in rows])
    return [Late(who[row.member], row.count, row.oldest) for row in rows]


def _quiet(now: datetime) -> list[Quiet]:
    """The quietest of the leads that are held."""
    rows = ledger.stale(now).select_related("handoff__person__company", "handoff__owner").order_by("since", "handoff")
    return [Quiet(row.handoff, row.since) for row in rows[:SHOWN] if row.handoff]
