"""What sales should know before the first call, read in 30 seconds: what they did and asked, who they are, what speaks for it.

Every list is cut to its first few: the page has the rest.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from tilth.core.forms import OWN
from tilth.forms.models import Submission
from tilth.groups.models import Part
from tilth.handoff import joined
from tilth.handoff.models import Handoff, Joining
from tilth.nurture.evidence import in_words
from tilth.people.models import Person
from tilth.qualify.models import Standing
from tilth.touches.models import Evidence, Origin, Team, Touch
from tilth.web.groups.shown import Group, Member
from tilth.web.shell import Shell

from . import content
from .known import Known
from .timeline import SPOKEN

FEW = 3
LONGEST = 160  # letters of one answer


@dataclass(frozen=True)
class Dossier:
    """One page about one lead.

    handoff    the newest, as it was passed on; None before the first
    brought    campaign, source and offer that made them a lead; "" each when nobody said
    why        what counted most, points and words; `against` what took points away
    asked      question and answer, the newest form first
    care       a line for each kind of care, the newest first
    """

    person: Person
    handoff: Handoff | None
    brought: Origin | None
    persona: str
    why: list[tuple[float, str]]
    against: list[tuple[float, str]]
    asked: list[tuple[str, str]]
    seen: list[content.Piece]
    unseen: list[content.Piece]
    care: list[str]
    part: Group | None
    joinings: list[Joining]

    @property
    def others(self) -> list[Member]:
        """Who else is in the group, without who joined."""
        named = {self.person.pk, *(j.person_id for j in self.joinings)}
        return [m for m in self.part.members if m.row.person_id not in named][:FEW] if self.part else []


def dossier(known: Known, handoff: Handoff | None) -> Dossier:
    """A bounded number of questions, however much there is."""
    person, around, standing = known.person, known.around, known.standing
    reasons = handoff.why if handoff and handoff.why else standing.reasons if standing else {}
    library, part = known.content, known.part
    return Dossier(
        person, handoff,
        brought=known.origin,
        persona=_persona(person, around, standing, part),
        why=_counted(reasons, 1), against=_counted(reasons, -1),
        asked=_asked(person),
        seen=list(library.seen[:FEW]), unseen=list(library.unseen[:FEW]),
        care=[in_words(care, around.now) for care in known.care[:FEW]],
        part=part,
        joinings=list(joined.with_lead(person.pk)[:FEW]),
    )  # fmt: skip


def _persona(person: Person, around: Shell, standing: Standing | None, part: Group | None) -> str:
    """Job title, part in the decision, segment of the ideal customers."""
    mine = next((m for m in part.members if m.row.person_id == person.pk), None) if part else None
    plays = (str(Part(mine.row.role).label) if mine.row.role else mine.suggests) if mine else ""
    segments = around.terms.segments if around.terms else ()
    told = next((c.say for c in segments if standing and c.id == standing.reasons.get("segment")), "")
    return " · ".join(filter(None, [person.title, plays, told]))


def _counted(reasons: Mapping[str, Any], sign: int) -> list[tuple[float, str]]:
    """What gave (or took) most points, fit and interest together."""
    rows = [*reasons.get("interest", []), *reasons.get("fit", [])]
    told = sorted((r for r in rows if r["points"] * sign > 0), key=lambda r: -r["points"] * sign)
    return [(r["points"], _often(r)) for r in told[:FEW]]


def _often(row: Mapping[str, Any]) -> str:
    return f"{row['say']}, {row['times']}×" if row.get("times", 1) > 1 else str(row["say"])


def _asked(person: Person) -> list[tuple[str, str]]:
    """What they wrote into forms beyond who they are, the newest first, each question once."""
    ours = Submission.objects.filter(person=person, spam_at=None).select_related("edition").order_by("-at", "-pk")
    found: dict[str, str] = {}
    for question, said in chain.from_iterable(_own_words(row) for row in ours[:FEW]):
        found.setdefault(question, said[:LONGEST])
    theirs = Touch.objects.filter(person=person, kind="form", team=Team.PERSON, evidence__gt=Evidence.MACHINE)
    for told in theirs.order_by("-at", "-pk").values_list("properties", flat=True)[:FEW]:
        for name in SPOKEN:
            if isinstance(said := told.get(name), str) and said and said[:LONGEST] not in found.values():
                found.setdefault(_("In their words"), said[:LONGEST])
    return list(found.items())[:FEW]


def _own_words(row: Submission) -> Iterator[tuple[str, str]]:
    asks = row.edition.asks
    for one in asks.fields:
        if one.kind in OWN and (said := row.said.get(one.name)):
            yield asks.said(one.label, asks.languages[0]), str(said)
