"""Writing down what a ripe lead lacks; with the last of it, the lead is handed off."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth import conveyor
from tilth.handoff.models import Holding
from tilth.people.known import keep
from tilth.people.models import Person
from tilth.qualify.models import Ripe
from tilth.team.models import Role
from tilth.web import answer, shell
from tilth.web.access import members

from . import marketing
from .missing import Missing


@members(Role.MARKETING, Role.MANAGER)
@require_POST
def fill_in(request: HttpRequest, pk: int) -> HttpResponse:
    here = shell.of(request)
    person = get_object_or_404(Person.objects.select_related("company"), pk=pk)
    ripe = Ripe.objects.filter(pk=pk).first()
    if ripe is None:
        answer.said(request, _("Nothing is missing of %(who)s any more.") % {"who": person})
        return redirect("today")
    form = Missing(ripe, request.POST)
    if not form.is_valid():
        return marketing.show(request, refused=form)
    keep(form.told(), here.now, "typed in", here.me, person=person)
    conveyor.catch_up_on(pk, here.now)
    answer.said(request, _outcome(person))
    return redirect("today")


def _outcome(person: Person) -> str:
    holding = Holding.objects.select_related("owner").filter(person=person).first()
    if holding:
        return _("Saved. %(who)s was handed off to %(owner)s.") % {"who": person, "owner": holding.owner.name}
    return _("Saved: %(who)s.") % {"who": person}
