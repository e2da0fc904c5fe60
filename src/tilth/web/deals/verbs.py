"""What sales does with a deal, one address each: open it, price it, win it, lose it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth import conveyor
from tilth.deals import verbs
from tilth.deals.models import Deal
from tilth.deals.verbs import Done, Refused
from tilth.people.models import Person
from tilth.web import answer, shell, words
from tilth.web.access import members

from .forms import Lose, OpenDeal, Price
from .page import find, lost_reasons, show


@members("sales", "manager")
def open_deal(request: HttpRequest, person: int) -> HttpResponse:
    """GET asks for what and how much; POST opens it."""
    here = shell.of(request)
    who = get_object_or_404(Person.objects.select_related("company"), pk=person)
    form = OpenDeal(here.currency, request.POST or None, initial={"name": str(who.company or who)})
    if form.is_valid():
        try:
            told = form.cleaned_data
            done = verbs.open_deal(who, here.me, told["name"], told["amount"], here.currency, here.now)
            return _did(request, done.row, done, _("Deal opened"))
        except Refused as why:
            form.add_error(None, str(why))
    return render(request, "deals/open.html", {"form": form, "person": who}, status=422 if form.errors else 200)


@members("sales", "manager")
@require_POST
def amount(request: HttpRequest, pk: int) -> HttpResponse:
    deal, here = find(pk), shell.of(request)
    form = Price(deal.currency, request.POST, prefix="price")
    if form.is_valid():
        try:
            price = form.cleaned_data["amount"]
            done = verbs.change_amount(deal, here.me, price, here.now)
            return _did(request, deal, done, _("Amount is %(amount)s") % {"amount": words.money(price, deal.currency)})
        except Refused as why:
            form.add_error(None, str(why))
    return show(request, deal, price=form)


@members("sales", "manager")
@require_POST
def won(request: HttpRequest, pk: int) -> HttpResponse:
    deal, here = find(pk), shell.of(request)
    form = Price(deal.currency, request.POST, prefix="win")
    if form.is_valid():
        try:
            done = verbs.win(deal, here.me, here.now, form.cleaned_data["amount"])
            return _did(
                request, deal, done, _("Won: %(amount)s") % {"amount": words.money(done.row.amount, deal.currency)}
            )
        except Refused as why:
            form.add_error(None, str(why))
    return show(request, deal, win=form)


@members("sales", "manager")
@require_POST
def lost(request: HttpRequest, pk: int) -> HttpResponse:
    deal, here = find(pk), shell.of(request)
    form = Lose(lost_reasons(request, deal), request.POST, prefix="lose")
    if form.is_valid():
        try:
            done = verbs.lose(deal, here.me, now=here.now, **form.cleaned_data)
            gone = done.entry is not None and done.entry.data["moved"]
            said = _("Lost, with its reason. The lead is back with marketing.") if gone else _("Lost, with its reason.")
            return _did(request, deal, done, said)
        except Refused as why:
            form.add_error(None, str(why))
    return show(request, deal, lose=form)


def _did(request: HttpRequest, deal: Deal, done: Done, what: str) -> HttpResponse:
    if deal.person_id:
        conveyor.catch_up_on(deal.person_id, shell.of(request).now)
    answer.said(request, what, done.entry)
    return redirect("deal", deal.pk)
