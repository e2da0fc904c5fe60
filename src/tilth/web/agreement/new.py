"""Writing a new version: from a preset, from the text of an earlier one, or from a file."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.agreement import presets
from tilth.agreement.models import Version
from tilth.agreement.writing import LARGEST, read_text, write_text
from tilth.core.agreement import fingerprint
from tilth.core.clauses.reader import Fault, Unsound
from tilth.web import shell
from tilth.web.access import members
from tilth.web.answer import said

from .versions import WRITERS


@members(*WRITERS)
def new_version(request: HttpRequest) -> HttpResponse:
    """A text to change, and a button that stores it as the next version; what is wrong is said beside it."""
    text, faults = _start(), tuple[Fault, ...]()
    if request.method == "POST":
        try:
            text = sent(request)
            return _keep(request, read_text(text))
        except Unsound as e:
            faults = e.faults
    context = {"text": text, "faults": faults, "presets": presets.names()}
    return render(request, "agreement/new.html", context, status=422 if faults else 200)


@members(*WRITERS)
@require_POST
def from_preset(request: HttpRequest, name: str) -> HttpResponse:
    """Store a preset as it is, to be signed or changed."""
    try:
        document = presets.load(name)
    except KeyError:
        raise Http404 from None
    return _keep(request, read_text(write_text(document)))


def _start() -> str:
    """The newest version's text; without one, the first preset's."""
    newest = Version.objects.order_by("-number").first()
    return write_text(newest.document if newest else presets.load(presets.names()[0]))


def sent(request: HttpRequest) -> str:
    """The text that was typed, or that of the file, which goes before it."""
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", "").replace("\r\n", "\n")
    if (file.size or 0) > LARGEST * 4:
        raise Unsound([Fault(file.name or "", _("is too large."), _("An agreement is a text of a few pages."))])
    try:
        return file.read().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Unsound(
            [Fault(file.name or "", _("is not UTF-8 text."), _("Save it as UTF-8 and send it again."))]
        ) from None


def _keep(request: HttpRequest, document: Any) -> HttpResponse:
    here = shell.of(request)
    newest = Version.objects.filter(withdrawn_at=None).order_by("-number").first()
    if newest and isinstance(document, dict) and newest.fingerprint == fingerprint(document):
        said(request, _("Nothing was changed: this is version %(n)s.") % {"n": newest.number})
        return redirect("agreement-version", newest.number)
    version = Version.write(document, here.me, here.now)
    said(
        request, _("Version %(n)s is written. It takes effect when both teams have signed it.") % {"n": version.number}
    )
    return redirect("agreement-version", version.number)
