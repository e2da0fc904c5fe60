"""The ledger as pages read it. Every function asks a fixed number of questions, however many leads."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext

from tilth.agreement.models import Version
from tilth.core.clock import calendar_of, instant, left, years_around
from tilth.core.promises import stale_since
from tilth.handoff.models import Acceptance
from tilth.journal.models import Entry
from tilth.touches.models import of_sales

from .deliveries import handed_over, upcoming
from .models import Obligation

WEEK = timedelta(days=7)
Kind = Obligation.Kind


@dataclass(frozen=True)
class Clock:
    """One promise about one handoff. `kept` is None while that is open or when it was void.

    `left` is working time until it is due, below zero when late; it stands still once settled.
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


def clocks(handoffs: Iterable[int], now: datetime) -> dict[int, list[Clock]]:
    """Handoff to its promises, the earliest due first. Two queries."""
    rows = list(
        Obligation.objects.filter(handoff__in=list(handoffs)).select_related("settlement").order_by("due_at", "kind")
    )
    versions = _versions(row.version_id for row in rows)
    out = defaultdict(list)
    for row in rows:
        if row.handoff_id:
            out[row.handoff_id].append(_clock(row, row.handoff_id, versions[row.version_id], now))
    return dict(out)


@dataclass(frozen=True)
class Delivery:
    """How this week's promise of marketing stands. `good_share` is the share promised, 0..1."""

    since: datetime
    due: datetime
    promised: int
    delivered: int
    good: int
    good_share: float

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
    if row is None or row.quantity == 0:
        return None
    terms = (row.version or version).terms
    delivered, good = handed_over(terms, row.since, now)
    return Delivery(row.since, row.due_at, row.quantity, delivered, good, terms.marketing.good_fit)


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


def stale(handoffs: Iterable[int], now: datetime) -> dict[int, datetime]:
    """Accepted leads of which sales let nothing be heard for the agreed days (R44), and since when.

    Heard means: a call, mail or meeting with the person, or any verb of a colleague about them.
    handoffs   ids; those that are over or were not accepted are left out
    """
    taken = Acceptance.objects.filter(handoff__in=list(handoffs), handoff__holding__isnull=False)
    rows = list(taken.values_list("handoff_id", "handoff__person_id", "handoff__version_id", "at"))
    if not rows:
        return {}
    versions = _versions(version for _, _, version, _ in rows)
    limits = {pk: stale_since(version.terms, now) for pk, version in versions.items()}
    quiet = [row for row in rows if row[3] < limits[row[2]]]
    heard = _heard({person for _, person, _, _ in quiet}, min((at for _, _, _, at in quiet), default=now))
    last = {handoff: max(at, heard.get(person, at)) for handoff, person, _, at in quiet}
    return {handoff: last[handoff] for handoff, _, version, _ in quiet if last[handoff] < limits[version]}


def _clock(row: Obligation, handoff: int, version: Version, now: datetime) -> Clock:
    settlement = getattr(row, "settlement", None)
    at = settlement.at if settlement else now
    calendar = calendar_of(version.terms, years_around(row.since, row.due_at, at))
    void = settlement is not None and settlement.void
    kept = None if settlement is None or void else settlement.kept
    return Clock(
        handoff, row.kind, row.debtor, row.member_id, row.since, row.due_at, settlement and settlement.at, kept, void,
        settlement.evidence if settlement else "", left(at, row.due_at, calendar),
        late=row.due_at < now if settlement is None else kept is False,
    )  # fmt: skip


def _versions(ids: Iterable[int]) -> dict[int, Version]:
    return Version.objects.defer("document").in_bulk(set(ids))


def _weeks(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[tuple[date, datetime, datetime]]:
    """Mondays, and the instants at which their weeks begin and end."""
    day = since.astimezone(zone).date()
    day -= timedelta(days=day.weekday())
    while True:
        begins, ends = instant(day, time(), zone), instant(day + WEEK, time(), zone)
        yield day, begins, ends
        if ends >= until:
            return
        day += WEEK


def _heard(people: set[int], since: datetime) -> dict[int, datetime]:
    """Person to when sales was last heard of about them."""
    touches = of_sales(list(people), since).order_by().values_list("person_id").annotate(Max("at"))
    verbs = Entry.objects.filter(person_id__in=people, at__gte=since, by_id__isnull=False)
    out = dict(touches)
    for person, at in verbs.order_by().values_list("person_id").annotate(Max("at")):
        out[person] = max(at, out.get(person, at))
    return out
