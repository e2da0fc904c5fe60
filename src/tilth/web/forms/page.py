"""One form: how to put it into a website, what came through it, its file, its versions."""

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from tilth.core import forms as core
from tilth.forms import files
from tilth.forms.models import File, Form, Submission
from tilth.forms.submissions import ERASED
from tilth.web import answer, shell
from tilth.web.access import members

from .listing import WHO
from .words import doubt

SHOWN = 25
IFRAME = '<iframe src="{}?embedded=1" title="{}" width="100%" height="640"></iframe>'


@members(*WHO)
def form(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Form.objects.select_related("edition"), pk=pk)
    return _show(request, row)


def _show(request: HttpRequest, row: Form, wrong: str = "") -> HttpResponse:
    asks = row.edition.asks if row.edition else None
    public = request.build_absolute_uri(reverse("form-public", args=[row.key]))
    sent = Submission.objects.filter(edition__form=row).exclude(doubt=ERASED)
    rows = list(sent.select_related("edition", "person", "touch__campaign").order_by("-at", "-pk")[:SHOWN])
    context = {
        "row": row,
        "asks": asks,
        "public": public,
        "script": f'<script src="{request.build_absolute_uri(reverse("form-script", args=[row.key]))}" defer></script>',
        "iframe": format_html(IFRAME, public, asks.said(asks.title, asks.languages[0]) if asks else row.name),
        "file": File.objects.filter(pk=asks.file).first() if asks and asks.file else None,
        "sent": [(s, doubt(s.doubt) if s.doubt and not s.taken_at else "") for s in rows],
        "count": sent.count(),
        "editions": row.editions.select_related("by").order_by("-number"),
        "no_mail": settings.MAIL is None or not settings.MAIL_FROM,
        "wrong": wrong,
    }
    return render(request, "forms/form.html", context, status=422 if wrong else 200)


@csrf_exempt  # checked inside, once it is known that the file is not too large to be read at all
@members(*WHO)
@require_POST
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file that they get from now on; without one, none."""
    row = get_object_or_404(Form.objects.select_related("edition"), pk=pk)
    if int(request.META.get("CONTENT_LENGTH") or 0) > files.LARGEST + 100_000:
        return _show(request, row, _("This file is larger than %(n)s MB.") % {"n": files.LARGEST // 1_000_000})
    return csrf_protect(lambda r: _take_file(r, row))(request)


def _take_file(request: HttpRequest, row: Form) -> HttpResponse:
    here = shell.of(request)
    assert row.edition
    sent = request.FILES.get("file")
    number = None
    if isinstance(sent, UploadedFile):
        try:
            number = files.keep(sent.name or "", sent.chunks(), here.me, here.now).pk
        except files.Unfit as why:
            return _show(request, row, str(why))
    elif request.POST.get("do") != "none":
        return _show(request, row, _("Choose a file first."))
    row.save_as(core.read(row.edition.spec | {"file": number}), here.me, here.now)
    answer.said(request, _("They get this file from now on.") if number else _("They get no file any more."))
    return redirect("form", row.pk)


@members(*WHO)
@require_POST
def closing(request: HttpRequest, pk: int) -> HttpResponse:
    here, row = shell.of(request), get_object_or_404(Form, pk=pk)
    closes = request.POST.get("do") == "close"
    row.close(closes, here.me, here.now)
    answer.said(request, _("The form takes nothing in any more.") if closes else _("The form is open again."))
    return redirect("form", row.pk)
