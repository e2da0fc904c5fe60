"""How far a person is on the buyer's journey, whose turn it is, and what comes next (R30)."""

from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tilth.core.terms import JOURNEY, Terms
from tilth.qualify.models import ORDER, Ripe, Stage, Standing
from tilth.web.words import JOURNEYS, WHO

from .standing import Step


def journey(terms: Terms, standing: Standing) -> list[Step]:
    """The stages of the buyer's journey, as far as the offers of the last time say; [] when the agreement names none."""
    if not terms.journey:
        return []
    here = standing.reasons.get("journey", 0)
    return [
        Step(capfirst(str(JOURNEYS[name])), "m", state="done" if n < here else "now" if n == here else "")
        for n, name in enumerate(JOURNEY, 1)
    ]


@dataclass(frozen=True)
class Turn:
    """Who has to do something now (a role of the agreement), what, and what comes next."""

    role: str
    does: str
    next: list[str]

    @property
    def who(self) -> str:
        return capfirst(str(WHO[self.role]))


def turn(terms: Terms, standing: Standing, ripe: Ripe | None, held: bool, accepted: bool = False) -> Turn:
    """Whose turn it is (R30), by the responsible role of the step (R59).

    Until sales has the lead, and again after it came back, it is marketing's, whatever stage it reached; a lead that
    found nobody available is the manager's. The agreement says one thing for the whole step; once the lead is accepted,
    what is left of it is the second half.
    """
    stage = Stage(standing.stage)
    waits = not held and stage in (Stage.MQL, Stage.SQL)
    if never := _never(terms, standing):
        return Turn(terms.steps[stage].responsible, "", never)
    then = _("Handed off") if waits or ripe else _after(stage)
    told = [_("Then: %(stage)s.") % {"stage": then}] if then else []
    if not held and ripe and ripe.waits_for == Ripe.Lack.OWNER:
        return Turn("manager", _("Give it an owner: nobody in sales was available"), told)
    if not held and ripe and ripe.waits_for == Ripe.Lack.DESK:
        return Turn("manager", _("Pass it on at the desk: %(who)s") % {"who": terms.routing.dispatcher}, told)
    step = terms.steps[Stage.LEAD if waits else stage]
    if accepted and stage == Stage.MQL:
        return Turn(step.responsible, _("Find out whether it is ready to buy, or hand it back with a reason"), told)
    return Turn(step.responsible, step.does, told if held else told + _unripe(standing))


def _after(stage: Stage) -> str:
    """The next stage of the funnel; "" after the last."""
    later = list(Stage)[ORDER[stage] + 1 :]
    return str(later[0].label) if later else ""


def _never(terms: Terms, standing: Standing) -> list[str]:
    """The exclusion that keeps somebody from ever being handed off."""
    told = standing.reasons.get("excluded", "")
    why = next((c.say for c in terms.exclusions if c.id == told), told)
    return [_("Never handed off: %(why)s.") % {"why": why}] if why else []


def _unripe(standing: Standing) -> list[str]:
    """Why a lead that its cell would hand off is not ripe yet (R31)."""
    short: dict[str, str] = {
        "stage": _("only orients"),
        "touches": _("had too little care"),
        "days": _("had care for too short a time"),
    }
    why = ", ".join(short[part] for part in standing.reasons.get("unripe", []) if part in short)
    return [_("Not ripe yet: %(why)s. A raised hand is ripe at once.") % {"why": why}] if why else []


def segment(terms: Terms, standing: Standing) -> str:
    """The segment of the ideal customers, by its name."""
    told = standing.reasons.get("segment", "")
    return next((c.say for c in terms.segments if c.id == told), told)


def notes(terms: Terms, standing: Standing) -> list[str]:
    """The same in sentences, for where only points are shown: why never, segment, journey, why not ripe yet."""
    out = _never(terms, standing)
    if named := segment(terms, standing):
        out.append(_("Segment: %(name)s.") % {"name": named})
    if here := [step.name for step in journey(terms, standing) if step.state == "now"]:
        out.append(_("Buyer’s journey: %(stage)s.") % {"stage": here[0].lower()})
    return out + _unripe(standing)
