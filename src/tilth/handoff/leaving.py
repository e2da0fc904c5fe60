"""A leaver's leads return at once: each goes back in the line, before routing, whatever its points say now.

Reads   Member, Week, Holding
Writes  Withdrawal, Ripe
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from tilth.agreement.models import Version, running
from tilth.qualify.models import Ripe, Standing
from tilth.team.models import Member

from .models import Holding, Withdrawal
from .passing import take
from .verbs import one_at_a_time

BATCH = 200


def catch_up(now: datetime, person: int | None = None) -> int:
    """Put back what was left behind; at most BATCH a call. With an open deal it waits at the desk for who takes that over."""
    version = running(now)
    if version is None:
        return 0
    rows = left_behind(version, now).filter(open_deals=0).order_by("since", "pk")
    if person is not None:
        rows = rows.filter(pk=person)
    return sum(back_in_line(pk, version, now) for pk in list(rows.values_list("pk", flat=True)[:BATCH]))


def left_behind(version: Version, now: datetime) -> QuerySet[Holding]:
    """What those hold who are gone: their account is closed, or their last day is over."""
    today = now.astimezone(version.terms.zone).date()
    gone = Member.objects.filter(Q(is_active=False) | Q(week__last_day__lt=today))
    return Holding.objects.filter(owner__in=list(gone.values_list("pk", flat=True)))


@transaction.atomic
def back_in_line(holding: int, version: Version, now: datetime) -> bool:
    """Put a lead that was left behind in front of routing again, whatever its points say now.

    holding    a person's id; False when somebody was faster
    """
    held = Holding.objects.select_related("handoff").filter(pk=holding).first()
    if held is None:
        return False
    one_at_a_time(held.handoff)  # as verbs do, and then the standing, as who qualifies does
    Standing.objects.select_for_update().filter(pk=holding).first()
    row = left_behind(version, now).select_related("owner", "handoff__version").filter(pk=holding, open_deals=0).first()
    if row is None:
        return False
    person = row.person_id
    take(row, Withdrawal.Why.LEFT, now)
    line = {"since": now, "counted_at": now, "look_at": now, "waits_for": "", "missing": [], "worked": True}
    Ripe.objects.update_or_create(person_id=person, defaults=line)
    return True
