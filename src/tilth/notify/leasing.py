"""Taking what is to be sent, one at a time: leased before it is sent, so that nobody else sends it, and marked after.

Whoever dies before sending loses nothing: the lease runs out. Writes `leased_until` and `attempts` of a Sending.
"""

from datetime import datetime, timedelta
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from .models import Sending

S = TypeVar("S", bound=Sending)


def free(now: datetime) -> Q:
    """What nobody is sending now, and what does not rest after a try that failed."""
    return Q(leased_until=None) | Q(leased_until__lte=now)


@transaction.atomic
def claim(rows: QuerySet[S], now: datetime, lease: timedelta) -> S | None:
    """The one of these that is due for longest, for us alone until the lease ends; None when none is due and free."""
    rows = rows.filter(free(now), due_at__lte=now).order_by("due_at", "id")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    row = rows.first()
    if row:
        row.attempts, row.leased_until, row.trouble = row.attempts + 1, now + lease, ""
        row.save(update_fields=["attempts", "leased_until", "trouble"])
    return row
