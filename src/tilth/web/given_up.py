"""What a reason can rest on, in words, with what is known of one lead; and what brings a lead back."""

from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.core.court import CONTACTS, INTEREST, SAID, evidence
from tilth.core.terms import FREE_MAIL, Terms
from tilth.handoff.models import GivenUp, HandBack, Handoff, Return
from tilth.handoff.verbs import facts_of
from tilth.web import words

BESIDE = {
    CONTACTS: gettext_lazy("calls and mails to them"),
    INTEREST: gettext_lazy("what they did"),
    SAID: gettext_lazy("what they told us"),
}


def name(field: str) -> str:
    """What a reason rests on, as people call it; "" for nothing."""
    if not field:
        return ""
    return str(BESIDE.get(field) or words.field(field))


def choices(handoff: Handoff) -> list[tuple[str, str]]:
    """What a reason about this lead can rest on, each with its value."""
    facts = facts_of(handoff.person)
    return [(field, _choice(field, facts)) for field in evidence(handoff.version.terms)]


def _choice(field: str, facts: dict[str, Any]) -> str:
    said = capfirst(name(field))
    if field in BESIDE or field == FREE_MAIL:
        return said
    value = facts.get(field)
    known = words.number(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    return _("%(field)s: %(value)s") % {"field": said, "value": str(known)[:60] if known else _("not known")}


def reason(row: Return | HandBack) -> str:
    """The reason in the words of the agreement under which the lead was handed off."""
    return say(row.handoff.version.terms, row.reason, isinstance(row, HandBack))


def say(terms: Terms, reason: str, worked: bool = False) -> str:
    """What a reason is called; by its id when the agreement does not have it."""
    reasons = terms.recycle_reasons if worked else terms.return_reasons
    return next((r.say for r in reasons if r.id == reason), reason)


def comes_back(row: GivenUp) -> str:
    """What brings this lead back: "when something that counts happens, not before 3 July"."""
    day = date_format(row.wake_on, "j F Y") if row.wake_on else ""
    if row.comes_back == GivenUp.When.DATE and day:
        return _("comes back on %(day)s") % {"day": day}
    if row.comes_back == GivenUp.When.EVENT:
        met = _("comes back when “%(event)s” happens") % {"event": row.event}
    else:
        met = _("comes back when something that counts happens")
    return _("%(condition)s, not before %(day)s") % {"condition": met, "day": day} if day else met
