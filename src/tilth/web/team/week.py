"""How one colleague works: own hours, zone and holidays, room for leads, learning the job, the last day."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from tilth.journal.models import note
from tilth.team.models import Member, Week
from tilth.web import answer, shell
from tilth.web.access import members

from .page import HOSTS
from .week_form import HowTheyWork, typed


@members()
@transaction.atomic
def week(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody's own hours are theirs to say; room, learning and the last day are a manager's."""
    here, member = shell.of(request), get_object_or_404(Member, pk=pk)
    host = here.me.role in HOSTS
    if member.pk != here.me.pk and not host:
        raise Http404
    row = Week.objects.filter(pk=pk).first()
    form = HowTheyWork(here.terms, host, request.POST or None, initial=typed(row))
    if form.is_valid():
        _keep(member, form.values(), here)
        answer.said(request, _("Saved"))
        return redirect("team")
    context = {"form": form, "colleague": member, "host": host}
    return render(request, "team/week.html", context, status=422 if form.is_bound else 200)


def _keep(member: Member, values: dict[str, Any], here: shell.Shell) -> None:
    row, _new = Week.objects.update_or_create(member=member, defaults=values)
    told = {name: value for name, value in values.items() if name != "skills" or value}
    note("changed week", row, here.now, here.me, member=member.pk, **{k: _plain(v) for k, v in told.items()})


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str | list | dict | None) else str(value)
