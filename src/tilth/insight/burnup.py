"""The burn-up of a month (R10): what marketing delivered so far against what the agreement promises for it, week by week.

A month is the weeks whose delivery falls due in it, so each week counts whole, and once. What was delivered is read as the
ledger reads it (`promises.lateness.delivered`): a lead that sales returned stays delivered, one that was merged counts once.

Grain   one row per delivery; amounts are leads, or minor units of the agreement's currency
Source: docs/algorithms/burn-up.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from zoneinfo import ZoneInfo

from django.db.models import Aggregate, Count, Q, QuerySet, Sum
from django.db.models.functions import TruncHour

from tilth.core import burnup as core
from tilth.core.clock import calendar_of, years_around
from tilth.handoff.models import Handoff, Review
from tilth.promises.deliveries import due_within, upcoming
from tilth.promises.lateness import delivered
from tilth.promises.models import Obligation

from . import period, workable
from .period import Period

VALUE, LEADS = "value", "leads"
UPHELD = Q(the_return__the_review__verdict=Review.Verdict.UPHELD)
HOUR = timedelta(hours=1)
Point = tuple[datetime, int]


@dataclass(frozen=True)
class Week:
    """One delivery of the month: what was promised, and what came by now. `number` counts from 1."""

    number: int
    owed: Obligation
    pace: core.Week
    came: int
    leads: int

    @property
    def promised(self) -> int:
        return self.pace.promised

    def ahead(self, now: datetime) -> int:
        """How far it is before its pace; below zero when behind. Once it is over: before its promise."""
        return self.came - self.pace.by(now)


@dataclass(frozen=True)
class Burnup:
    """One month by value or by number of leads. Everything that came is what came by `now`.

    both       the agreement promises a value and a number, so either can be asked for
    upheld     of what came: returned by sales, and rightly so
    over       the handoffs that were more than sales had hours for; None where nobody knows sales' hours
    beyond     what of all that came these were
    course     what had come by each hour in which something did, ascending
    """

    month: Period
    now: datetime
    by: str
    both: bool
    currency: str
    weeks: tuple[Week, ...]
    upheld: int
    over: Sequence[int] | None
    beyond: int
    course: Sequence[Point]

    @property
    def promised(self) -> int:
        return sum(week.promised for week in self.weeks)

    @property
    def came(self) -> int:
        return sum(week.came for week in self.weeks)

    @property
    def ahead(self) -> int:
        """How far the month is before its pace; below zero when behind."""
        return sum(week.ahead(self.now) for week in self.weeks)

    @property
    def begins(self) -> datetime:
        return self.weeks[0].owed.since

    @property
    def ends(self) -> datetime:
        return self.weeks[-1].owed.due_at

    @property
    def week(self) -> Week | None:
        """The one that runs now."""
        return next((week for week in self.weeks if week.owed.since <= self.now < week.owed.due_at), None)

    @cached_property
    def pace(self) -> list[Point]:
        return core.pace([week.pace for week in self.weeks])

    @cached_property
    def so_far(self) -> list[tuple[int, int]]:
        """After each week: promised and delivered, both from the beginning of the month."""
        sums = accumulate(week.promised for week in self.weeks), accumulate(week.came for week in self.weeks)
        return list(zip(*sums, strict=True))


def running_month(now: datetime, zone: ZoneInfo) -> Period:
    """The month of the delivery that is due next; before an agreement, that of today."""
    ahead = Obligation.objects.filter(kind=Obligation.Kind.DELIVERY, due_at__gt=now).order_by("due_at").first()
    row = ahead or upcoming(now)
    return period.month((row.due_at if row else now).astimezone(zone).date(), zone)


def burnup(month: Period, now: datetime, by: str = VALUE) -> Burnup | None:
    """The burn-up of one month; None when no delivery is promised in it.

    by         what to count where the agreement promises both; it counts what it promises where it promises one
    """
    owed = due_within(month.start, month.end, now)
    kinds = _promised(owed)
    if not kinds:
        return None
    by = by if by in kinds else kinds[0]
    weeks, upheld = _weeks(owed, now, by)
    terms = next((row.version.terms for row in reversed(owed) if row.since <= now), owed[0].version.terms)
    over = workable.beyond(terms, owed[0].since, min(owed[-1].due_at, now))
    beyond = _sum(came(weeks, now).filter(pk__in=over), by) if over else 0
    course = _course(weeks, now, by)
    return Burnup(month, now, by, len(kinds) > 1, terms.currency, weeks, upheld, over, beyond, course)


def came(weeks: Sequence[Week], now: datetime) -> QuerySet[Handoff]:
    """The leads behind what these weeks (one after the other) delivered."""
    return delivered(weeks[0].owed.since, min(weeks[-1].owed.due_at, now))


def listed(of: Burnup, weeks: Sequence[Week], which: str) -> QuerySet[Handoff]:
    """The leads behind a figure, the newest first.

    which      "upheld", "beyond"; anything else: all that came
    """
    rows = came(weeks, of.now)
    if which == "upheld":
        rows = rows.filter(UPHELD)
    if which == "beyond":
        rows = rows.filter(pk__in=of.over or [])
    return rows.order_by("-at", "-pk")


def _promised(owed: Sequence[Obligation]) -> list[str]:
    """What is promised in these weeks, a value first: marketing is judged on it (R9)."""
    found = [(VALUE, any(row.value for row in owed)), (LEADS, any(row.quantity for row in owed))]
    return [kind for kind, is_promised in found if is_promised]


def _amount(by: str, of: Q | None = None) -> Aggregate:
    return Sum("value", filter=of, default=0) if by == VALUE else Count("pk", filter=of)


def _sum(rows: QuerySet[Handoff], by: str) -> int:
    return int(rows.aggregate(n=_amount(by))["n"])


def _weeks(owed: Sequence[Obligation], now: datetime, by: str) -> tuple[tuple[Week, ...], int]:
    """Each delivery with what came of it, and what of all of it was rightly returned. One question."""
    asked: dict[str, Aggregate] = {"upheld": _amount(by, UPHELD)}
    for n, row in enumerate(owed):
        inside = Q(at__gt=row.since, at__lte=row.due_at)
        asked |= {f"came{n}": _amount(by, inside), f"leads{n}": Count("pk", filter=inside)}
    got = delivered(owed[0].since, min(owed[-1].due_at, now)).aggregate(**asked)
    weeks = tuple(
        Week(n + 1, row, _pace(row, by), int(got[f"came{n}"]), int(got[f"leads{n}"])) for n, row in enumerate(owed)
    )
    return weeks, int(got["upheld"])


def _pace(row: Obligation, by: str) -> core.Week:
    calendar = calendar_of(row.version.terms, years_around(row.since))
    return core.Week(row.since, row.due_at, row.value if by == VALUE else row.quantity, calendar)


def _course(weeks: Sequence[Week], now: datetime, by: str) -> list[Point]:
    rows = came(weeks, now).annotate(hour=TruncHour("at", tzinfo=UTC)).values("hour").order_by("hour")
    found = [(min(row["hour"] + HOUR, now), int(row["n"])) for row in rows.annotate(n=_amount(by))]
    return list(zip((at for at, _ in found), accumulate(n for _, n in found), strict=True))
