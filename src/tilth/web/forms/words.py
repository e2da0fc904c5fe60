"""What the builder calls things, and the words that a new question begins with in each language."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from tilth.core import forms as core
from tilth.core.forms import Doubt
from tilth.forms.submissions import FAILED

LANGUAGES = {"en": gettext_lazy("English"), "nl": gettext_lazy("Dutch"), "de": gettext_lazy("German")}
KINDS: dict[str, Any] = {
    "email": gettext_lazy("E-mail"),
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "company": gettext_lazy("Company"),
    "phone": gettext_lazy("Phone"),
    "title": gettext_lazy("Job title"),
    "country": gettext_lazy("Country"),
    "referred_by": gettext_lazy("Who told you about us?"),
    "text": gettext_lazy("A question"),
    "long": gettext_lazy("A question with room for a long answer"),
    "choice": gettext_lazy("A choice"),
    "tick": gettext_lazy("A box to tick"),
}
FAULTS: dict[str, Any] = {
    "no_email": gettext_lazy("Ask for the e-mail address: without it nobody can be recognised or answered."),
    "too_many": gettext_lazy("Ask fewer questions: thirty at most."),
    "no_label": gettext_lazy("Write what is asked, in the form’s first language."),
    "twice": gettext_lazy("This is asked twice. Take one of them away."),
    "no_choices": gettext_lazy("Write the answers that can be chosen, one in each line."),
    "no_consent_text": gettext_lazy("Write what they agree to, word for word, in each language of the form."),
    "no_origin": gettext_lazy("Write websites like https://www.kasbouw.nl, one in each line, without a path."),
}
DOUBTS: dict[str, Any] = {
    Doubt.TRAP: gettext_lazy("filled in a field that people do not see"),
    Doubt.QUICK: gettext_lazy("was sent quicker than anybody can type"),
    Doubt.NO_STAMP: gettext_lazy("did not come from the form as we gave it out"),
    Doubt.LINKS: gettext_lazy("names websites where nobody writes any"),
    Doubt.MANY: gettext_lazy("is one of very many from the same network"),
    Doubt.MAILS: gettext_lazy("would be one mail too many to this address today"),
    FAILED: gettext_lazy("could not be worked with; the log says more"),
}


def doubt(code: str) -> str:
    return str(DOUBTS.get(code, code))


def first_words(kind: str, languages: list[str]) -> core.Words:
    """What a question that we know is called in each language; nothing for a question of their own."""
    return _in_each(lambda: str(KINDS[kind]), languages) if kind in core.KNOWN else {}


def consent_words(languages: list[str]) -> core.Words:
    """What most people are asked to agree to. Whose mail it is must be added."""
    return _in_each(
        lambda: _("I want news by e-mail. I can withdraw this at any time, by the link in each mail."), languages
    )


def _in_each(said: Callable[[], str], languages: list[str]) -> core.Words:
    out = {}
    for language in languages:
        with override(language):
            out[language] = said()
    return out
