"""Where leads belong in the queue of who has them: a key each, stored once, and laid anew when the half-life changes.

Reads   Holding, Handoff, Joining, the running version
Writes  Holding: its rank, and under which half-life that was worked out

Source: docs/algorithms/routing.md
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q

from tilth.agreement.models import running
from tilth.core.handoff import rank

from .models import Holding

QUEUES = 20  # a call
PORTION = 2_000


def catch_up(now: datetime, person: int | None = None) -> int:
    """Lay the next queues anew whose half-life is no longer the agreement's; returns how many leads they have.

    A queue changes in one step, so nobody ever sees one that is half of the one order and half of the other.
    """
    version = running(now)
    if version is None or person is not None:
        return 0
    hours = version.terms.fades_hours
    other = Holding.objects.filter(Q(fades_hours__lt=hours) | Q(fades_hours__gt=hours))
    owners = list(other.order_by("owner").values_list("owner", flat=True).distinct()[:QUEUES])
    return sum(_lay_queue(owner, hours) for owner in owners)


@transaction.atomic
def _lay_queue(owner: int, fades_hours: float) -> int:
    people = list(Holding.objects.filter(owner=owner).order_by("pk").values_list("pk", flat=True))
    lay(people, fades_hours)
    return len(people)


@transaction.atomic
def lay(people: Iterable[int], fades_hours: float) -> None:
    """Work out the rank of these held people: what they are worth, from their handoff or from when the last one joined."""
    everyone = sorted(people)
    for start in range(0, len(everyone), PORTION):
        portion = Holding.objects.filter(pk__in=everyone[start : start + PORTION])
        rows = list(portion.select_for_update(of=("self",)).select_related("handoff").order_by("pk"))
        newest = Max("handoff__joinings__at", filter=Q(handoff__joinings__out_at=None))
        joined = dict(portion.annotate(newest=newest).values_list("pk", "newest").order_by())
        for row in rows:
            since = max(joined.get(row.pk) or row.handoff.at, row.handoff.at)
            row.rank, row.fades_hours = rank(row.handoff.value, since, fades_hours), fades_hours
        Holding.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["person"], update_fields=["rank", "fades_hours"]
        )
