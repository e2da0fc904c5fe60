"""Take back what was just done."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth import conveyor
from tilth.agreement import models as agreement
from tilth.deals.verbs import Refused
from tilth.journal.models import Entry
from tilth.nurture.undoing import undo as take_back
from tilth.web import answer, shell
from tilth.web.access import members


@members()
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    entry, around = get_object_or_404(Entry, pk=pk), shell.of(request)
    try:
        done = take_back(entry, around.me, around.now)
    except (Refused, agreement.Refused) as why:
        answer.refused(request, why)
    else:
        for person in {entry.person_id, *entry.data.get("people", ())} - {None}:
            conveyor.catch_up_on(person, around.now)
        answer.said(request, _("Undone"))
        for stays in sorted({said for _person, said in done.data.get("stays", ())}):
            answer.refused(request, _("But for some: %(why)s") % {"why": stays})
    return answer.back(request)
