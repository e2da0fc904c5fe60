"""How far a promise of so much by a moment should be at any moment before: an even pace through its working time.

Nobody delivers at night or on a holiday, so the line rests there; a short week promises the same in fewer hours.
Source: docs/algorithms/burn-up.md
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from .clock import DAY, Calendar, elapsed, spans


@dataclass(frozen=True)
class Week:
    """One delivery: `promised` (leads, or minor units) after `since`, by `due`, in the working time of a calendar."""

    since: datetime
    due: datetime
    promised: int
    calendar: Calendar

    @cached_property
    def length(self) -> float:
        """Working seconds; zero when the whole week is closed, and then all is promised at its end."""
        return elapsed(self.since, self.due, self.calendar).total_seconds()

    def by(self, at: datetime) -> int:
        """What an even pace has promised by a moment: 0 before the week, all of it from `due` on; rounded."""
        if at >= self.due:
            return self.promised
        passed = elapsed(self.since, at, self.calendar).total_seconds()
        return round(self.promised * passed / self.length) if self.length else 0

    def day(self, at: datetime) -> int:
        """The working day of this week that a moment lies in or after, counted from 1; 0 before the first one opens."""
        return sum(any(max(opens, self.since) < min(at, self.due) for opens, _ in day) for day in self._days())

    def corners(self) -> Iterator[datetime]:
        """The moments at which the pace begins or rests, ascending, with both ends of the week."""
        yield self.since
        for day in self._days():
            for opens, closes in day:
                yield from (moment for moment in (opens, closes) if self.since < moment < self.due)
        yield self.due

    def _days(self) -> Iterator[tuple[tuple[datetime, datetime], ...]]:
        """The open spans of each day that has some after `since`."""
        day, last = self.calendar.day_of(self.since), self.calendar.day_of(self.due)
        while day <= last:
            if found := tuple(span for span in spans(day, self.calendar) if span[1] > self.since):
                yield found
            day += DAY


def promised_by(weeks: Sequence[Week], at: datetime) -> int:
    """What all of these weeks promise by a moment."""
    return sum(week.by(at) for week in weeks)


def pace(weeks: Sequence[Week]) -> list[tuple[datetime, int]]:
    """The line of what is promised, ascending in both: straight while people work, level while they do not."""
    out, before = [], 0
    for week in weeks:
        out += [(moment, before + week.by(moment)) for moment in week.corners()]
        before += week.promised
    return out
