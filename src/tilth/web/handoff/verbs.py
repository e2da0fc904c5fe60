"""What sales does with a lead, one address for each. Who may is the verb's to say, and it says it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.core.terms import Reason
from tilth.handoff import joining, verbs
from tilth.handoff.models import Handoff, Joining
from tilth.handoff.recycling import rounds
from tilth.people.models import Person
from tilth.team.models import Role
from tilth.web import answer, given_up, shell
from tilth.web.access import members
from tilth.web.people.standing import mini
from tilth.web.typed import text
from tilth.web.verbs import do

from .forms import GiveUp

SELLING = (Role.SALES, Role.MANAGER)


@members(Role.MARKETING, *SELLING)
@require_POST
def hand_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Into the open handoff of their group; else marketing and managers hand off to whom routing chooses, sales takes it on."""
    person, around = get_object_or_404(Person.objects.select_related("company"), pk=pk), shell.of(request)
    owner = around.me if around.me.role == Role.SALES else None
    if found := joining.to_join(person):
        said = _("%(who)s joined %(lead)s") % {"who": person, "lead": found.person}
        return do(request, pk, lambda: joining.join_or_hand_off(person, around.now, around.me), said, undo=False)
    said = _("%(who)s: yours now") if owner else _("%(who)s: handed off")
    said %= {"who": person}
    return do(request, pk, lambda: verbs.hand_off(person, around.now, around.me, owner), said, undo=False)


@members(*SELLING)
@require_POST
def taken_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Who joined a handoff goes their own way again."""
    row, around = get_object_or_404(Joining.objects.select_related("person", "handoff"), pk=pk), shell.of(request)
    said = _("%(who)s is looked at by themselves again") % {"who": row.person}
    return do(request, row.person_id, lambda: joining.take_out(row, around.me, around.now), said, undo=False)


@members(*SELLING)
@require_POST
def acceptance(request: HttpRequest, pk: int) -> HttpResponse:
    handoff, around = _handoff(pk), shell.of(request)
    said = _("%(who)s: accepted") % {"who": handoff.person}
    return do(request, handoff.person_id, lambda: verbs.accept(handoff, around.me, around.now), said)


@members(*SELLING)
@require_POST
def qualified(request: HttpRequest, pk: int) -> HttpResponse:
    handoff, around = _handoff(pk), shell.of(request)
    said = _("%(who)s is an SQL") % {"who": handoff.person}
    note = text(request, "note", 4_000)
    return do(request, handoff.person_id, lambda: verbs.qualified(handoff, around.me, around.now, note), said)


@members(*SELLING)
def return_lead(request: HttpRequest, pk: int) -> HttpResponse:
    handoff = _handoff(pk)
    words = {
        "title": _("Return %(who)s to marketing") % {"who": handoff.person},
        "button": _("Return"),
        "said": _("%(who)s: returned to marketing") % {"who": handoff.person},
    }
    return _give_up(request, handoff, handoff.version.terms.return_reasons, verbs.return_lead, words)


@members(*SELLING)
def hand_back(request: HttpRequest, pk: int) -> HttpResponse:
    handoff = _handoff(pk)
    words = {
        "title": _("Hand %(who)s back to marketing") % {"who": handoff.person},
        "button": _("Hand back"),
        "said": _("%(who)s: handed back to marketing") % {"who": handoff.person},
    }
    return _give_up(request, handoff, handoff.version.terms.recycle_reasons, verbs.hand_back, words)


def _give_up(
    request: HttpRequest,
    handoff: Handoff,
    reasons: tuple[Reason, ...],
    verb: Callable[..., verbs.Done],
    words: dict[str, Any],
) -> HttpResponse:
    """Ask for the reason, what it rests on, and what brings the lead back; with them, do it."""
    around, form = shell.of(request), GiveUp(reasons, given_up.choices(handoff), request.POST or None)
    if not form.is_valid():
        context = {"handoff": handoff, "form": form, **_beside(handoff, around), **words}
        return answer.form(request, "handoff/give_up.html", context)
    why = form.cleaned_data
    return do(
        request,
        handoff.person_id,
        lambda: verb(handoff, around.me, why["reason"], why["note"], around.now, **form.why),
        words["said"],
    )


def _beside(handoff: Handoff, around: shell.Shell) -> dict[str, Any]:
    """What is seen beside the choice (R45): the matrix, the ideal customers, and how often the lead went round."""
    terms = handoff.version.terms
    rules = around.terms.recycling if around.terms else terms.recycling
    return {
        "mini": mini(terms, handoff),
        "fit": handoff.why.get("fit", []),
        "ideal": [(c.say, c.id == handoff.why.get("segment")) for c in terms.segments],
        "round": rounds([handoff.person_id])[handoff.person_id],
        "recycling": rules,
    }


def _handoff(pk: int) -> Handoff:
    return get_object_or_404(Handoff.objects.select_related("person__company", "version", "owner"), pk=pk)
