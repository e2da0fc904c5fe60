"""A file behind an offer, by its signed link: as a download that no browser runs. Each fetch is a touch."""

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.http import require_safe

from tilth.core import evidence
from tilth.forms import files, submissions
from tilth.forms.files import Fetch
from tilth.people import ours
from tilth.touches.models import Evidence
from tilth.web import clock

from . import sender
from .sender import Sender


@require_safe
def fetch(request: HttpRequest, token: str) -> HttpResponseBase:
    now, found = clock.now(), files.opened(token)
    if found is None or found.until < now or not files.path(found.file).exists():
        with override(found.submission.language if found else "en"):
            return render(request, "public/gone.html", {"found": found, "theme": "auto"}, status=410)
    if request.method == "GET":
        found = _known(found)
        who = sender.of(request)
        files.fetched(found, _evidence(request, who), now, who.network, who.agent)
    response = _given(request, found)
    response["Content-Type"] = "application/octet-stream"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Robots-Tag"] = "noindex"
    return response


def _given(request: HttpRequest, found: Fetch) -> HttpResponseBase:
    if request.method == "HEAD":
        return HttpResponse(headers={"Content-Length": str(found.file.size)})
    return FileResponse(files.path(found.file).open("rb"), as_attachment=True, filename=found.file.name)


def _known(found: Fetch) -> Fetch:
    """Where the file is given at once, its link may be quicker than the stage that reads submissions."""
    row = found.submission
    if row.taken_at is None and not row.doubt:
        row = submissions.take(row.pk, clock.now())
    return Fetch(row, found.file, found.until)


def _evidence(request: HttpRequest, who: Sender) -> int:
    machine = sender.looks_ahead(request) or evidence.of_request(who.agent, who.network, ours.known())
    return Evidence.MACHINE if machine else Evidence.OBSERVED
