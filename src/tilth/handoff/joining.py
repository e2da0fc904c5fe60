"""A second person of the same buying group joins the open handoff (B8): the same owner is told, and it is more urgent.

Nobody is refused as a duplicate, and the value is counted once. Who has been taken out goes their own way through routing.
Source: docs/algorithms/joining.md
"""

from datetime import datetime

from django.db import transaction

from tilth.groups.models import Membership
from tilth.journal.models import note as write_down
from tilth.people.models import Person
from tilth.qualify.models import Ripe, Standing
from tilth.team.models import Member

from . import joined
from .models import Handoff, Holding, Joining
from .ranking import lay
from .verbs import AlreadyOver, Done, hand_off, mine, one_at_a_time


def join_or_hand_off(person: Person, now: datetime, by: Member | None = None) -> Done:
    """Into the open handoff of their buying group, else to whom routing chooses. The row is a Joining or a Handoff.

    raises   as `hand_off`
    """
    return join(person, now, by) or hand_off(person, now, by)


@transaction.atomic
def join(person: Person, now: datetime, by: Member | None = None) -> Done | None:
    """Into the open handoff of their buying group; None when there is none, or somebody has this person already."""
    handoff = None if Holding.objects.filter(person=person).exists() else to_join(person)
    if handoff is None:
        return None
    Standing.objects.select_for_update().filter(person=person).first()  # as whoever passes on does, then the handoff
    one_at_a_time(handoff)
    holding = Holding.objects.select_related("owner").filter(handoff=handoff).first()
    if (
        holding is None or Joining.objects.filter(handoff=handoff, person=person).exists()
    ):  # it ended, or they are in it
        return None
    why = Standing.objects.filter(person=person).values_list("reasons", flat=True).first() or {}
    row = Joining.objects.create(handoff=handoff, person=person, at=now, why=why)
    Ripe.objects.filter(person=person).delete()
    joined.reach_mql(person.pk, handoff.version, now, f"joined {handoff.person.name}")
    _rank_anew(handoff)
    said = {"lead": handoff.person_id, "owner": holding.owner.name}
    return Done(row, write_down("joined", handoff, now, by, person.pk, handoff.version.number, **said))


@transaction.atomic
def take_out(row: Joining, by: Member, now: datetime) -> Done:
    """The owner says that somebody does not belong in this handoff: they are ripe by themselves again.

    raises   AlreadyOver, NotYours
    """
    handoff = _open_handoff(row)
    one_at_a_time(handoff)
    mine(handoff, by)
    if not Joining.objects.filter(pk=row.pk, out_at=None).update(out_at=now):
        return Done(row, None)
    line = {"since": now, "counted_at": now, "look_at": now}
    Ripe.objects.get_or_create(person_id=row.person_id, defaults=line)
    _rank_anew(handoff)
    said = {"lead": handoff.person_id}
    return Done(row, write_down("took out", handoff, now, by, row.person_id, handoff.version.number, **said))


def to_join(person: Person) -> Handoff | None:
    """The open handoff of somebody in the newest of their groups that has one; of several who is held longest.

    Not one that they were in before: then its owner took them out.
    """
    for group in Membership.objects.filter(person=person).order_by("-at", "-pk").values_list("group", flat=True):
        rows = Handoff.objects.filter(person__memberships__group=group, holding__isnull=False)
        rows = rows.exclude(person=person).exclude(joinings__person=person)
        if handoff := rows.select_related("person", "version").order_by("holding__since", "pk").first():
            return handoff
    return None


def _open_handoff(row: Joining) -> Handoff:
    """The handoff under which its lead is held now: the one that was joined, or the one that it was merged into."""
    handoff = Handoff.objects.select_related("version").filter(holding__person=row.handoff.person_id).first()
    if handoff is None or not joined.open_ones().filter(pk=row.pk).exists():
        raise AlreadyOver("They are not in this handoff any more.")
    return handoff


def _rank_anew(handoff: Handoff) -> None:
    lay([handoff.person_id], handoff.version.terms.fades_hours)
