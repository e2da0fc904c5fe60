"""Reports that members get by mail, when their time has come and figures of that time are there.

Reads   Subscription rows that are due, kept results (which it asks to be refreshed)
Writes  one Message of each, and its next time, in one transaction: whoever dies or comes second writes none twice
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from tilth.agreement.models import house_zone, running
from tilth.insight import choice as choices
from tilth.insight import kept
from tilth.insight.models import Kept
from tilth.insight.reports import REPORTS

from . import outbox, subscribing
from .channels.mail import report as writing
from .models import Subscription

BATCH = 50
PATIENCE = timedelta(hours=6)  # so long fresh figures are waited for; then it goes with those that there are


def catch_up(now: datetime, person: int | None = None) -> int:
    """Write the mails that are due; returns how many. At most BATCH a call."""
    if person is not None:
        return 0
    due = Subscription.objects.filter(next_at__lte=now, ended_at=None, member__is_active=True)
    return sum(_take(row, now) for row in due.order_by("next_at", "pk")[:BATCH])


def _take(row: Subscription, now: datetime) -> int:
    if row.report not in REPORTS:
        return int(subscribing.stop(row.pk, now) is not None)
    found = kept.ask(REPORTS[row.report], _chosen(row, now).chosen, now)
    old = found.as_of is None or found.as_of < row.next_at
    if old and now < row.next_at + PATIENCE:
        if found.as_of and not found.anew and not found.why:
            kept.again(found)
        return 0
    return _write(row.pk, found, now)


@transaction.atomic
def _write(pk: int, found: Kept, now: datetime) -> int:
    """The mail of one subscription, unless another process wrote it meanwhile."""
    due = Subscription.objects.select_for_update(of=("self",)).select_related("member")
    row = due.filter(pk=pk, next_at__lte=now, ended_at=None).first()
    if row is None:
        return 0
    with override(row.language), timezone.override(house_zone(running(now))):
        letter = writing.letter(row, _chosen(row, now), found)
    outbox.put(
        f"report {row.pk} {row.next_at:%Y-%m-%d}", row.member.email, letter.subject, letter.text, letter.html, now,
        member=row.member, headers=writing.headers(row),
    )  # fmt: skip
    row.next_at = subscribing.next_after(now, row.every)
    row.save(update_fields=["next_at"])
    return 1


def _chosen(row: Subscription, now: datetime) -> choices.Choice:
    zone = house_zone(running(now))
    return choices.forgiving(REPORTS[row.report], row.chosen, now.astimezone(zone).date(), zone)
