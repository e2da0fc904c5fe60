"""One track: its mails, who is in it, what came of it; let it run, rest, or close it."""

from django.conf import settings
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.core.nurture import faults
from tilth.nurture import tracks
from tilth.nurture.models import Enrolment, Track
from tilth.nurture.results import results
from tilth.web import answer, shell
from tilth.web.access import members

from . import words
from .listing import WHO

PAGE = 50


@members(*WHO)
def track(request: HttpRequest, pk: int) -> HttpResponse:
    return show(request, get_object_or_404(Track.objects.select_related("edition", "sender"), pk=pk))


def show(request: HttpRequest, row: Track, refused: list[str] | None = None, typed: str = "") -> HttpResponse:
    """The page of a track; with whom it could not take in, and what was typed."""
    here = shell.of(request)
    which = request.GET.get("which") if request.GET.get("which") in ("over", "all") else "inside"
    before = request.GET.get("before", "")
    ways = Enrolment.objects.filter(track=row).select_related("person__company", "by")
    if which != "all":
        ways = ways.filter(ended_at__isnull=which == "inside")
    if before.isdecimal():
        ways = ways.filter(pk__lt=int(before[:18]))
    went = Q(mailings__sent_at__isnull=False)
    found = list(
        ways.annotate(sent=Count("mailings", filter=went), last=Max("mailings__sent_at")).order_by("-pk")[: PAGE + 1]
    )
    context = {
        "row": row,
        "says": row.says,
        "state": words.state(row),
        "rule": words.rule(row.says.rule, here.terms),
        "ready": not faults(row.says),
        "results": results(row),
        "ways": found[:PAGE],
        "older": found[PAGE - 1].pk if len(found) > PAGE else 0,
        "which": which,
        "editions": row.editions.select_related("by").order_by("-number")[:20],
        "no_mail": settings.MAIL is None or not settings.MAIL_FROM,
        "refused": refused or [],
        "typed": typed,
    }
    return render(request, "nurture/track.html", context, status=422 if refused else 200)


@members(*WHO)
@require_POST
def state(request: HttpRequest, pk: int) -> HttpResponse:
    here, row, do = shell.of(request), get_object_or_404(Track, pk=pk), request.POST.get("do")
    try:
        if do == "close":
            tracks.close(row, here.me, here.now)
            answer.said(request, _("The track is closed. Nobody gets a mail of it any more."))
        elif do in ("run", "rest"):
            tracks.run(row, do == "run", here.me, here.now)
            answer.said(
                request, _("The track runs.") if do == "run" else _("The track rests. Everybody stays where they are.")
            )
    except tracks.NotReady:
        answer.refused(request, _("Not every mail is whole yet. Mend what the editor marks, and keep it."))
        return redirect("track-edit", row.pk)
    return redirect("track", row.pk)
