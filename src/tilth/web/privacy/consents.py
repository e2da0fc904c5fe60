"""Writing down what somebody told one of us, and on which ground we keep them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.consent import by_hand
from tilth.consent.models import Act, Limit, Purpose
from tilth.people.models import Person
from tilth.web import answer, shell
from tilth.web.access import members

from .forms import Ground, Stop, Told
from .person import show


@members()
@require_POST
def told(request: HttpRequest, pk: int) -> HttpResponse:
    who, here = get_object_or_404(Person.objects.select_related("company"), pk=pk), shell.of(request)
    form = Told(here.now.astimezone(here.zone).date(), here.zone, request.POST)
    if not form.is_valid():
        return show(request, who, told=form)
    typed = form.cleaned_data
    by_hand.told(
        who, typed["act"], typed["purpose"], here.me, here.now, typed["method"], typed["text"].strip(), form.at(here.now)
    )  # fmt: skip
    said = (
        _("Written down: %(purpose)s, agreed")
        if typed["act"] == Act.GIVEN
        else _("Written down: %(purpose)s, not any more")
    )
    answer.said(request, said % {"purpose": Purpose(typed["purpose"]).label})
    return redirect("person-privacy", pk)


@members()
@require_POST
def basis(request: HttpRequest, pk: int) -> HttpResponse:
    who, here = get_object_or_404(Person.objects.select_related("company"), pk=pk), shell.of(request)
    form = Ground(request.POST)
    if not form.is_valid():
        return show(request, who, ground=form)
    by_hand.keep_on(who, form.cleaned_data["basis"], form.cleaned_data["note"], here.me, here.now)
    answer.said(request, _("Saved"))
    return redirect("person-privacy", pk)


@members()
@require_POST
def limit(request: HttpRequest, pk: int) -> HttpResponse:
    who, here = get_object_or_404(Person.objects.select_related("company"), pk=pk), shell.of(request)
    form = Stop(request.POST)
    if not form.is_valid():
        return show(request, who, stop=form)
    by_hand.limit(who, form.cleaned_data["kind"], form.cleaned_data["why"], here.me, here.now)
    answer.said(request, _("Written down. Everybody who opens the page sees it."))
    return redirect("person-privacy", pk)


@members()
@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    row, here = get_object_or_404(Limit, pk=pk), shell.of(request)
    by_hand.lift(row, here.me, here.now)
    answer.said(request, _("Lifted"))
    return redirect("person-privacy", row.person_id)
