"""What is done at the desk: a lead passed on as proposed or to somebody, all at once, and a deal taken over."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tilth import conveyor
from tilth.deals.taking_over import take_over
from tilth.handoff.joining import join_or_hand_off
from tilth.handoff.models import Handoff
from tilth.handoff.passing import pass_on, passes_on, reassign
from tilth.handoff.verbs import Done, NotYours, Refused, hand_off
from tilth.people.models import Person
from tilth.team.models import Member, Role
from tilth.web import answer, shell
from tilth.web.access import members
from tilth.web.verbs import do

from .page import SEES, shown


@members(*SEES)
@require_POST
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Pass one lead on: to whom was chosen, or as routing says when nobody was."""
    here, person = shell.of(request), get_object_or_404(Person.objects.select_related("company"), pk=pk)
    try:
        done = _hand_off(here, person, _owner(request))
    except Refused as refusal:
        answer.refused(request, refusal)
    else:
        conveyor.catch_up_on(person.pk, here.now)
        answer.said(request, _("%(who)s is with %(owner)s now.") % {"who": person, "owner": done.row.owner.name})
    return answer.back(request, "desk")


@members(*SEES)
@require_POST
def everything(request: HttpRequest) -> HttpResponse:
    """Pass on what the page showed, as proposed; what finds nobody stays."""
    here, done = shell.of(request), 0
    sent = {int(pk) for pk in request.POST.getlist("lead") if pk.isascii() and pk.isdecimal() and len(pk) < 18}
    for ripe in [r for r in shown() if r.pk in sent]:
        try:
            _hand_off(here, ripe.person, None)
        except NotYours as refusal:
            answer.refused(request, refusal)
            break
        except Refused:
            continue
        conveyor.catch_up_on(ripe.pk, here.now)
        done += 1
    if done:
        answer.said(request, ngettext("%(n)s lead passed on.", "%(n)s leads passed on.", done) % {"n": done})
    return redirect("desk")


@members(*SEES)
@require_POST
def over(request: HttpRequest, pk: int) -> HttpResponse:
    """Who takes over the open deal of a colleague who left."""
    handoff, here = _handoff(pk), shell.of(request)
    owner = get_object_or_404(Member.objects.selling(), pk=getattr(_owner(request), "pk", 0))
    said = _("%(who)s is with %(owner)s now.") % {"who": handoff.person, "owner": owner.name}
    return do(request, handoff.person_id, lambda: take_over(handoff, owner, here.me, here.now), said, undo=False)


@members(Role.SALES, Role.MANAGER)
@require_POST
def onwards(request: HttpRequest, pk: int) -> HttpResponse:
    """Worked first, and now to who sells."""
    handoff, here = _handoff(pk), shell.of(request)
    said = _("%(who)s is passed on.") % {"who": handoff.person}
    return do(request, handoff.person_id, lambda: pass_on(handoff, here.me, here.now), said, undo=False)


@members(*SEES)
@require_POST
def another(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a lead that somebody has to somebody else; without a name to whom routing chooses."""
    handoff, here, owner = _handoff(pk), shell.of(request), _owner(request)
    said = _("%(who)s has another owner now.") % {"who": handoff.person}
    return do(request, handoff.person_id, lambda: reassign(handoff, owner, here.now, here.me), said, undo=False)


def _hand_off(here: shell.Shell, person: Person, owner: Member | None) -> Done:
    if not passes_on(here.me, here.version):
        raise NotYours(_("Only a manager or the dispatcher passes leads on at the desk."))
    return hand_off(person, here.now, here.me, owner) if owner else join_or_hand_off(person, here.now, here.me)


def _owner(request: HttpRequest) -> Member | None:
    """The colleague in sales who was chosen; None when nobody was."""
    chosen = request.POST.get("owner", "")
    if not chosen:
        return None
    return get_object_or_404(Member.objects.selling(), pk=int(chosen[:18]) if chosen.isdecimal() else 0)


def _handoff(pk: int) -> Handoff:
    return get_object_or_404(Handoff.objects.select_related("person__company", "version", "owner"), pk=pk)
