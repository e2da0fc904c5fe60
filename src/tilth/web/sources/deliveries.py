"""One delivery: as it came, and read once more."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tilth.capture import understand
from tilth.capture.models import Received
from tilth.core import wire
from tilth.core.wire import Unreadable
from tilth.journal.models import note
from tilth.team.models import Role
from tilth.web import answer, shell
from tilth.web.access import members

SHOWN = 1_000_000  # bytes


@members(Role.ADMIN)
def as_it_came(request: HttpRequest, pk: int) -> HttpResponse:
    """The text that was sent, unpacked where it can be; never taken for a page by a browser."""
    body = bytes(get_object_or_404(Received, pk=pk).body)
    try:
        body = wire.inflate(body)
    except Unreadable:
        pass
    return HttpResponse(body[:SHOWN], content_type="text/plain; charset=utf-8")


@members(Role.ADMIN)
@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it again, after the cause of a refusal was mended; what was taken before stays as it is."""
    here, received = shell.of(request), get_object_or_404(Received.objects.select_related("source"), pk=pk)
    refused = len(understand.replay(received, here.now))
    note("replayed delivery", received, here.now, here.me, refused=refused)
    if refused:
        told = ngettext(
            "Read again: %(n)s event is still refused.", "Read again: %(n)s events are still refused.", refused
        )
        answer.refused(request, told % {"n": refused})
    else:
        answer.said(request, _("Read again: nothing is refused."))
    return redirect("refusals" if request.POST.get("then") == "refusals" else "sources")
