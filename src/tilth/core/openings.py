"""Working time for very many moments at once: what `clock.due` and `clock.elapsed` say, over arrays.

The open spans of a calendar stand in a row as instants, with the working time that lies before each. A deadline is then two
searches in sorted arrays, whatever weekends, holidays and clock changes lie between.
Source: docs/algorithms/response-clock.md
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .clock import DAY, Calendar, NoOpenHours, spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Openings:
    """The open spans of a calendar between two instants, as microseconds since 1970 in UTC. A closed span stands before the first.

    opens    int64[spans], ascending
    worked   int64[spans], working time from the beginning to the end of each span
    shift    int64[spans], what is to be added to a moment inside a span to get the working time until then
    """

    first: int
    last: int
    opens: "NDArray[np.int64]"
    worked: "NDArray[np.int64]"
    shift: "NDArray[np.int64]"

    def until(self, at: "NDArray[np.int64]") -> "NDArray[np.int64]":
        """Working time from the beginning until each moment, in microseconds.

        raises   ValueError when a moment lies outside
        """
        if at.size and (at.min() < self.first or at.max() > self.last):
            raise ValueError("A moment lies outside the days for which these openings were made.")
        span = np.searchsorted(self.opens, at, side="right") - 1
        return np.minimum(at + self.shift[span], self.worked[span])

    def due(self, since: "NDArray[np.int64]", working_time: "NDArray[np.int64]") -> "NDArray[np.int64]":
        """When promises made at `since` fall due; see `clock.due`. All in microseconds, working time zero or more.

        raises   NoOpenHours when one falls due after the last day
        """
        total = self.until(since) + working_time
        if total.size and total.max() > self.worked[-1]:
            raise NoOpenHours("A promise falls due after the days for which these openings were made.")
        at = total - self.shift[np.searchsorted(self.worked, total)]
        return at if working_time.all() else np.where(working_time > 0, at, since)

    def elapsed(self, start: "NDArray[np.int64]", end: "NDArray[np.int64]") -> "NDArray[np.int64]":
        """Working time between moments; zero where `end` is not after `start`; see `clock.elapsed`."""
        return np.maximum(self.until(end) - self.until(start), 0)


@lru_cache(maxsize=256)
def openings(calendar: Calendar, first: date, last: date) -> Openings:
    """The openings of a calendar on these days, both included.

    raises   NoOpenHours when it does not open at all
    """
    start, end = (_micros(datetime.combine(day, datetime.min.time(), calendar.zone)) for day in (first, last + DAY))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    found = [(_micros(opens), _micros(closes)) for day in days for opens, closes in spans(day, calendar)]
    if not found:
        raise NoOpenHours(f"No open hour from {first} to {last}. Check the working week and the closing days.")
    opens, closes = np.array([(start, start), *found], np.int64).T
    worked = np.cumsum(closes - opens)
    return Openings(start, end, opens.copy(), worked, worked - closes)


def _micros(moment: datetime) -> int:
    return (moment.astimezone(UTC) - EPOCH) // MICROSECOND
