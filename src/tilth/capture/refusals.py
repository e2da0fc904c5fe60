"""What was refused, put back in the line: once the cause is mended, the conveyor reads it again like anything that arrives.

What was taken before stays as it is: an event is known for ever by its source and message id.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from tilth.journal.models import note
from tilth.team.models import Member

from .models import Received, Refusal


def refused(reason: str = "", source: int | None = None) -> QuerySet[Refusal]:
    """Refusals of a reason and a source, or of all of them."""
    rows = Refusal.objects.all()
    if reason:
        rows = rows.filter(reason=reason)
    return rows.filter(received__source=source) if source else rows


@transaction.atomic
def read_again(by: Member, now: datetime, reason: str = "", source: int | None = None) -> int:
    """Put every delivery with such a refusal back in the line; returns how many. What is still wrong is refused anew."""
    chosen = Received.objects.filter(pk__in=refused(reason, source).values("received"), taken_at__isnull=False)
    last = chosen.order_by("-pk").first()
    if last is None:
        return 0
    count = chosen.update(taken_at=None)
    Refusal.objects.filter(received__taken_at=None).delete()
    note("read refusals again", last, now, by, reason=reason, source=source, deliveries=count)
    return count
