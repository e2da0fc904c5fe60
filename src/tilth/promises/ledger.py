"""The ledger as pages read it. Every function asks a fixed number of questions, however many leads."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext

from tilth.agreement.models import Version
from tilth.core.clock import instant, left, week_begins
from tilth.journal.models import Entry
from tilth.touches.models import BY_SALES, Touch

from .calendars import Calendars, calendars
from .deliveries import handed_over, upcoming
from .models import Obligation

WEEK = timedelta(days=7)
Kind = Obligation.Kind


@dataclass(frozen=True)
class Clock:
    """One promise about one handoff. `kept` is None while that is open or when it was void.

    `left` is working time of who owes it until it is due, below zero when late; it stands still once settled.
    `was_due` is by when it was owed before the other team was late with the lead.
    """

    handoff: int
    kind: str
    debtor: str
    member: int | None
    since: datetime
    due: datetime
    settled_at: datetime | None
    kept: bool | None
    void: bool
    evidence: str
    left: timedelta
    late: bool
    was_due: datetime | None = None


def clocks(handoffs: Iterable[int], now: datetime) -> dict[int, list[Clock]]:
    """Handoff to its promises, the earliest due first; of being heard of only the newest. Four queries."""
    rows = list(
        Obligation.objects.filter(handoff__in=list(handoffs)).select_related("settlement").order_by("due_at", "kind")
    )
    versions = _versions(row.version_id for row in rows)
    of = calendars((row.member_id for row in rows), (row.due_at for row in rows))
    newest = {row.handoff_id: row.pk for row in rows if row.kind == Kind.STATUS}
    out = defaultdict(list)
    for row in rows:
        if row.handoff_id and (row.kind != Kind.STATUS or newest[row.handoff_id] == row.pk):
            out[row.handoff_id].append(_clock(row, row.handoff_id, versions[row.version_id], of, now))
    return dict(out)


@dataclass(frozen=True)
class Delivery:
    """How this week's promise of marketing stands. `good_share` is the share promised, 0..1; `worth` the value, 0: none."""

    since: datetime
    due: datetime
    promised: int
    delivered: int
    good: int
    good_share: float
    worth: int = 0
    value: int = 0

    @property
    def missing(self) -> int:
        return max(self.promised - self.delivered, 0)


def delivery(version: Version, now: datetime) -> Delivery | None:
    """What marketing has delivered of what is due next; None when the agreement promises no leads.

    version    whose terms to show until the week's promise is in the ledger
    """
    row = (
        Obligation.objects.filter(kind=Kind.DELIVERY, due_at__gt=now)
        .select_related("version")
        .order_by("due_at")
        .first()
    )
    row = row or upcoming(now)
    if row is None or not (row.quantity or row.value):
        return None
    terms = (row.version or version).terms
    came = handed_over(terms, row.since, now)
    share = terms.marketing.good_fit
    return Delivery(row.since, row.due_at, row.quantity, came.leads, came.good, share, row.value, came.value)


@dataclass(frozen=True)
class Week:
    """The promises of one kind that fell due in a week (from `first`, a Monday); void ones do not count."""

    first: date
    due: int
    kept: int

    @property
    def all_kept(self) -> bool | None:
        return self.kept == self.due if self.due else None

    @property
    def text(self) -> str:
        return (
            gettext("%(kept)s of %(due)s") % {"kept": self.kept, "due": self.due}
            if self.due
            else gettext("nothing due")
        )


@dataclass(frozen=True)
class Kept:
    """How many promises of a kind were due, and how many of those were kept in time."""

    due: int
    kept: int
    weeks: tuple[Week, ...]


def kept(kind: str, since: datetime, until: datetime, now: datetime, zone: ZoneInfo, member: int | None = None) -> Kept:
    """Promises of a kind that fell due from the week of `since` until `until`. One query.

    A promise counts once it is settled or overdue; one that lost its object (void) never does.
    zone       where a week begins, on Monday at midnight
    member     only what this one owes
    """
    weeks = list(_weeks(since, until, zone))
    rows = Obligation.objects.filter(kind=kind, quantity__gt=0, due_at__gte=weeks[0][1], due_at__lt=weeks[-1][2])
    if member is not None:
        rows = rows.filter(member=member)
    in_time, late = (
        Q(settlement__kept=True),
        Q(open=True, due_at__lt=now) | Q(settlement__kept=False, settlement__void=False),
    )
    counts: dict[str, Count] = {}
    for n, (_first, begins, ends) in enumerate(weeks):
        in_week = Q(due_at__gte=begins, due_at__lt=ends)
        counts |= {f"kept{n}": Count("pk", filter=in_week & in_time), f"late{n}": Count("pk", filter=in_week & late)}
    got = rows.aggregate(**counts)
    out = tuple(
        Week(first, got[f"kept{n}"] + got[f"late{n}"], got[f"kept{n}"]) for n, (first, _, _) in enumerate(weeks)
    )
    return Kept(sum(w.due for w in out), sum(w.kept for w in out), out)


@dataclass(frozen=True)
class Overdue:
    """What one member owes and is late with."""

    member: int
    count: int
    oldest: datetime


def overdue(now: datetime) -> list[Overdue]:
    """Open promises about leads that are late, by who owes them, the most first. One query."""
    late = Obligation.objects.filter(open=True, due_at__lt=now, member__isnull=False)
    rows = (
        late.values("member").annotate(count=Count("pk"), oldest=Min("due_at")).order_by("-count", "oldest", "member")
    )
    return [Overdue(row["member"], row["count"], row["oldest"]) for row in rows]


def stale(now: datetime) -> QuerySet[Obligation]:
    """The promises to be heard of (R44) that are broken and open: accepted leads of which nothing was heard for the agreed days.

    Heard means: a call, mail or meeting with the person, or any verb of a colleague about them. `since` is when that was last.
    What was heard a moment ago counts, whether the conveyor has been by or not.
    """
    person, since = OuterRef("handoff__person"), OuterRef("since")
    contacts = Touch.objects.filter(BY_SALES, person=person, at__gt=since)
    verbs = Entry.objects.filter(person_id=person, at__gt=since, by_id__isnull=False)
    late = Obligation.objects.filter(kind=Kind.STATUS, open=True, due_at__lt=now, handoff__holding__isnull=False)
    return late.filter(~Exists(contacts), ~Exists(verbs))


def _clock(row: Obligation, handoff: int, version: Version, of: Calendars, now: datetime) -> Clock:
    settlement = getattr(row, "settlement", None)
    at = settlement.at if settlement else now
    calendar = of.long(row.member_id, version.terms, (row.since, row.due_at, at))
    void = settlement is not None and settlement.void
    kept = None if settlement is None or void else settlement.kept
    return Clock(
        handoff, row.kind, row.debtor, row.member_id, row.since, row.due_at, settlement and settlement.at, kept, void,
        settlement.evidence if settlement else "", left(at, row.due_at, calendar),
        late=row.due_at < now if settlement is None else kept is False, was_due=row.was_due_at,
    )  # fmt: skip


def _versions(ids: Iterable[int]) -> dict[int, Version]:
    return Version.objects.defer("document").in_bulk(set(ids))


def _weeks(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[tuple[date, datetime, datetime]]:
    """Mondays, and the instants at which their weeks begin and end."""
    day = week_begins(since.astimezone(zone).date())
    while True:
        begins, ends = instant(day, time(), zone), instant(day + WEEK, time(), zone)
        yield day, begins, ends
        if ends >= until:
            return
        day += WEEK
