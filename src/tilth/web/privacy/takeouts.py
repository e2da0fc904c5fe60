"""Everything about one person as a file: asked for here, made by the conveyor, fetched for a week."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.journal.models import note
from tilth.people.models import Person
from tilth.privacy import takeouts
from tilth.privacy.models import Takeout
from tilth.web import answer, shell
from tilth.web.access import members

from .person import OFFICERS


@members(*OFFICERS)
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    who, here = get_object_or_404(Person, pk=pk), shell.of(request)
    takeouts.ask(who, here.me, here.now)
    answer.said(request, _("The file is being made. You can leave this page."))
    return redirect("person-privacy", pk)


@members(*OFFICERS)
def fetch(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file itself; that it was fetched is written down."""
    row, here = get_object_or_404(Takeout, pk=pk, finished_at__isnull=False), shell.of(request)
    if not row.path.exists():
        raise Http404
    note("fetched everything about", row, here.now, here.me, person=row.person_id)
    response = FileResponse(row.path.open("rb"), as_attachment=True, filename=f"person-{row.person_id}.zip")
    response["Cache-Control"] = "no-store"
    return response
