"""One version of a form as visitors saw it, with the words that they agreed to; and using it again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override

from tilth.forms.models import Edition
from tilth.web import answer, shell
from tilth.web.access import members
from tilth.web.public import fields

from .listing import WHO
from .words import LANGUAGES


@members(*WHO)
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The page; a POST makes it the one that is shown from now on, as a version anew."""
    row = get_object_or_404(Edition.objects.select_related("form", "by"), form=pk, number=number)
    if request.method == "POST":
        here = shell.of(request)
        kept = row.form.save_as(row.asks, here.me, here.now)
        answer.said(
            request,
            _("Version %(n)s is shown now; it asks what version %(old)s asked.") % {"n": kept.number, "old": number},
        )
        return redirect("form", pk)
    language = row.asks.language(request.GET.get("language", ""))
    with override(language):
        shown = fields.shown(row.asks, language)
    spoken = [(code, LANGUAGES[code]) for code in row.asks.languages]
    context = {"row": row, "shown": shown, "language": language, "languages": spoken, "sent": row.submissions.count()}
    return render(request, "forms/version.html", context)
