"""Finding the one cause of each broken promise: gathers what was seen, asks `core.breach`.

Reads   Member, Week, Absence, Handoff, Ripe, touches, the agreement
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tilth.core.breach import Seen, Waiting, cause, cause_of_delivery
from tilth.core.promises import first_contact_due, follow_up_due, review_due, status_due, verdict_due
from tilth.core.week import room_in
from tilth.handoff.releasing import monday_of, taken
from tilth.qualify.models import Ripe
from tilth.team.models import Member, Role
from tilth.touches.models import of_sales

from .calendars import Calendars, calendars
from .models import Breach, Obligation

Kind = Obligation.Kind
Week = tuple[int, date]  # the version by which its hours count, and its Monday


def breaches(rows: Sequence[Obligation], now: datetime) -> list[Breach]:
    """One for each of these broken promises, to be stored. A fixed number of questions, however many.

    rows   with handoff, version, settlement and member
    """
    if not rows:
        return []
    about = _About.read(rows)
    return [_breach(row, about, now) for row in rows]


def _breach(row: Obligation, about: "_About", now: datetime) -> Breach:
    if row.kind == Kind.DELIVERY:
        settled = getattr(row, "settlement", None)
        short = max(row.quantity - (settled.quantity if settled else 0), 0)
        why, because = cause_of_delivery(short, about.waiting)
    else:
        why, because = cause(about.seen(row))
    return Breach(obligation=row, cause=why, at=now, because=dict(because))


@dataclass(frozen=True)
class _About:
    """What is known around some broken promises. `took`: seller to the hours of the leads that came to them in a week."""

    clocks: Calendars
    took: Mapping[Week, Mapping[int, float]]
    touched: Mapping[int, Sequence[datetime]]
    late: frozenset[int]
    waiting: Waiting
    managers: bool

    @classmethod
    def read(cls, rows: Sequence[Obligation]) -> "_About":
        of_leads = [row for row in rows if row.handoff is not None]
        ids = {row.handoff_id for row in of_leads}
        late = Obligation.objects.filter(handoff__in=ids, late_by__isnull=False) if ids else Obligation.objects.none()
        return cls(
            calendars((row.member_id for row in of_leads), (row.since for row in of_leads)),
            _took(of_leads),
            _touched(of_leads),
            frozenset(late.values_list("handoff_id", flat=True)),
            _waiting() if len(of_leads) < len(rows) else Waiting(),
            Member.objects.filter(role=Role.MANAGER, is_active=True).exists(),
        )

    def seen(self, row: Obligation) -> Seen:
        assert row.handoff is not None
        settled = getattr(row, "settlement", None)
        until = settled.at if settled else row.due_at
        tried = any(row.since <= at <= until for at in self.touched.get(row.handoff.person_id, ()))
        taken, room = self._room(row)
        return Seen(
            gone=self._gone(row),
            excused=self._due_now(row) > row.due_at,
            taken=taken,
            room=room,
            missing=tuple(row.handoff.why.get("missing", ())) if row.kind != Kind.REVIEW else (),
            late=row.handoff_id in self.late,
            tried=tried or bool(settled and settled.quantity),
        )

    def _gone(self, row: Obligation) -> bool:
        if row.member is None:
            return not self.managers
        last_day = self.clocks.around(row.member.pk)[1].last_day
        return not row.member.is_active or (last_day is not None and last_day < row.due_at.date())

    def _due_now(self, row: Obligation) -> datetime:
        """By when it would have been owed with the days off that are known by now."""
        assert row.handoff is not None
        terms, level, away = row.version.terms, row.handoff.level, self.clocks.of(row.member_id, row.since)
        if row.kind == Kind.FIRST_CONTACT:
            return first_contact_due(terms, row.since, level, *away)
        if row.kind == Kind.VERDICT:
            return verdict_due(terms, row.since, level, *away)
        if row.kind == Kind.FOLLOW_UP:
            return follow_up_due(terms, row.since, *away)
        if row.kind == Kind.REVIEW:
            return review_due(terms, row.since, *away) or row.due_at
        return status_due(terms, row.since, *away)

    def _room(self, row: Obligation) -> tuple[float, float | None]:
        """Hours asked for in the week in which the lead came, and those agreed: the owner's own, else all of sales'."""
        assert row.handoff is not None
        if row.kind == Kind.REVIEW or row.member_id is None:
            return 0, None
        terms, took = row.version.terms, self.took[_week(row)]
        away, week = self.clocks.of(row.member_id, row.handoff.at)
        room = room_in(week, terms, monday_of(terms, row.handoff.at), away)
        if room is not None:
            return took.get(row.member_id, 0), room
        return sum(took.values()), terms.sales.room_hours or None


def _took(rows: Iterable[Obligation]) -> dict[Week, dict[int, float]]:
    weeks = {_week(row): row.version.terms for row in rows}
    return {week: taken(terms, week[1]) for week, terms in weeks.items()}


def _week(row: Obligation) -> Week:
    """The week in which its lead came."""
    assert row.handoff is not None
    return row.version_id, monday_of(row.version.terms, row.handoff.at)


def _touched(rows: Sequence[Obligation]) -> dict[int, list[datetime]]:
    """Person to when sales tried to reach them."""
    people = {row.handoff.person_id for row in rows if row.handoff}
    if not people:
        return {}
    out: dict[int, list[datetime]] = defaultdict(list)
    for person, at in of_sales(list(people), min(row.since for row in rows)).values_list("person_id", "at"):
        out[person].append(at)
    return out


def _waiting() -> Waiting:
    """For what ripe leads wait now: when a delivery fell due a moment ago, that is why it was short."""
    lacks, lack = Ripe.objects.all(), Ripe.Lack
    return Waiting(
        owner=lacks.filter(waits_for__in=(lack.OWNER, lack.DESK)).count(),
        room=lacks.filter(waits_for=lack.ROOM).count(),
        data=lacks.filter(waits_for=lack.DATA).count(),
    )
