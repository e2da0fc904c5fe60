"""What the pages of care call things."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tilth.core.nurture import LONGEST_WAIT, MOST_STEPS, WORDS, Rule
from tilth.core.terms import Terms
from tilth.nurture.models import Track
from tilth.qualify.models import Stage

LANGUAGES = {"en": gettext_lazy("English"), "nl": gettext_lazy("Dutch"), "de": gettext_lazy("German")}
STAGES = [Stage.SUBSCRIBER, Stage.LEAD, Stage.MQL, Stage.CUSTOMER]
FAULTS: dict[str, Any] = {
    "no_imprint": gettext_lazy("Write who sends these mails: name, address and number of your company, as the law wants it."),
    "no_steps": gettext_lazy("Write the first mail."),
    "too_many": gettext_lazy("Write fewer mails: thirty at most."),
    "no_subject": gettext_lazy("Write the subject."),
    "no_text": gettext_lazy("Write the text."),
    "no_wait": gettext_lazy("Say how many working days it waits: 0 to 250."),
    "no_url": gettext_lazy("Write the whole address of the page, beginning with https://."),
    "no_such_word": gettext_lazy("In braces may stand: {first name}, {last name}, {company}, {sender}; with what to say instead: {first name|reader}."),
}  # fmt: skip
assert (MOST_STEPS, LONGEST_WAIT, len(WORDS)) == (30, 250, 4)  # as FAULTS says it


def reasons(terms: Terms | None) -> dict[str, str]:
    """Why a round through sales may have ended, by id, in the words of the agreement."""
    if terms is None:
        return {}
    rows = (*terms.return_reasons, *terms.recycle_reasons, *terms.lost_reasons)
    return {reason.id: reason.say for reason in rows}


def segments(terms: Terms | None) -> dict[str, str]:
    return {row.id: row.say for row in terms.segments} if terms else {}


def rule(said: Rule, terms: Terms | None) -> str:
    """Whom a track takes in by itself, in short; "" when it takes in nobody."""
    return " · ".join(_conditions(said, terms))


def _conditions(said: Rule, terms: Terms | None) -> Iterator[str]:
    if said.stages:
        yield _("stage %(stages)s") % {"stages": _either(dict(Stage.choices), said.stages)}
    if said.nurture:
        yield _("to be nurtured, as the matrix says")
    if said.segments:
        yield _("segment %(segments)s") % {"segments": _either(segments(terms), said.segments)}
    if said.recycled:
        yield _("back from sales: %(reasons)s") % {"reasons": _either(reasons(terms), said.recycled)}


def _either(names: dict[str, Any], codes: list[str]) -> str:
    return _(" or ").join(str(names.get(code, code)) for code in codes)


def state(track: Track) -> tuple[str, str]:
    """What a track does, and the colour in which that is said."""
    if track.closed_at:
        return _("closed"), ""
    return (_("runs"), "good") if track.started_at else (_("rests"), "warn-bg")
