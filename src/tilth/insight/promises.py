"""Promises kept by both sides, week by week, from the ledger: evidence is events, never a status somebody set (R41).

Asked of the transaction tables for now; the lake takes over with the backtest, behind these same functions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tilth.core.clock import Calendar, elapsed, week_begins
from tilth.core.rates import Rate
from tilth.promises import ledger
from tilth.promises.ledger import Kept, Week
from tilth.promises.models import Obligation

from .period import Period

NEWEST = 5_000
Kind = Obligation.Kind


@dataclass(frozen=True)
class Delivery:
    """One week's promise of marketing. `good` of `came` leads had a good fit; `good_fit` is the share promised."""

    due_at: datetime
    promised: int
    came: int
    good: int
    good_fit: float

    @property
    def enough(self) -> bool:
        return self.came >= self.promised

    @property
    def good_enough(self) -> bool:
        return self.good >= self.good_fit * self.came


@dataclass(frozen=True)
class FirstContact:
    """How long leads waited for a first contact, in working time.

    n           handoffs that called for one; `contacted` of them had it, in time or late
    median      half of all n were contacted within this; None when not even half were
    """

    n: int
    contacted: int
    median: timedelta | None


def rate(kept: Kept) -> Rate:
    """Kept in time, of the promises that fell due and were not void."""
    return Rate(kept.kept, kept.due)


def by_sales(kind: str, period: Period, now: datetime) -> Kept:
    """First contacts or verdicts that fell due by `now`, in the whole weeks of a period; see `ledger.kept`. One query."""
    return ledger.kept(kind, period.start, max(min(period.end, now), period.start), now, period.zone)


def deliveries(period: Period, now: datetime) -> list[Delivery]:
    """Marketing's weekly promises that fell due in the period and before `now`, ascending; one query and the versions."""
    rows = (
        Obligation.objects.filter(kind=Kind.DELIVERY, due_at__lt=now)
        .filter(**period.within("due_at"))
        .exclude(settlement__void=True)
        .select_related("settlement", "version")
        .order_by("due_at")
    )
    return [_delivery(row) for row in rows]


def by_marketing(deliveries: Sequence[Delivery], weeks: Iterable[date], zone: ZoneInfo, good: bool) -> Kept:
    """Marketing's two promises apart, in the shape of sales': enough leads, or enough of good fit. One promise a week.

    weeks      Mondays, so that both sides' weeks stand under each other
    good       of good fit; a week without any lead says nothing about their fit
    """
    told = {
        week_begins(d.due_at.astimezone(zone).date()): d.good_enough if good else d.enough
        for d in deliveries
        if d.came or not good
    }
    rows = tuple(Week(day, int(day in told), int(told.get(day, False))) for day in weeks)
    return Kept(sum(w.due for w in rows), sum(w.kept for w in rows), rows)


def late_now(kind: str, now: datetime) -> int:
    """How many promises of a kind are broken and still not met."""
    return Obligation.objects.filter(kind=kind, open=True, due_at__lt=now).count()


def first_contact(period: Period, calendar: Calendar) -> FirstContact:
    """How long leads that were handed off in the period waited; of at most the NEWEST of them; one query.

    A lead without contact (also one that ended without) counts as waiting for ever, so that the median does not flatter.
    """
    rows = (
        Obligation.objects.filter(kind=Kind.FIRST_CONTACT, **period.within("since"))
        .exclude(settlement__void=True)
        .order_by("-since")
        .values_list("since", "settlement__at", "settlement__quantity")[:NEWEST]
    )
    waited = sorted(elapsed(since, at, calendar) for since, at, contacts in rows if contacts)
    half = (len(rows) - 1) // 2
    return FirstContact(len(rows), len(waited), waited[half] if 0 <= half < len(waited) else None)


def _delivery(row: Obligation) -> Delivery:
    settled = getattr(row, "settlement", None)
    came = settled.quantity if settled else 0
    good = (settled.good or 0) if settled else 0
    return Delivery(row.due_at, row.quantity, came, good, row.version.terms.marketing.good_fit)
