"""Take back what was just done."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth import conveyor
from tilth.agreement import models as agreement
from tilth.deals.verbs import Refused
from tilth.deals.verbs import undo as take_back
from tilth.journal.models import Entry
from tilth.web import answer, shell
from tilth.web.access import members


@members()
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    entry, around = get_object_or_404(Entry, pk=pk), shell.of(request)
    try:
        take_back(entry, around.me, around.now)
    except (Refused, agreement.Refused) as why:
        answer.refused(request, why)
    else:
        if entry.person_id is not None:
            conveyor.catch_up_on(entry.person_id, around.now)
        answer.said(request, _("Undone"))
    return answer.back(request)
