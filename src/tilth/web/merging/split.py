"""Two again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth import conveyor
from tilth.deals.merging import take_back
from tilth.handoff.verbs import Refused
from tilth.people.models import Merge
from tilth.web import answer, shell
from tilth.web.access import members

from .duplicates import MERGING


@members(*MERGING)
@require_POST
def split(request: HttpRequest, pk: int) -> HttpResponse:
    row, around = get_object_or_404(Merge.objects.select_related("person", "company"), pk=pk), shell.of(request)
    try:
        take_back(row, around.me, around.now)
    except Refused as why:
        answer.refused(request, why)
    else:
        for person in filter(None, (row.person_id, row.merged_id if row.person_id else None)):
            conveyor.catch_up_on(person, around.now)
        answer.said(request, _("%(one)s and %(other)s are two again") % {"one": row.survivor, "other": row.name})
    return redirect("person" if row.person_id else "company", row.survivor.pk)
