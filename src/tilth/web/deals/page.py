"""One deal: what it may bring, where it came from, what was done, what is odd about it."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from tilth.core.terms import Reason
from tilth.deals.models import Deal
from tilth.journal.models import Entry
from tilth.team.models import Member, Role
from tilth.web import shell, words
from tilth.web.access import members
from tilth.web.typed import shown

from .forms import Lose, Price


@members()
def deal(request: HttpRequest, pk: int) -> HttpResponse:
    return show(request, find(pk))


def find(pk: int) -> Deal:
    deals = Deal.objects.select_related("company", "person", "owner", "won", "lost", "handoff__version")
    return get_object_or_404(deals, pk=pk)


def show(request: HttpRequest, deal: Deal, **forms: Any) -> HttpResponse:
    """The page; with a form that was refused, as it was typed, and status 422."""
    here = shell.of(request)
    is_open = not (hasattr(deal, "won") or hasattr(deal, "lost"))
    start = {"amount": shown(deal.amount, deal.currency)}
    reasons = lost_reasons(request, deal)
    acts = is_open and may_act(here.me, deal)
    context = {
        "deal": deal,
        "may_act": acts,
        "refused": None if acts else next(iter(forms.values()), None),
        "flags": deal.flags.order_by("at"),
        "done": [(e, _say(e, deal)) for e in _entries(deal)],
        "lost_because": _because(deal, reasons),
        "price": Price(deal.currency, initial=start, prefix="price"),
        "win": Price(deal.currency, initial=start, prefix="win"),
        "lose": Lose(reasons, prefix="lose"),
    }
    return render(request, "deals/deal.html", context | forms, status=422 if forms else 200)


def lost_reasons(request: HttpRequest, deal: Deal) -> tuple[Reason, ...]:
    """Of the agreement under which the lead was handed off; of the running one for a deal without handoff."""
    terms = deal.handoff.version.terms if deal.handoff else shell.of(request).terms
    return terms.lost_reasons if terms else ()


def may_act(member: Member, deal: Deal) -> bool:
    if member.role not in (Role.SALES, Role.MANAGER):
        return False
    return member.role == Role.MANAGER or deal.owner_id in (None, member.pk)


def _entries(deal: Deal) -> QuerySet[Entry]:
    return Entry.objects.filter(subject="deal", subject_id=deal.pk).order_by("-at", "-id")[:20]


def _say(entry: Entry, deal: Deal) -> str:
    """A line of the journal in words, with its figures."""
    amount = words.money(entry.data.get("amount"), deal.currency)
    if entry.verb == "opened deal":
        return _("Opened, %(amount)s") % {"amount": amount} if amount else _("Opened")
    if entry.verb == "changed amount":
        was = words.money(entry.data.get("was"), deal.currency) or _("not known")
        return _("Amount: %(amount)s, was %(was)s") % {"amount": amount, "was": was}
    if entry.verb == "won":
        return _("Won, %(amount)s") % {"amount": amount}
    return _("Lost") if entry.verb == "lost" else entry.verb


def _because(deal: Deal, reasons: tuple[Reason, ...]) -> str:
    """Why it was lost, in the agreement's words; a reason of another system as it came."""
    if not hasattr(deal, "lost"):
        return ""
    return next((r.say for r in reasons if r.id == deal.lost.reason), deal.lost.reason)
