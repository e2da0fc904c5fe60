"""Leads are let go as far as sales has hours for them (B5); the others wait in line, the one that waiting costs most first.

Reads   Ripe, Week, Absence, Handoff, the running version
Writes  Capacity: a seller's hours in a week, opened on its first day

Source: docs/algorithms/release.md
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet

from tilth.agreement.models import Version
from tilth.core.clock import week_begins
from tilth.core.release import Capacity as Value
from tilth.core.release import Hours, carry
from tilth.core.terms import Terms
from tilth.core.week import room_in
from tilth.groups.models import Membership
from tilth.qualify.models import Ripe
from tilth.team.models import Member, days_away
from tilth.team.weeks import weeks

from .models import Capacity, Handoff, Withdrawal

WEEK = timedelta(days=7)
PORTION = 200
PAST = 8  # weeks


def by_capacity(version: Version) -> bool:
    """Whether hours decide: not where a dispatcher does."""
    return version.terms.release.by_capacity and not version.terms.routing.by_hand


def in_line(ripe: Ripe, version: Version) -> bool:
    """Whether this lead waits for hours. A raised hand never does, nor what sales had already."""
    complete = not (ripe.missing and version.terms.missing_blocks)
    return by_capacity(version) and complete and not ripe.raised and not ripe.worked


def left(version: Version, now: datetime) -> Hours:
    """What everybody has left this week."""
    free = {member: one.free for member, one in capacities(version, now).items()}
    return Hours(version.terms.release, free)


def hours(version: Version, now: datetime) -> Hours:
    """What everybody has left this week, to be given out: until the transaction ends, nobody else does.

    The week is opened for whom it is not yet; a worker who waited for another one to do so reads again what is left.
    """
    monday = monday_of(version.terms, now)
    week = Capacity.objects.filter(monday=monday).order_by("pk")
    stored = set(week.select_for_update().values_list("member", "room"))
    found = capacities(version, now)
    if stored == {(member, one.room) for member, one in found.items()}:
        return Hours(version.terms.release, {member: one.free for member, one in found.items()})
    rows = [Capacity(member_id=m, monday=monday, room=one.room, carried=one.carried) for m, one in found.items()]
    Capacity.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["member", "monday"], update_fields=["room"]
    )
    return left(version, now)


def capacities(version: Version, now: datetime, members: Iterable[int] | None = None) -> dict[int, Value]:
    """Seller to their hours in the week of `now`; who did not say how many is left out. Six queries."""
    terms, monday = version.terms, monday_of(version.terms, now)
    ids = list(Member.objects.selling().values_list("pk", flat=True)) if members is None else list(members)
    of = {member: week for member, week in weeks(ids).items() if week.room is not None}
    away, carried = days_away(of, monday), _carried(terms, monday, {m: w.room or 0.0 for m, w in of.items()})
    took = taken(terms, monday, of)
    return {
        m: Value(room_in(week, terms, monday, away.get(m, frozenset())) or 0.0, carried.get(m, 0.0), took.get(m, 0.0))
        for m, week in of.items()
    }


def taken(terms: Terms, monday: date, members: Iterable[int] | None = None) -> dict[int, float]:
    """Seller to the hours of the leads that came to them in a week; of all who got any, when nobody is named."""
    out: dict[int, float] = defaultdict(float)
    for owner, level, n in came(terms, monday, members).values_list("owner", "level").annotate(n=Count("pk")):
        out[owner] += n * terms.release.hours[level]
    return out


def came(terms: Terms, monday: date, members: Iterable[int] | None = None) -> QuerySet[Handoff]:
    """The leads that came to these sellers (None: to anybody) in a week. Who lost one to somebody else has its hours back."""
    since, until = (datetime.combine(day, time(), terms.zone) for day in (monday, monday + WEEK))
    return came_between(since, until, members)


def came_between(since: datetime, until: datetime, members: Iterable[int] | None = None) -> QuerySet[Handoff]:
    """As `came`, from one moment until before another."""
    rows = Handoff.objects.filter(at__gte=since, at__lt=until, the_merged=None)
    if members is not None:
        rows = rows.filter(owner__in=list(members))
    return rows.exclude(the_withdrawal__why__in=(Withdrawal.Why.LEFT, Withdrawal.Why.REASSIGNED))


def past(version: Version, member: Member, now: datetime) -> list[tuple[date, Value]]:
    """A seller's last weeks before this one, the newest first."""
    this = monday_of(version.terms, now)
    rows = Capacity.objects.filter(member=member, monday__lt=this).order_by("-monday")[:PAST]
    return [
        (row.monday, Value(row.room, row.carried, taken(version.terms, row.monday, [member.pk]).get(member.pk, 0.0)))
        for row in rows
    ]


def line(hours: Hours) -> Iterator[int]:
    """Whoever waits for hours, in order; who stands in a line that is blocked is passed over."""
    sellers, behind = Member.objects.selling().count(), Q()
    waiting = Ripe.objects.filter(waits_for=Ripe.Lack.ROOM).order_by("-rank", "-person")
    while not hours.none_left(sellers):
        rows = waiting.filter(behind).exclude(lane__in=hours.blocked)
        portion = list(rows.values_list("person", "rank", "lane", "person__standing__level")[:PORTION])
        for person, rank, lane, level in portion:
            behind = Q(rank__lte=rank) & (Q(rank__lt=rank) | Q(person__lt=person))
            if lane.startswith("@") and int(lane[1:]) in hours.full(level):
                hours.blocked.add(lane)
            if lane not in hours.blocked:
                yield person
        if len(portion) < PORTION:
            return


def is_first(ripe: Ripe) -> bool:
    """Whether nobody in line comes before this lead."""
    return not Ripe.objects.filter(waits_for=Ripe.Lack.ROOM, rank__gt=ripe.rank).exists()


def wake_group(person: int, now: datetime) -> None:
    """Who decides together with somebody who has just been handed off stands in no line: they join."""
    groups = Membership.objects.filter(person=person).values("group")
    beside = Membership.objects.filter(group__in=groups).values("person")
    Ripe.objects.filter(waits_for=Ripe.Lack.ROOM, person__in=beside).update(look_at=now)


def monday_of(terms: Terms, now: datetime) -> date:
    """The first day of the week of a moment, as the agreement's zone has it."""
    return week_begins(now.astimezone(terms.zone).date())


def _carried(terms: Terms, monday: date, full: dict[int, float]) -> dict[int, float]:
    """Seller to what came into this week from the one before: as it was opened, else as it will be."""
    last = monday - WEEK
    rows = Capacity.objects.filter(member__in=list(full), monday__in=(monday, last))
    before = {row.member_id: row for row in rows if row.monday == last}
    out = {row.member_id: row.carried for row in rows if row.monday == monday}
    ended = before.keys() - out.keys()
    took = taken(terms, last, ended) if ended else {}
    for member in ended:
        week = Value(before[member].room, before[member].carried, took.get(member, 0.0))
        out[member] = carry(week, terms.release, full[member])
    return out
