"""What was learned the last time that sales had this lead, for whoever has it now (R47)."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from tilth.core.terms import Terms
from tilth.handoff.models import HandBack, Handoff, Return
from tilth.handoff.recycling import ended_by, through
from tilth.people.models import Person
from tilth.qualify.models import Stage, Standing
from tilth.touches.models import of_sales
from tilth.web import given_up


@dataclass(frozen=True)
class Before:
    """The round before the newest handoff: how it ended, in words, and what was tried.

    row    the return or hand-back; None when something else ended it, such as a lost deal
    """

    handoff: Handoff
    row: Return | HandBack | None
    round: int
    contacts: int

    @property
    def say(self) -> str:
        return given_up.reason(self.row) if self.row else ""

    @property
    def rests_on(self) -> str:
        return given_up.name(self.row.rests_on) if self.row else ""

    @property
    def waited_for(self) -> str:
        return given_up.comes_back(self.row) if self.row else ""


def waits_for(person: Person, standing: Standing | None, terms: Terms | None) -> str:
    """What brings somebody who came back from sales there again; "" for who did not come back."""
    if standing is None or standing.round_ended_at is None or standing.stage == Stage.CUSTOMER:
        return ""
    row = ended_by(person.pk, standing.round_ended_at)
    if row is None:
        return ""
    if terms and through(terms, [person.pk]):
        return _("through its rounds: only a raised hand brings it back")
    return given_up.comes_back(row)


def before(person: Person, newest: Handoff | None) -> Before | None:
    """The round before; None in the first."""
    first = _first_of_round(newest) if newest else None
    if first is None or first.recycles_id is None:
        return None
    last = Handoff.objects.select_related("owner", "version", "the_return__member", "the_handback__member").get(
        pk=first.recycles_id
    )
    row = getattr(last, "the_return", None) or getattr(last, "the_handback", None)
    begun = Handoff.objects.filter(person=person, continues=None, at__lte=first.at).count()
    contacts = of_sales([person.pk], last.at).filter(at__lt=first.at).count()
    return Before(last, row, begun, contacts)


def _first_of_round(handoff: Handoff) -> Handoff:
    """The handoff with which this way through sales began."""
    while handoff.continues_id is not None:
        handoff = Handoff.objects.get(pk=handoff.continues_id)
    return handoff
