"""A new lead, typed in (R20): it comes in through marketing's door or through sales', as whoever types it belongs to.

Sales may keep it for themselves.
"""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tilth import conveyor
from tilth.content.models import Offer
from tilth.handoff.verbs import Refused, hand_off
from tilth.journal.models import note
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.team.models import Role
from tilth.touches.models import Evidence, Origin, Team
from tilth.touches.record import offer, record
from tilth.web import answer, shell
from tilth.web.access import members
from tilth.web.shell import Shell

from .forms import Somebody

LATELY = 200


@members(Role.SALES, Role.MARKETING, Role.MANAGER)
def add(request: HttpRequest) -> HttpResponse:
    around, form = shell.of(request), Somebody(request.POST or None)
    if not form.is_valid():
        return render(request, "people/add.html", {"form": form, **_known()}, status=422 if form.is_bound else 200)
    person, made = _keep(form.told(), form.cleaned_data, around)
    conveyor.catch_up_on(person.pk, around.now)
    said = _("%(who)s is a lead now") if made else _("%(who)s was known already; what is new was added")
    if "mine" in request.POST:
        try:
            hand_off(person, around.now, around.me, around.me)
        except Refused as why:
            answer.refused(request, why)
    answer.said(request, said % {"who": person})
    return redirect("person", person.pk)


@transaction.atomic
def _keep(told: Told, typed: dict[str, Any], around: Shell) -> tuple[Person, bool]:
    """The person, made or brought up to date, with the touch that made them a lead; True when made."""
    person, made = keep(told, around.now, "typed in", around.me)
    door = Team.MARKETING if around.me.role == Role.MARKETING else Team.SALES
    said = {"note": typed["met"].strip()} if typed["met"].strip() else {}
    touch, _new = record(
        typed["how"], around.now, around.now, person=person, team=door, evidence=Evidence.DECLARED, member=around.me,
        offer=offer(typed["offer"], around.now), source=typed["source"].strip(), properties=said,
    )  # fmt: skip
    note("brought in", touch, around.now, around.me, person.pk, how=typed["how"])
    return person, made


def _known() -> dict[str, Any]:
    """Offers and sources that were used before, to choose from while typing."""
    newest = Origin.objects.exclude(source="").order_by("-at").values_list("source", flat=True)[:LATELY]
    return {"offers": Offer.objects.order_by("name")[:LATELY], "origins": sorted(set(newest))}
