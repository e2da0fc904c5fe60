"""All imports, and sending up a new file."""

from dataclasses import replace

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from tilth.capture import files
from tilth.capture import imports as desk
from tilth.capture.models import Import
from tilth.capture.models import Mapping as Saved
from tilth.core.mapping import Mapping, Unfit, fit, of_plain
from tilth.core.tabular import NotATable
from tilth.team.models import Role
from tilth.web import shell
from tilth.web.access import members

from .forms import Upload
from .upload import IntoHome, Landed

WHO = (Role.MARKETING, Role.MANAGER, Role.ADMIN)
SHOWN = 50


@csrf_exempt  # checked inside, once the upload has a place to land
@members(*WHO)
def imports(request: HttpRequest) -> HttpResponse:
    """The list with the form above it; a POST sends a file up and leads to its mapping."""
    if request.method != "POST":
        return _show(request, Upload())
    landing = IntoHome(request)
    request.upload_handlers = [landing]
    return csrf_protect(lambda r: _land(r, landing))(request)


def _land(request: HttpRequest, landing: IntoHome) -> HttpResponse:
    form = Upload(request.POST, request.FILES)
    file = request.FILES.get("file")
    if landing.over:
        form.add_error("file", _("This file is larger than Tilth takes here. Ask for tilth import FILE on the server."))
    if form.is_valid() and isinstance(file, Landed):
        try:
            return _keep(request, form, file)
        except (NotATable, Unfit) as e:
            form.add_error("file", str(e))
    _drop(file)
    return _show(request, form)


def _keep(request: HttpRequest, form: Upload, file: Landed) -> HttpResponse:
    """The file becomes an import whose mapping can be looked at.

    raises     NotATable, Unfit
    """
    here = shell.of(request)
    name = file.name or "file.csv"
    saved = Saved.objects.filter(pk=form.cleaned_data["mapping"] or 0).first()
    wish = of_plain(saved.spec) if saved else None
    seen = files.look(file.path, wish)
    mapping = _over(wish, seen) if wish else files.propose(seen, form.cleaned_data["kind"], name)
    if wish is None:
        mapping = replace(mapping, zone=str(here.zone), currency=here.currency)
    row = desk.take(file.path, name, mapping, here.me, here.now)
    return redirect("import-mapping", row.pk)


def _over(wish: Mapping, seen: files.Look) -> Mapping:
    """A saved mapping over this file; what it lacks is said on the next page, not here."""
    fitted = fit(wish, seen.headers, seen.named)[0]
    return replace(fitted, encoding=seen.encoding, separator=seen.separator)


def _drop(file: UploadedFile | None) -> None:
    if isinstance(file, Landed):
        file.close()
        file.path.unlink(missing_ok=True)


def _show(request: HttpRequest, form: Upload) -> HttpResponse:
    rows = Import.objects.select_related("by").order_by("-pk")[:SHOWN]
    return render(request, "imports/imports.html", {"form": form, "rows": rows}, status=422 if form.errors else 200)
