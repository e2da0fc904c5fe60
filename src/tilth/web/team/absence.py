"""Days on which somebody gets no leads: their own to say, and a manager's for everyone."""

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.journal.models import note
from tilth.team.models import Absence
from tilth.web import answer, shell
from tilth.web.access import members

from .forms import Away
from .page import HOSTS, show


@members()
@require_POST
@transaction.atomic
def add(request: HttpRequest) -> HttpResponse:
    here = shell.of(request)
    form = Away(here.me, request.POST)
    if not form.is_valid():
        return show(request, away_form=form)
    row, new = Absence.objects.get_or_create(**form.cleaned_data)
    if new:
        note("will be away", row, here.now, here.me, member=row.member_id, first=str(row.first), last=str(row.last))
    answer.said(request, _("%(who)s gets no leads on these days.") % {"who": row.member.name})
    return redirect("team")


@members()
@require_POST
@transaction.atomic
def today(request: HttpRequest) -> HttpResponse:
    """Out of office for the rest of the day, with one button."""
    here = shell.of(request)
    day = here.now.astimezone(here.zone).date()
    row, new = Absence.objects.get_or_create(member=here.me, first=day, last=day, defaults={"why": _("Out today")})
    if new:
        note("will be away", row, here.now, here.me, member=here.me.pk, first=str(day), last=str(day))
    answer.said(request, _("You get no leads today."))
    return redirect("team")


@members()
@require_POST
@transaction.atomic
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    here, row = shell.of(request), get_object_or_404(Absence.objects.select_related("member"), pk=pk)
    if row.member_id != here.me.pk and here.me.role not in HOSTS:
        raise Http404
    note("will not be away", row, here.now, here.me, member=row.member_id, first=str(row.first), last=str(row.last))
    row.delete()
    answer.said(request, _("%(who)s gets leads on these days.") % {"who": row.member.name})
    return redirect("team")
