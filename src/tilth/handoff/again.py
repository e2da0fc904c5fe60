"""A lead that goes on after its owner lost it or wrongly gave it up: which handoff is continued, and with whom.

Reads   Withdrawal, Review, StageChange, Member
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from tilth.agreement.models import Version
from tilth.core.routing import CALL_TEAM, OVERTURNED, Routing
from tilth.people.models import Person
from tilth.qualify.models import Stage, StageChange
from tilth.team.models import Member

from .models import Handoff, Review, Withdrawal
from .routing import sellers


def continued(person: Person) -> Handoff | None:
    """The handoff whose owner this lead was taken from, or wrongly gave up, and that nobody continues yet."""
    later = Handoff.objects.filter(person=OuterRef("person"), at__gt=OuterRef("at"))
    bought = StageChange.objects.filter(person=OuterRef("person"), stage=Stage.CUSTOMER)
    wrongly = Q(
        ~Exists(later), ~Exists(bought.filter(at__gt=OuterRef("the_return__at"))),
        the_return__the_review__verdict=Review.Verdict.OVERTURNED,
    )  # fmt: skip
    rows = Handoff.objects.filter(Q(the_withdrawal__isnull=False) | wrongly, person=person, continued=None)
    return rows.select_related("the_withdrawal", "the_return__the_review").order_by("-at", "-pk").first()


def was_worked(before: Handoff) -> bool:
    """Whether those who work leads first are done with it: who left it behind may have been one of them."""
    taken = getattr(before, "the_withdrawal", None)
    return taken is not None and (taken.why != Withdrawal.Why.LEFT or before.routing.get("rule") != CALL_TEAM)


def given_to_another(before: Handoff | None) -> int | None:
    """Who does not get it back: it was taken from them so that somebody else has it."""
    taken = getattr(before, "the_withdrawal", None)
    return before.owner_id if before and taken and taken.why == Withdrawal.Why.REASSIGNED else None


def back_to(before: Handoff | None, version: Version, now: datetime) -> Routing | None:
    """To the owner whose return was overturned, if they are there; None when routing chooses."""
    if before is None or not hasattr(before, "the_return"):
        return None
    owner = Member.objects.selling().filter(pk=before.owner_id)
    back = next((s for s in sellers(version.terms, now, owner) if not s.away), None)
    if back is None:
        return None
    why = {"rule": OVERTURNED, "chosen": back.id, "owner": back.name, "returned": before.the_return.pk}
    return Routing(owner=back.id, pool="", weight=1.0, turns={}, why=why)
