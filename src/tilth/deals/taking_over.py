"""Taking over a lead with an open deal: its new owner begins where the old one was, accepted and qualified.

A running conversation about money is no turn of a wheel: a person says who has it from now on.
"""

from datetime import datetime

from django.db import transaction

from tilth.handoff.models import Acceptance, Handoff, Holding, Qualified, Withdrawal
from tilth.handoff.passing import passes_on, take
from tilth.handoff.verbs import AlreadyOver, Done, NotYours, hand_off, one_at_a_time
from tilth.journal.models import note
from tilth.team.models import Member

from .models import Deal


@transaction.atomic
def take_over(handoff: Handoff, owner: Member, by: Member, now: datetime) -> Done:
    """Give a lead and its open deals to another seller; a manager or the dispatcher does.

    raises   NotYours, AlreadyOver
    """
    one_at_a_time(handoff)
    holding = Holding.objects.select_related("owner", "handoff__version").filter(handoff=handoff).first()
    if holding is None:
        raise AlreadyOver("This handoff is over: it was returned, handed back, won or lost.")
    if not passes_on(by, handoff.version):
        raise NotYours("Only a manager or the dispatcher gives a lead to somebody else.")
    if holding.owner_id == owner.pk:
        return Done(handoff, None)
    deals = list(Deal.objects.select_for_update(of=("self",)).filter(handoff=handoff, won=None, lost=None))
    take(holding, Withdrawal.Why.REASSIGNED, now, by, deals=len(deals))
    new = hand_off(handoff.person, now, by, owner)
    _begin_where_it_was(new.row, handoff, owner, now)
    for deal in deals:
        Deal.objects.filter(pk=deal.pk).update(handoff=new.row, owner=owner)
        note("gave deal to another", deal, now, by, handoff.person_id, owner=owner.name, was=holding.owner.name)
    Holding.objects.filter(handoff=new.row).update(open_deals=len(deals))
    return new


def _begin_where_it_was(new: Handoff, old: Handoff, owner: Member, now: datetime) -> None:
    """What the old owner had said of the lead holds for the new one too."""
    for model in (Acceptance, Qualified):
        if model.objects.filter(handoff=old).exists():
            model.objects.create(handoff=new, member=owner, at=now)
