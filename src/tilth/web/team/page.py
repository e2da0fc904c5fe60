"""Everyone, with what they hold and when they are away."""

from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.handoff.routing import sellers
from tilth.team.models import Absence, Invitation, Member, Role, away_on
from tilth.web import shell, why
from tilth.web.access import members
from tilth.web.shell import Shell

from .forms import Away, Invite

HOSTS = (Role.MANAGER, Role.ADMIN)


@members()
def team(request: HttpRequest) -> HttpResponse:
    return show(request)


def show(request: HttpRequest, **more: Any) -> HttpResponse:
    """The page; with a form that was refused, as it was typed, and status 422; or with the link of an invitation."""
    here = shell.of(request)
    today = here.now.astimezone(here.zone).date()
    off = _off_today(here)
    refused = any(getattr(form, "errors", None) for form in more.values())
    context = {
        "everyone": [(member, off.get(member.pk, "")) for member in _everyone()],
        "away": away_on(today),
        "absences": _absences(today),
        "hosts": here.me.role in HOSTS,
        "invitations": _invitations(here) if here.me.role in HOSTS else [],
        "invite": Invite(here.me),
        "away_form": Away(here.me, initial={"first": today, "last": today}),
    }
    return render(request, "team/team.html", context | more, status=422 if refused else 200)


def _everyone() -> QuerySet[Member]:
    """Those who may sign in first, then by name."""
    return Member.objects.select_related("week").annotate(held=Count("holdings")).order_by("-is_active", "name", "pk")


def _off_today(here: Shell) -> dict[int, str]:
    """Member in sales to why nothing goes to them today, in words; who is there is left out."""
    team = sellers(here.terms, here.now) if here.terms else []
    return {s.id: str(why.TODAY.get(s.away, s.away)) for s in team if s.away}


def _absences(today: date) -> QuerySet[Absence]:
    return Absence.objects.filter(last__gte=today).select_related("member", "stand_in").order_by("first", "pk")


def _invitations(here: Shell) -> QuerySet[Invitation]:
    """The ones that still open the door."""
    open_ones = Invitation.objects.filter(member=None, expires_at__gt=here.now)
    return open_ones.select_related("invited_by").order_by("-at")
