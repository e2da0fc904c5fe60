"""Where every lead is now: with one owner or at one named desk, and whether it is known when somebody sees to it next.

A lead is at the first place that holds, so all places together are all leads.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from tilth.core.terms import Terms
from tilth.handoff.joined import open_ones
from tilth.nurture.models import Enrolment
from tilth.promises.models import Obligation
from tilth.qualify.models import FAR, Ripe, Stage, Standing
from tilth.touches.models import NextStep

OWNER, JOINED, CARE, RIPENING = "owner", "joined", "care", "ripening"
NAMES = {
    OWNER: _("With %(who)s"),
    JOINED: _("With the owner of a colleague of theirs"),
    f"ripe-{Ripe.Lack.DATA}": _("Marketing: data is missing"),
    f"ripe-{Ripe.Lack.OWNER}": _("Desk: nobody was available"),
    f"ripe-{Ripe.Lack.DESK}": _("Desk: waits for the dispatcher"),
    f"ripe-{Ripe.Lack.ROOM}": _("Marketing: until sales has hours"),
    f"ripe-{Ripe.Lack.NEWS}": _("Marketing: rests until something new happens"),
    f"ripe-{Ripe.Lack.ROUNDS}": _("Marketing: through its rounds"),
    "ripe-": _("In line for an owner"),
    CARE: _("Marketing: in care"),
    RIPENING: _("Marketing: ripening"),
}
LEADS = (Stage.LEAD, Stage.MQL, Stage.SQL)


@dataclass(frozen=True)
class Place:
    """One owner or desk: how many leads of each stage, and of how many the next date is known."""

    key: str
    owner: str = ""
    stages: dict[str, int] = field(default_factory=dict)
    dated: int = 0

    @property
    def label(self) -> str:
        return str(NAMES[self.key]) % {"who": self.owner}

    @property
    def n(self) -> int:
        return sum(self.stages.values())

    @property
    def undated(self) -> int:
        return self.n - self.dated


def places(terms: Terms, now: datetime) -> list[Place]:
    """Everybody between lead and SQL, and customers whom sales has; owners first. One query."""
    mine = OuterRef("person")
    joined = Exists(open_ones().filter(person=mine))
    care = Exists(Enrolment.objects.going_on().filter(person=mine))
    at = Case(
        When(person__holding__isnull=False, then=Value(OWNER)),
        When(joined, then=Value(JOINED)),
        *(When(person__ripe__waits_for=lack, then=Value(f"ripe-{lack}")) for lack in ("", *Ripe.Lack.values)),
        When(care, then=Value(CARE)),
        default=Value(RIPENING),
        output_field=CharField(),
    )
    rows = (
        Standing.objects.filter(Q(stage__in=LEADS) | Q(person__holding__isnull=False))
        .annotate(at_place=at)
        .order_by()
        .values_list("at_place", "person__holding__owner", "person__holding__owner__name", "stage")
        .annotate(n=Count("pk"), dated=Count("pk", filter=_dated(terms, now)))
    )
    return _sorted(rows)


def _dated(terms: Terms, now: datetime) -> Q:
    """A promise that is open, a next step with a day, or a moment at which Tilth itself looks again."""
    today = now.astimezone(terms.zone).date()
    holding = "person__holding__handoff"
    owed = Obligation.objects.filter(handoff=OuterRef(holding), open=True)
    planned = NextStep.objects.filter(person=OuterRef("person"), done_at=None, on__gte=today)
    looked_at = Q(person__ripe__look_at__lt=now + FAR / 2) | Q(person__holding=None, look_at__isnull=False)
    return Q(Exists(owed)) | Q(Exists(planned)) | looked_at


def _sorted(rows: Iterable[tuple[str, int | None, str | None, str, int, int]]) -> list[Place]:
    found: dict[tuple[str, int | None], Place] = {}
    for key, owner, name, stage, n, dated in rows:
        was = found.get((key, owner), Place(key, name or ""))
        stages = was.stages | {stage: was.stages.get(stage, 0) + n}
        found[key, owner] = Place(key, name or "", stages, was.dated + dated)
    order = list(NAMES)
    return sorted(found.values(), key=lambda place: (order.index(place.key), -place.n, place.owner))
