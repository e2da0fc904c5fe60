"""A version on paper: one PDF that anybody can be given, with glossary and signatures.

WeasyPrint draws it, from our own template and style sheet; nothing that a document names is ever fetched. It is an
optional part (`tilth[pdf]`) that needs Pango on the machine: where it is missing, the page says so.
"""

import logging
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tilth.agreement.models import TEAMS, Version
from tilth.web import answer, shell
from tilth.web.access import members

from .page import told
from .versions import state, version_or_404

STYLE = Path(__file__).parents[1] / "static" / "paper.css"
log = logging.getLogger(__name__)


class NoPrinter(RuntimeError):
    """WeasyPrint, or Pango which it needs, is not on this machine."""


@members()
def as_pdf(request: HttpRequest, number: int) -> HttpResponse:
    """The agreement as a PDF; without WeasyPrint back to its page, with what is missing."""
    here, version = shell.of(request), version_or_404(number)
    try:
        content = printed(version, here)
    except NoPrinter as why:
        log.warning("%s", why)
        answer.refused(
            request,
            _("No PDF can be made here. Print the page instead, or ask an administrator to install tilth[pdf]."),
        )
        return redirect("agreement-version", number)
    name = slugify(f"agreement {number} {version.terms.name}") or f"agreement-{number}"
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name[:80]}.pdf"'},
    )


def printed(version: Version, here: shell.Shell) -> bytes:
    """The PDF of a version.

    raises     NoPrinter
    """
    with timezone.override(version.terms.zone):
        return on_paper(render_to_string("agreement/paper.html", _context(version, here)))


def on_paper(page: str) -> bytes:
    """The PDF of a page of ours.

    raises     NoPrinter
    """
    weasyprint = _printer()
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=[])
    document = weasyprint.HTML(string=page, base_url="about:blank", url_fetcher=nothing)
    fonts = weasyprint.text.fonts.FontConfiguration()
    style = weasyprint.CSS(filename=STYLE, font_config=fonts)
    return document.write_pdf(stylesheets=[style], font_config=fonts, pdf_tags=True)


def _printer() -> Any:
    try:
        import weasyprint
        import weasyprint.text.fonts
        import weasyprint.urls
    except (ImportError, OSError) as why:  # OSError: it is there, Pango is not
        raise NoPrinter(f"WeasyPrint cannot start: {why}") from why
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    return weasyprint


def _context(version: Version, here: shell.Shell) -> dict[str, Any]:
    signed = {s.team: s for s in version.signatures.all()}
    return {
        **told(version, here.now),
        "version": version,
        "state": state(version, here.version, here.now),
        "signatures": [(team, signed.get(team)) for team in TEAMS],
        "zone": version.terms.zone.key,
        "now": here.now,
        "LANGUAGE_CODE": get_language() or "en",
    }
