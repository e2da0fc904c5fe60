"""One click for one leak: an owner, as routing says or as chosen, or a next step with a day. Each can be undone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth import conveyor
from tilth.deals.assigning import assign
from tilth.handoff.passing import passes_on
from tilth.handoff.verbs import Refused
from tilth.people.models import Person
from tilth.team.models import Member, Role
from tilth.touches.next_steps import LONGEST, plan_step
from tilth.web import answer, shell
from tilth.web.access import members
from tilth.web.typed import day, text

from .page import SEES


@members(*SEES)
@require_POST
def owner(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the lead to whom was chosen; nobody chosen: as routing says."""
    here, person = shell.of(request), get_object_or_404(Person.objects.select_related("company"), pk=pk)
    chosen = request.POST.get("owner", "")
    sales = Member.objects.selling()
    to = get_object_or_404(sales, pk=int(chosen[:18]) if chosen.isdecimal() else 0) if chosen else None
    try:
        done = assign(person, here.me, here.now, to)
    except Refused as refusal:
        answer.refused(request, refusal)
    else:
        conveyor.catch_up_on(person.pk, here.now)
        said = _("%(who)s is with %(owner)s now.") % {"who": person, "owner": done.row.owner.name}
        answer.said(request, said, done.entry)
    return answer.back(request, "leaks")


@members(*SEES)
@require_POST
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what comes next and by which day: for the owner of the lead, or for who says it when nobody has it."""
    here, person = shell.of(request), get_object_or_404(Person.objects.select_related("holding__owner"), pk=pk)
    holding = getattr(person, "holding", None)
    does = holding.owner if holding is not None else here.me
    what, on = text(request, "what", LONGEST), day(text(request, "on", 10))
    if does != here.me and not passes_on(here.me, here.version):
        answer.refused(request, _("This lead is with %(who)s. Ask them or a manager.") % {"who": does})
    elif holding is None and here.me.role == Role.SALES:
        answer.refused(request, _("Nobody in sales has this lead. Marketing or a manager says what comes next."))
    elif not what or on is None or on < here.today:
        answer.refused(request, _("Write what comes next, and by which day from today on."))
    else:
        _row, entry = plan_step(person, here.me, what, on, here.now, member=does)
        answer.said(request, _("%(who)s: %(owner)s does the next step") % {"who": person, "owner": does}, entry)
    return answer.back(request, "leaks")
