"""What marketing owes each week (R41): so many leads by an agreed moment, of which a share of good fit."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Q, Sum

from tilth.agreement.models import signed_by_both
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
    return next(_to_come(now, now), None)


def due_within(start: datetime, end: datetime, now: datetime) -> list[Obligation]:
    """The deliveries that fall due from one moment until before another, ascending.

    Those in the ledger, and after them, not stored, those that follow from what is signed by now. One question each for
    the former and the latter, and one for the versions.
    """
    stored = Obligation.objects.filter(kind=Obligation.Kind.DELIVERY, due_at__gte=start, due_at__lt=end)
    to_come = (row for row in _to_come(end, now) if start <= row.due_at < end)
    return [*stored.select_related("version").order_by("due_at"), *to_come]


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


def _to_come(until: datetime, now: datetime) -> Iterator[Obligation]:
    """The deliveries that follow the last one in the ledger and whose week begins by a moment, not stored; none before an agreement."""
    last = Obligation.objects.filter(kind=Obligation.Kind.DELIVERY).order_by("-due_at").first()
    if last and last.due_at > until:
        return
    versions = signed_by_both()
    if not versions or versions[0][0] > now:
        return
    since = last.due_at if last else versions[0][0]
    while since <= until and (version := next((v for at, v in reversed(versions) if at <= since), None)):
        due = delivery_due(version.terms, since, new=last is None or last.version_id != version.pk)
        last = Obligation(
            kind=Obligation.Kind.DELIVERY, debtor="marketing", version=version, since=since, due_at=due,
            quantity=version.terms.marketing.leads, value=version.terms.marketing.value, look_at=due,
        )  # fmt: skip
        yield last
        since = due


def _owe(now: datetime) -> int:
    rows = list(islice(_to_come(now, now), WEEKS_AT_ONCE))
    Obligation.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _count(now: datetime) -> int:
    fell_due = Obligation.objects.filter(kind=Obligation.Kind.DELIVERY, due_at__lte=now)
    to_count = fell_due.filter(Q(open=True) | Q(due_at__gt=now - RECOUNT_FOR))
    if not to_count.exists():
        return 0
    with transaction.atomic():
        rows = list(
            to_count.select_for_update(of=("self",))
            .select_related("settlement", "version")
            .defer("version__document")
            .order_by("pk")[:WEEKS_AT_ONCE]
        )
        changed = settle_as(_settled(rows), rows)
        if changed:
            move_late([row.pk for row in rows])
        return changed


def _settled(rows: Sequence[Obligation]) -> dict[int, Settled]:
    """How each of these deliveries ended; their weeks follow one another, so all leads are read in one question."""
    if not rows:
        return {}
    leads = delivered(min(row.since for row in rows), max(row.due_at for row in rows)).order_by("at")
    came = list(leads.values_list("at", "grade", "value"))
    moments = [at for at, _grade, _value in came]
    out = {}
    for row in rows:
        within = came[bisect_right(moments, row.since) : bisect_right(moments, row.due_at)]
        good = sum(grade in row.version.terms.marketing.good_grades for _at, grade, _value in within)
        value = sum(value for _at, _grade, value in within)
        out[row.pk] = delivery(row.version.terms, row.due_at, row.quantity, len(within), good, row.value, value)
    return out
