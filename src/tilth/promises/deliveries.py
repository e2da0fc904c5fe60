"""What marketing owes each week (R41): so many leads by an agreed moment, of which a share of good fit."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Q, Sum

from tilth.agreement.models import Version, running
from tilth.core.promises import Settled, delivery, delivery_due
from tilth.core.terms import Terms

from .lateness import delivered, move_late
from .models import Obligation
from .settling import settle_as

WEEKS_AT_ONCE = 60
RECOUNT_FOR = timedelta(minutes=10)  # a handoff that began before the moment may be stored just after it


def catch_up(now: datetime) -> int:
    """Owe what is due next, and count what fell due; returns how many obligations changed."""
    return _owe(now) + _count(now)


def upcoming(now: datetime) -> Obligation | None:
    """The delivery of the running week, not stored; None before an agreement, or when it is stored.

    Each week begins where the last one was due and belongs to the version in force at that moment.
    """
    last = Obligation.objects.filter(kind=Obligation.Kind.DELIVERY).order_by("-due_at").first()
    since = last.due_at if last else _first_day(now)
    version = running(since) if since and since <= now else None
    if version is None or since is None:
        return None
    due = delivery_due(version.terms, since, new=last is None or last.version_id != version.pk)
    return Obligation(
        kind=Obligation.Kind.DELIVERY, debtor="marketing", version=version, since=since, due_at=due,
        quantity=version.terms.marketing.leads, value=version.terms.marketing.value, look_at=due,
    )  # fmt: skip


class Came(NamedTuple):
    """What marketing handed over: leads, those of good fit, and what all are worth in minor units."""

    leads: int
    good: int
    value: int


def handed_over(terms: Terms, since: datetime, until: datetime) -> Came:
    """What marketing handed over after one moment up to another."""
    good = Q(grade__in=terms.marketing.good_grades)
    counts = delivered(since, until).aggregate(all=Count("pk"), good=Count("pk", filter=good), value=Sum("value"))
    return Came(counts["all"], counts["good"], counts["value"] or 0)


def _first_day(now: datetime) -> datetime | None:
    versions = Version.objects.filter(takes_effect_at__lte=now).order_by("takes_effect_at")
    return versions.values_list("takes_effect_at", flat=True).first()


def _owe(now: datetime) -> int:
    owed = 0
    while owed < WEEKS_AT_ONCE and (row := upcoming(now)):
        Obligation.objects.bulk_create([row], ignore_conflicts=True)
        owed += 1
    return owed


def _count(now: datetime) -> int:
    fell_due = Obligation.objects.filter(kind=Obligation.Kind.DELIVERY, due_at__lte=now)
    to_count = fell_due.filter(Q(open=True) | Q(due_at__gt=now - RECOUNT_FOR))
    if not to_count.exists():
        return 0
    with transaction.atomic():
        rows = list(
            to_count.select_for_update(of=("self",))
            .select_related("settlement", "version")
            .order_by("pk")[:WEEKS_AT_ONCE]
        )
        changed = settle_as({row.pk: _settled(row) for row in rows}, rows)
        if changed:
            move_late([row.pk for row in rows])
        return changed


def _settled(row: Obligation) -> Settled:
    terms = row.version.terms
    came = handed_over(terms, row.since, row.due_at)
    return delivery(terms, row.due_at, row.quantity, came.leads, came.good, row.value, came.value)
