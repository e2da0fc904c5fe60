"""By whose clock a promise runs: that of who owes it, with the days off that are known. The house's for a team.

Reads   Week, Absence
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tilth.core.alerts import moments, next_look
from tilth.core.clock import Calendar, calendar_of, years_around
from tilth.core.promises import NO_DAYS, own_calendar
from tilth.core.terms import Terms
from tilth.core.week import Week, calendar
from tilth.team.models import AT_MOST_AWAY
from tilth.team.weeks import USUAL, days_off, weeks

from .models import Obligation

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendars:
    """How some members work. `of` is what a rule asks for: their days off around a moment, and their week."""

    weeks: Mapping[int, Week]
    off: Mapping[int, frozenset[date]]

    def of(self, member: int | None, at: datetime) -> tuple[frozenset[date], Week]:
        """Days off for AT_MOST_AWAY from a moment on: beyond that a promise does not wait."""
        if member is None:
            return NO_DAYS, USUAL
        first, off = at.date() - DAY, self.off.get(member, NO_DAYS)
        soon = frozenset(day for day in off if first <= day <= first + AT_MOST_AWAY) if off else NO_DAYS
        return soon, self.weeks.get(member, USUAL)

    def own(self, member: int | None, terms: Terms, at: datetime) -> Calendar:
        return own_calendar(terms, at, *self.of(member, at))

    def long(self, member: int | None, terms: Terms, moments: Sequence[datetime]) -> Calendar:
        """As `own`, for the years around all of these moments, and with every day off that was read."""
        house = calendar_of(terms, years_around(*moments))
        if member is None or member not in self.weeks:
            return house.without(self.off.get(member or 0, NO_DAYS))
        return calendar(self.weeks[member], terms, years_around(*moments)).without(self.off.get(member, NO_DAYS))

    def around(self, member: int) -> tuple[frozenset[date], Week]:
        """All days off that were read, and the week."""
        return self.off.get(member, NO_DAYS), self.weeks.get(member, USUAL)


def calendars(members: Iterable[int | None], moments: Iterable[datetime]) -> Calendars:
    """Two queries. `moments`: those at which promises are made or looked at."""
    who, when = sorted({m for m in members if m is not None}), [m.date() for m in moments]
    if not who or not when:
        return Calendars({}, {})
    return Calendars(weeks(who), days_off(who, min(when) - DAY, max(when) + AT_MOST_AWAY))


def first_look(row: Obligation, of: Calendars) -> datetime | None:
    """When something is first to be done about a new promise: a reminder if one was agreed, else when it is due."""
    terms = row.version.terms
    if not terms.sales.remind_hours:
        return row.due_at
    return next_look(moments(terms.sales, row.since, row.due_at, of.own(row.member_id, terms, row.due_at)), ())
