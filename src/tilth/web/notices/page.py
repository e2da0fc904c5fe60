"""The notices of a member, newest first; read by a click."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from tilth.notify import models
from tilth.notify.models import Notice
from tilth.notify.telling import came
from tilth.web import shell
from tilth.web.access import members

SHOWN = 50


@members()
def notices(request: HttpRequest) -> HttpResponse:
    rows = _mine(request).select_related("person__company", "person__origin__offer", "person__origin__campaign")
    shown = [(n, came(getattr(n.person, "origin", None))) for n in rows.order_by("-pk")[:SHOWN]]
    return render(request, "notices/notices.html", {"notices": shown, "unread": any(not n.read_at for n, _c in shown)})


@members()
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Read, and on to the person."""
    notice = get_object_or_404(_mine(request), pk=pk)
    _mine(request).filter(pk=pk, read_at=None).update(read_at=shell.of(request).now)
    return redirect("person", notice.person_id)


@members()
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    here = shell.of(request)
    models.read_all(here.me, here.now)
    return redirect("notices")


def _mine(request: HttpRequest) -> QuerySet[Notice]:
    return Notice.objects.filter(member=shell.of(request).me)
