"""A file behind an offer, by its signed link: as a download that no browser runs. Each fetch is a touch.

The link shows a button, and only the button fetches: scanners of mail open every link, as browsers of people do.
"""

from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tilth.core import evidence
from tilth.forms import files, submissions
from tilth.forms.files import Fetch
from tilth.people import ours
from tilth.touches.models import Evidence
from tilth.web import clock

from . import sender


@csrf_exempt  # whoever has the link may press the button
@require_http_methods(["GET", "HEAD", "POST"])
def fetch(request: HttpRequest, token: str) -> HttpResponseBase:
    now, found = clock.now(), files.opened(token)
    gone = found is None or found.until < now or not files.path(found.file).exists()
    if found is None or gone or request.method != "POST":
        with override(sender.language(request, found.submission.language if found else "")):
            context = {"found": found, "gone": gone, "theme": "auto"}
            return render(request, "public/fetch.html", context, status=410 if gone else 200)
    found, who = _known(found), sender.of(request)
    machine = evidence.of_request(who.agent, who.network, ours.known())
    level = Evidence.MACHINE if machine else Evidence.OBSERVED
    files.fetched(found, level, now, who.network, who.agent, machine)
    response = FileResponse(files.path(found.file).open("rb"), as_attachment=True, filename=found.file.name)
    response["Content-Type"] = "application/octet-stream"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Robots-Tag"] = "noindex"
    return response


def _known(found: Fetch) -> Fetch:
    """Where the file is given at once, its link may be quicker than the stage that reads submissions."""
    row = found.submission
    if row.taken_at is None and not row.doubt:
        row = submissions.take(row.pk, clock.now())
    return Fetch(row, found.file, found.until)
