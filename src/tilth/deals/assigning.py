"""Giving a lead an owner with one click, whoever had it, and taking that back with another.

Nobody has it: it is handed off. Somebody has it: it goes to another, with its open deals. The undo makes all as it was, as
long as the new owner has done nothing with it.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from tilth.agreement.models import running
from tilth.handoff.models import Acceptance, Handoff, Holding, Joining, Qualified, Withdrawal
from tilth.handoff.passing import passes_on, reassign
from tilth.handoff.verbs import Done, NotYours, Refused, TooLate, as_held, hand_off, regain
from tilth.journal.models import Entry, note
from tilth.people import rows
from tilth.people.models import Person, news
from tilth.qualify.models import Ripe, StageChange, unmove
from tilth.team.models import Member

from .models import Deal
from .taking_over import take_over

ASSIGNED = "assigned"


@transaction.atomic
def assign(person: Person, by: Member, now: datetime, owner: Member | None = None) -> Done:
    """From now on `owner` has the lead; None: whom routing chooses.

    raises   NotYours, and what handing off and reassigning raise; Refused: an open deal is not given by the turn of a wheel
    """
    held = Holding.objects.select_related("handoff__version", "owner").filter(person=person).first()
    if held is not None and owner is not None and held.owner_id == owner.pk:
        return Done(held.handoff, None)
    before = _before(person, held)
    done = _given(person, held, by, now, owner)
    last = StageChange.objects.filter(person=person).order_by("-pk").first()
    moved = last.pk if last and last.pk != before["stage"] else None
    entry = note(
        ASSIGNED, done.row, now, by, person.pk, done.row.version.number,
        owner=done.row.owner.name, **before, moved=moved,
    )  # fmt: skip
    return Done(done.row, entry)


def undo_assigned(entry: Entry, now: datetime) -> bool:
    """Undo the verb above; False when the entry tells of something else. See `deals.verbs.undo`.

    raises   TooLate: the new owner has begun, or lost it again
    """
    if entry.verb != ASSIGNED:
        return False
    new = Handoff.objects.select_for_update().filter(pk=entry.subject_id, holding__isnull=False).first()
    if new is None or _has_begun(new, entry.at):
        raise TooLate(
            "The new owner has begun, or the lead is with somebody else by now. Give it to another one instead."
        )
    change = StageChange.objects.filter(pk=entry.data["moved"]).first()
    if change and not unmove(change):
        raise TooLate("The lead has moved on since.")
    person, was = new.person_id, entry.data["was"]
    if was is not None:
        old = Handoff.objects.select_related("version").get(pk=was["handoff"])
        Deal.objects.filter(handoff=new).update(handoff=old, owner=was["owner"])
        Withdrawal.objects.filter(handoff=old).delete()
    new.delete()
    if was is not None:
        regain(old, was)
    elif not Ripe.objects.filter(person=person).exists():
        rows.insert(Ripe, entry.data["ripe"])
    news([person], now)
    return True


def _given(person: Person, held: Holding | None, by: Member, now: datetime, owner: Member | None) -> Done:
    if held is None:
        if owner is not None and owner.pk != by.pk and not passes_on(by, running(now)):
            raise NotYours("Only a manager or the dispatcher says who gets a lead.")
        return hand_off(person, now, by, owner)
    if held.open_deals and owner is None:
        raise Refused("A deal is open. Choose who talks to them from now on.")
    if held.open_deals and owner is not None:
        return take_over(held.handoff, owner, by, now)
    return reassign(held.handoff, owner, now, by)


def _before(person: Person, held: Holding | None) -> dict[str, Any]:
    """What an undo needs: who had it, what it waited for, and its last stage."""
    was = {"handoff": held.handoff_id, **as_held(held)} if held is not None else None
    last = StageChange.objects.filter(person=person).order_by("-pk").values_list("pk", flat=True).first()
    return {"was": was, "ripe": rows.read(Ripe, "person_id", [person.pk]), "stage": last}


def _has_begun(handoff: Handoff, at: datetime) -> bool:
    """Whether the owner did something since; what a take-over said in their name at that moment does not count."""
    steps = (model.objects.filter(handoff=handoff, at__gt=at) for model in (Acceptance, Qualified, Joining))
    return any(rows.exists() for rows in steps) or Deal.objects.filter(handoff=handoff, opened_at__gt=at).exists()
