"""The notices of a member, newest first; read by a click."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from tilth.notify import models
from tilth.notify.events import WORDS
from tilth.notify.models import Notice
from tilth.web import shell
from tilth.web.access import members

SHOWN = 50


@dataclass(frozen=True)
class Shown:
    """A notice in words."""

    notice: Notice
    title: str
    lines: str


@members()
def notices(request: HttpRequest) -> HttpResponse:
    shown = said(_mine(request).order_by("-pk")[:SHOWN], shell.of(request))
    return render(request, "notices/notices.html", {"notices": shown, "unread": any(not s.notice.read_at for s in shown)})  # fmt: skip


def said(rows: QuerySet[Notice], here: shell.Shell) -> list[Shown]:
    """These notices in words; one query."""
    out = []
    for notice in rows.select_related("event__person__company", "person"):
        event, words = notice.event, WORDS[notice.event.what]
        out.append(Shown(notice, words.title(event, notice.why), " · ".join(words.lines(event, notice.why, here.zone))))
    return out


@members()
@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Read, and on to the person; without one, to the page of the day."""
    notice = get_object_or_404(_mine(request), pk=pk)
    _mine(request).filter(pk=pk, read_at=None).update(read_at=shell.of(request).now)
    return redirect("person", notice.person_id) if notice.person_id else redirect("today")


@members()
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    here = shell.of(request)
    models.read_all(here.me, here.now)
    return redirect("notices")


def _mine(request: HttpRequest) -> QuerySet[Notice]:
    return Notice.objects.filter(member=shell.of(request).me)
