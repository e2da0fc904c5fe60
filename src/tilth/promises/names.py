"""What each kind of promise is called, inside a sentence, on pages, in mails and in calendars."""

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

PROMISES = {
    "first_contact": _("first contact"),
    "verdict": _("SQL or returned"),
    "follow_up": _("follow-up"),
    "status": _("heard of in time"),
    "review": _("second look"),
    "delivery": _("leads of the week"),
}


def name(kind: str, first: bool = False) -> str:
    """A kind of promise in words; one that has none as it is written. `first`: it begins what is said."""
    said = str(PROMISES.get(kind, kind.replace("_", " ")))
    return str(capfirst(said)) if first else said
