"""How members work, read for a rule: their weeks as values, and who is away with whom standing in.

Each function asks a fixed number of questions, however many members.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from tilth.core.week import Week as Value
from tilth.core.week import hours

from .models import Absence, Week

USUAL = Value()


def weeks(members: Iterable[int]) -> dict[int, Value]:
    """Member to their week; who said nothing is left out: theirs is USUAL. One query."""
    return {row.pk: value(row) for row in Week.objects.filter(pk__in=list(members))}


def away_with(day: date) -> dict[int, int | None]:
    """Who is absent on a day, to who stands in for them, if anybody. One query."""
    rows = Absence.objects.filter(first__lte=day, last__gte=day).order_by("pk")
    out: dict[int, int | None] = {}
    for member, stand_in in rows.values_list("member", "stand_in"):
        out[member] = stand_in or out.get(member)
    return out


def days_off(members: Iterable[int], first: date, last: date) -> dict[int, frozenset[date]]:
    """Member to their days of absence from one day to another, both included; who has none is left out. One query."""
    out: dict[int, set[date]] = {}
    rows = Absence.objects.filter(member__in=list(members), last__gte=first, first__lte=last)
    for member, since, until in rows.values_list("member", "first", "last"):
        start, end = max(since, first), min(until, last)
        out.setdefault(member, set()).update(start + timedelta(days=n) for n in range((end - start).days + 1))
    return {member: frozenset(days) for member, days in out.items()}


def value(row: Week) -> Value:
    """A row as the rules read it."""
    return Value(
        zone=ZoneInfo(row.zone) if row.zone else None,
        hours=hours(row.hours) if row.hours else None,
        country=row.country,
        region=row.region,
        room=row.room,
        skills=frozenset(row.skills),
        begins=row.begins,
        ramp_weeks=row.ramp_weeks,
        last_day=row.last_day,
    )
