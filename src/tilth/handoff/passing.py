"""A lead that leaves its owner without being given up: passed on by who works leads first, or given to somebody else.

Each is a `Withdrawal`, and the next handoff continues the one before. Who left: `leaving`.
"""

from datetime import datetime

from django.db import transaction

from tilth.agreement.models import Version
from tilth.journal.models import Entry
from tilth.journal.models import note as write_down
from tilth.team.models import Member, Role

from .models import Acceptance, Handoff, Holding, Withdrawal
from .verbs import AlreadyOver, Done, NotYet, NotYours, TooLate, as_held, hand_off, mine, one_at_a_time, regain

Why = Withdrawal.Why


@transaction.atomic
def pass_on(handoff: Handoff, by: Member, now: datetime, owner: Member | None = None) -> Done:
    """Worked first, and ready for who sells: to whom routing chooses, or to `owner`.

    raises   AlreadyOver, NotYours, NotYet (a deal is open), NobodyAvailable: then it stays where it is
    """
    one_at_a_time(handoff)
    take(mine(handoff, by), Why.WORKED, now, by)
    return hand_off(handoff.person, now, by, owner)


@transaction.atomic
def reassign(handoff: Handoff, owner: Member | None, now: datetime, by: Member | None = None) -> Done:
    """Given to somebody else: to `owner`, or to whom routing chooses. By a manager, the dispatcher, or by agreement.

    raises   as `pass_on`
    """
    one_at_a_time(handoff)
    holding = Holding.objects.select_related("owner").filter(handoff=handoff).first()
    if holding is None:
        raise AlreadyOver("This handoff is over: it was returned, handed back, won or lost.")
    if by is not None and not passes_on(by, handoff.version):
        raise NotYours("Only a manager or the dispatcher gives a lead to somebody else.")
    if owner is not None and owner.pk == holding.owner_id:
        return Done(handoff, None)
    take(holding, Why.REASSIGNED, now, by)
    return hand_off(handoff.person, now, by, owner)


def undo_passing(entry: Entry) -> bool:
    """Back to whom it was taken from, by the line of the handoff that went on; False when the entry tells of something else.

    Whose turn it is next stays as it is. See `deals.verbs.undo`.
    raises   TooLate: the next owner did something with it
    """
    if entry.verb != "handed off":
        return False
    handoff = Handoff.objects.select_for_update(of=("self",)).filter(pk=entry.subject_id).first()
    before = handoff and handoff.continues
    taken = Withdrawal.objects.filter(handoff=before).exclude(why=Why.LEFT).first() if before else None
    if handoff is None or before is None or taken is None:
        return False
    told = Entry.objects.filter(verb="took away", subject="handoff", subject_id=before.pk).order_by("-pk").first()
    begun = Acceptance.objects.filter(handoff=handoff).exists()
    if begun or not told or not Holding.objects.filter(handoff=handoff, open_deals=0).exists():
        raise TooLate(f"{handoff.owner.name} has begun with this lead. Give it to somebody else instead.")
    handoff.delete()
    taken.delete()
    regain(before, told.data["held"])
    return True


def passes_on(member: Member, version: Version | None) -> bool:
    """Whether this member gives leads to others: a manager, or the dispatcher of the agreement (R34)."""
    named = version.terms.routing.dispatcher if version else ""
    return member.role == Role.MANAGER or (bool(named) and member.email.casefold() == named.casefold())


def take(holding: Holding, why: str, now: datetime, by: Member | None = None, deals: int = 0) -> None:
    """End a holding. Inside a transaction that says where the lead goes, and with it so many open deals.

    raises   NotYet: there are others, of which nobody said who has them from now on
    """
    if holding.open_deals != deals:
        raise NotYet("A deal is open. On the desk, say who takes it over.")
    handoff = holding.handoff
    row = Withdrawal.objects.create(handoff=handoff, by=by, at=now, why=why)
    told = {"row": row.pk, "why": why, "owner": holding.owner.name, "held": as_held(holding)}
    holding.delete()
    write_down("took away", handoff, now, by, handoff.person_id, handoff.version.number, **told)
