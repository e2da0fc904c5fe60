"""Whose handoff somebody joined (B8), as the verbs of this room need it, and whoever asks for the owner of a lead.

Who joined has no owner of their own: theirs is the owner of that handoff, for as long as it is open or waits for its next owner.
When it ends, they are free again as its lead is: they fall back, and only what happens afterwards makes them ripe.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Q, QuerySet

from tilth.agreement.models import Version
from tilth.qualify.models import ORDER, Ripe, Stage, StageChange, Standing, falls_back_to, move, unmove

from .models import Handoff, Joining

OPEN = (
    Q(handoff__holding__isnull=False)
    | Q(handoff__the_withdrawal__isnull=False, handoff__continued=None)
    | Q(handoff__the_merged__isnull=False, handoff__person__holding__isnull=False)
)


def open_ones() -> QuerySet[Joining]:
    """Who is in somebody's handoff now, and in nobody's hands else."""
    rows = Joining.objects.filter(OPEN, out_at=None, person__holding=None, handoff__person__erased_at=None)
    return rows.exclude(person=F("handoff__person"))


def of(person: int) -> Joining | None:
    """Which handoff somebody is in now, with its lead and owner; of several the newest."""
    rows = open_ones().filter(person=person).select_related("handoff__person__holding__owner", "handoff__owner")
    return rows.order_by("-at", "-pk").first()


def among(people: Iterable[int]) -> set[int]:
    """Which of these people are in somebody's handoff now."""
    return set(open_ones().filter(person__in=list(people)).values_list("person", flat=True))


def of_many(people: Iterable[int]) -> dict[int, Joining]:
    """Person to the handoff that they are in now, with its lead and owner; one question."""
    rows = (
        open_ones().filter(person__in=list(people)).select_related("handoff__person__holding__owner", "handoff__owner")
    )
    return {row.person_id: row for row in rows.order_by("at", "pk")}


def into(handoffs: Iterable[int]) -> dict[int, list[Joining]]:
    """Handoff to who is in it beside its lead, the newest first.

    One short question where nobody ever came beside, as in most queues; PostgreSQL plans the whole one for longer than it runs.
    """
    out: dict[int, list[Joining]] = {}
    some = list(Joining.objects.filter(handoff__in=list(handoffs), out_at=None).values_list("pk", flat=True))
    if some:
        for row in open_ones().filter(pk__in=some).select_related("person").order_by("-at", "-pk"):
            out.setdefault(row.handoff_id, []).append(row)
    return out


def with_lead(person: int) -> QuerySet[Joining]:
    """Who is in the handoff of this lead now, the newest first."""
    rows = open_ones().filter(handoff__person=person).select_related("person__company", "handoff")
    return rows.order_by("-at", "-pk")


def go_on(before: Handoff | None, handoff: Handoff, now: datetime) -> None:
    """Who was in the handoff before comes along to its next owner; who has one by now does not."""
    rows = Joining.objects.filter(handoff=before, person__holding=None) if before else Joining.objects.none()
    along = [
        Joining(handoff=handoff, person_id=row.person_id, at=row.at, why=row.why, out_at=row.out_at) for row in rows
    ]
    Joining.objects.bulk_create(along)
    for row in along:
        if row.out_at is None:
            reach_mql(row.person_id, handoff.version, now, f"joined {handoff.person.name}")


def reach_mql(person: int, version: Version, now: datetime, because: str) -> StageChange | None:
    """Whoever is with sales is an MQL at least."""
    stage = Standing.objects.filter(person=person).values_list("stage", flat=True).first() or Stage.VISITOR
    return move(person, Stage.MQL, now, version, because) if ORDER[stage] < ORDER[Stage.MQL] else None


def look_again(person: int, now: datetime) -> None:
    """Those of the same groups who wait for something can join the handoff of this person now."""
    Ripe.objects.filter(person__memberships__group__memberships__person=person, look_at__gt=now).update(look_at=now)


def free(handoff: Handoff, now: datetime) -> list[int]:
    """A handoff ends, and so it does for who joined; returns the stages that they fell back from. Before its holding goes."""
    people = sorted(with_lead(handoff.person_id).values_list("person", flat=True))
    because = f"with {handoff.person.name}"
    fell = [move(pk, falls_back_to(pk), now, handoff.version, because) for pk in people]
    return [change.pk for change in fell if change]


def bind(freed: Iterable[int]) -> None:
    """The handoff did not end after all; who has moved on since stays where they are."""
    for change in StageChange.objects.filter(pk__in=list(freed)):
        if unmove(change):
            Ripe.objects.filter(person=change.person_id).delete()
