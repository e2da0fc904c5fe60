"""What deals mean for who holds a lead: an open one keeps it, the last closed one ends it."""

from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q

from tilth.handoff.models import Holding

from .models import Deal


@transaction.atomic
def rebuild(now: datetime) -> int:
    """Finish what `handoff.catch_up.rebuild` began: count open deals, end holdings whose deals are closed."""
    closed = Q(won__isnull=False) | Q(lost__isnull=False)
    counts = Deal.objects.filter(handoff__holding__isnull=False).values("handoff").annotate(
        all=Count("id"), open=Count("id", filter=~closed)
    )  # fmt: skip
    done = 0
    for row in counts.iterator():
        holding = Holding.objects.filter(handoff=row["handoff"])
        done += 1
        if row["open"]:
            holding.update(open_deals=row["open"])
        else:
            holding.delete()
    return done
