"""Talking about a draft or a version before it is signed. `panel` is what other pages show of it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.agreement import comments
from tilth.agreement.models import Comment, Draft, Refused, Version
from tilth.journal.models import Entry
from tilth.web import answer, shell
from tilth.web.access import members

from . import clauses
from .versions import WRITERS, may_write, version_or_404


@members(*WRITERS)
def on_version(request: HttpRequest, number: int) -> HttpResponse:
    return _talk(request, version_or_404(number))


@members(*WRITERS)
def on_draft(request: HttpRequest, pk: int) -> HttpResponse:
    return _talk(request, get_object_or_404(Draft, pk=pk))


@members(*WRITERS)
@require_POST
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    row, here = _comment(pk), shell.of(request)
    text = request.POST.get("text", "")
    return _done(request, row, lambda: comments.answer(row, text, here.me, here.now), _("Answered"))


@members(*WRITERS)
@require_POST
def closing(request: HttpRequest, pk: int) -> HttpResponse:
    row, here = _comment(pk), shell.of(request)
    return _done(request, row, lambda: comments.close(row, here.me, here.now), _("Closed"))


@members(*WRITERS)
@require_POST
def reopening(request: HttpRequest, pk: int) -> HttpResponse:
    row, here = _comment(pk), shell.of(request)
    return _done(request, row, lambda: comments.reopen(row, here.me, here.now), _("Open again"), undo=False)


def panel(request: HttpRequest, about: Draft | Version, **typed: Any) -> dict[str, Any]:
    """What `agreement/_comments.html` needs. `typed`: `text`, `clause` and `wrong` of a form that was refused."""
    threads = comments.threads(about)
    version = about.proposed if isinstance(about, Draft) else about
    still = about.discarded_at is None if isinstance(about, Draft) else True
    kind = ("agreement-comments", about.number) if isinstance(about, Version) else ("draft-comments", about.pk)
    return {
        "threads": [(thread, clauses.label(thread.comment.path, about.document)) for thread in threads],
        "open_threads": sum(thread.closing is None for thread in threads),
        "may_talk": may_write(shell.of(request).member) and still and (version is None or version.is_proposed),
        "comments_url": reverse(kind[0], args=[kind[1]]),
        "clauses": clauses.choices(about.document),
        "typed": {"clause": request.GET.get("clause", ""), **typed},
    }


def _talk(request: HttpRequest, about: Draft | Version) -> HttpResponse:
    """GET shows what was said; POST says something about a clause."""
    here, wrong = shell.of(request), {}
    if request.method == "POST":
        path, text = request.POST.get("about", "").replace("\0", ""), request.POST.get("text", "")
        try:
            entry = comments.comment(about, path, text, here.me, here.now)
        except Refused as why:
            wrong = {"wrong": str(why), "text": text, "clause": path}
        else:
            answer.said(request, _("Said"), entry)
            if not shell.htmx(request):
                return redirect(request.path)
    context = {
        "about": about,
        "version": about if isinstance(about, Version) else None,
        **panel(request, about, **wrong),
    }
    status = 422 if wrong else 200
    if shell.htmx(request) and request.method == "POST":
        return answer.part(request, "agreement/_comments.html", context, status=status)
    return render(request, "agreement/comments.html", context, status=status)


def _done(
    request: HttpRequest, row: Comment, verb: Callable[[], Entry | None], said: str, undo: bool = True
) -> HttpResponse:
    status = 200
    try:
        entry = verb()
    except Refused as why:
        answer.refused(request, why)
        status = 409
    else:
        if entry:
            answer.said(request, said, entry if undo else None)
    about = row.draft or row.version
    assert about is not None
    if shell.htmx(request):
        shown = about.proposed if isinstance(about, Draft) and about.proposed else about
        return answer.part(request, "agreement/_comments.html", panel(request, shown), status=status)
    return answer.back(request, "agreement")


def _comment(pk: int) -> Comment:
    return get_object_or_404(Comment.objects.select_related("draft__proposed", "version", "answers"), pk=pk)
