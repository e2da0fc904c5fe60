"""The card: shown, taken once however often it is sent, and answered to a browser or to the page's own script."""

import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tilth import conveyor
from tilth.capture.card import take_card
from tilth.handoff.verbs import Refused, hand_off
from tilth.people.models import Person
from tilth.people.suppressed import Suppressed
from tilth.team.models import Role
from tilth.web import answer, shell
from tilth.web.access import members

from . import worker
from .forms import CardForm

EVENT = "card-event"  # in the session: where this member is today


@members()
def card(request: HttpRequest) -> HttpResponse:
    here, form = shell.of(request), CardForm(request.POST or None)
    if not form.is_bound and _by_script(request):  # a page kept on the phone may be older than both
        return JsonResponse({"token": get_token(request), "member": here.me.pk})
    if not form.is_bound:
        return _page(request, CardForm(initial={"id": uuid.uuid4(), "event": request.session.get(EVENT, "")}))
    if not form.is_valid():
        return JsonResponse({"errors": _said(form)}, status=422) if _by_script(request) else _page(request, form, 422)
    request.session[EVENT] = form.cleaned_data["event"]
    try:
        touch, new = take_card(form.card(here.now), here.me, here.now)
    except Suppressed as why:
        return _not_kept(request, form.cleaned_data["name"], str(why))
    assert touch.person is not None
    trouble = _caught_up(here, touch.person, form.cleaned_data["mine"]) if new else ""
    if _by_script(request):
        return JsonResponse(
            {"person": reverse("person", args=[touch.person.pk]), "name": str(touch.person), "trouble": trouble}
        )
    if trouble:
        answer.refused(request, trouble)
    answer.said(request, _("%(who)s: card kept") % {"who": touch.person})
    return redirect("card")


def _not_kept(request: HttpRequest, name: str, why: str) -> HttpResponse:
    """Somebody who was erased: the phone may forget the card."""
    if _by_script(request):
        return JsonResponse({"person": "", "name": name, "trouble": why})
    answer.refused(request, why)
    return redirect("card")


def _page(request: HttpRequest, form: CardForm, status: int = 200) -> HttpResponse:
    return render(request, "card/card.html", {"form": form, "version": worker.version()}, status=status)


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _said(form: CardForm) -> list[str]:
    """Every error with the name of its field, for who reads them later on the phone."""
    out = []
    for name, errors in form.errors.items():
        label = f"{form.fields[name].label}: " if name in form.fields else ""
        out += [f"{label}{error}" for error in errors]
    return out


def _caught_up(here: shell.Shell, person: Person, mine: bool) -> str:
    """The stages catch up on the person, and whoever met them may take them on; why that was refused, or ""."""
    conveyor.catch_up_on(person.pk, here.now)
    if mine and here.me.role == Role.SALES:
        try:
            hand_off(person, here.now, here.me, here.me)
        except Refused as why:
            return str(why)
    return ""
