"""How members work, read for a rule: their weeks as values, and who is away with whom standing in.

Each function asks a fixed number of questions, however many members.
"""

from collections.abc import Iterable, Mapping
from datetime import date, time
from zoneinfo import ZoneInfo

from tilth.core.agreement import DAYS
from tilth.core.clock import Hours
from tilth.core.week import Week as Value

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


def value(row: Week) -> Value:
    """A row as the rules read it; hours that cannot be read are not there."""
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


def hours(stated: Mapping[str, list[str]]) -> Hours:
    """The hours of a week from {"monday": ["09:00-13:00", "14:00-17:00"]}; a day that is not there is closed."""
    spans = ([span.split("-") for span in stated.get(day, ())] for day in DAYS)
    return tuple(
        tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in day) for day in spans
    )
