"""A new lead, typed in: met at a fair, prospected, sent by a friend. Sales may keep it for themselves."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tilth import conveyor
from tilth.handoff.verbs import Refused, hand_off, log_contact
from tilth.people.known import keep
from tilth.team.models import Role
from tilth.web import answer, shell
from tilth.web.access import members

from .forms import Somebody


@members(Role.SALES, Role.MARKETING, Role.MANAGER)
def add(request: HttpRequest) -> HttpResponse:
    around, form = shell.of(request), Somebody(request.POST or None)
    if not form.is_valid():
        return render(request, "people/add.html", {"form": form}, status=422 if form.is_bound else 200)
    person, made = keep(form.told(), around.now, "typed in", around.me)
    log_contact(person, around.me, "note", around.now, note=form.cleaned_data["met"].strip())
    conveyor.catch_up_on(person.pk, around.now)
    said = _("%(who)s is a lead now") if made else _("%(who)s was known already; what is new was added")
    if "mine" in request.POST:
        try:
            hand_off(person, around.now, around.me, around.me)
        except Refused as why:
            answer.refused(request, why)
    answer.said(request, said % {"who": person})
    return redirect("person", person.pk)
