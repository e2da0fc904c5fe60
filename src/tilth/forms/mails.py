"""The mails that follow a form, in its language: one asks to confirm, one brings the file. Neither is marketing."""

from datetime import datetime

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import override

from tilth.notify import frame
from tilth.notify.outbox import put
from tilth.people.models import Person

from . import files
from .models import Submission

KEY = "form "


def confirm(row: Submission, person: Person | None, secret: str, text: str, now: datetime) -> None:
    """Ask whether it was them who agreed, with the words that they read."""
    link = f"{row.house}/confirm/{secret}/"
    with override(row.language):
        subject = _("Confirm: is this your address?")
        first = _("Somebody, probably you, filled in a form with this address and agreed to this:")
        button, last = _("Confirm"), _("If it was not you, do nothing: nothing follows.")
    text_form = f"{first}\n\n    {text}\n\n{button}:\n{link}\n\n{last}\n"
    asked = format_html("<p>{}</p><blockquote>{}</blockquote>{}", first, text, frame.button(link, button))
    html = frame.page(row.language, asked, format_html("{}", last))
    put(f"{KEY}confirm {row.pk}", row.said["email"], subject, text_form, html, now, person=person)


def file(row: Submission, now: datetime) -> None:
    """Bring what they asked for, where the form promises a file."""
    if (found := files.of(row)) is None:
        return
    link = f"{row.house}/d/{files.token(row, found, now)}/"
    with override(row.language):
        subject = _("Here it is: %(file)s") % {
            "file": row.edition.asks.said(row.edition.asks.title, row.language) or found.name
        }
        first, button = _("Thank you. You can download it here:"), _("Open %(file)s") % {"file": found.name}
        last = _("This link is yours and works for %(days)s days.") % {"days": files.FETCHED_WITHIN.days}
    html = frame.page(
        row.language, format_html("<p>{}</p>{}", first, frame.button(link, button)), format_html("{}", last)
    )
    text_form = f"{first}\n\n{button}:\n{link}\n\n{last}\n"
    put(f"{KEY}file {row.pk}", row.said["email"], subject, text_form, html, now, person=row.person)
