"""Working time over arrays and one by one, against a clock that knows nothing but the wall time of each minute."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tilth.core.clock import Calendar, NoOpenHours, due, elapsed
from tilth.core.holiday import public_holidays
from tilth.core.openings import EPOCH, MICROSECOND, openings

OFFICE = (((time(8, 30), time(12)), (time(13), time(17))),) * 4 + (((time(9), time(15, 30)),), (), ())
NIGHT = (((time(0), time(4)), (time(20), time(23, 59))),) * 7  # open while the clocks change
CASES = 10_000
PLACES = {
    "Amsterdam": ("Europe/Amsterdam", "NL", "", OFFICE),
    "Brussels": ("Europe/Brussels", "BE", "", OFFICE),
    "Berlin": ("Europe/Berlin", "DE", "BE", OFFICE),
    "Berlin at night": ("Europe/Berlin", "DE", "", NIGHT),
}
CHANGES = {"spring": datetime(2026, 3, 29, 1, tzinfo=UTC), "autumn": datetime(2026, 10, 25, 1, tzinfo=UTC)}
AROUND, MINUTE = timedelta(days=40), timedelta(minutes=1)


def calendar(place: str) -> Calendar:
    zone, country, region, hours = PLACES[place]
    return Calendar(ZoneInfo(zone), hours, public_holidays(country, region, [2026]))


@lru_cache
def open_minutes(place: str, change: str) -> np.ndarray:
    """For each minute around a change of the clocks: whether the office is open, told by the wall clock alone."""
    zone, country, region, hours = PLACES[place]
    holidays, clock = public_holidays(country, region, [2026]), ZoneInfo(zone)
    begin = CHANGES[change] - AROUND
    walls = [(begin + n * MINUTE).astimezone(clock) for n in range(2 * AROUND // MINUTE)]
    return np.array(
        [wall.date() not in holidays and any(a <= wall.time() < b for a, b in hours[wall.weekday()]) for wall in walls]
    )


def microseconds(moments: list[datetime]) -> np.ndarray:
    return np.array([(m - EPOCH) // MICROSECOND for m in moments], np.int64)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("place", PLACES)
def test_ten_thousand_deadlines_agree_with_a_walk_through_every_minute(place, change):
    random, minutes, begin = Random(f"{place} {change}"), open_minutes(place, change), CHANGES[change] - AROUND
    worked = np.concatenate([[0], np.cumsum(minutes)])
    cases = [(random.randrange(len(minutes) // 2), random.randint(1, 3_000)) for _ in range(CASES // len(PLACES))]
    since = [begin + start * MINUTE for start, _work in cases]
    expected = [begin + int(np.searchsorted(worked, worked[start] + work)) * MINUTE for start, work in cases]
    one_by_one = [due(s, work * MINUTE, calendar(place)) for s, (_start, work) in zip(since, cases, strict=True)]
    table = openings(calendar(place), date(2026, 1, 1), date(2026, 12, 31))
    at_once = table.due(microseconds(since), np.array([work * 60_000_000 for _start, work in cases]))
    assert one_by_one == expected
    assert at_once.tolist() == microseconds(expected).tolist()
    between = table.elapsed(microseconds(since), microseconds(expected))
    assert between.tolist() == [work * 60_000_000 for _start, work in cases]


def test_arrays_say_to_the_microsecond_what_single_moments_say():
    random, office = Random(8), calendar("Brussels")
    begin = datetime(2026, 1, 5, tzinfo=UTC)
    pairs = [
        (begin + random.random() * timedelta(days=300), random.random() * timedelta(hours=60)) for _ in range(2_000)
    ]
    pairs += [(moment, timedelta()) for moment, _work in pairs[:50]]
    table = openings(office, date(2026, 1, 1), date(2027, 3, 1))
    since, work = microseconds([m for m, _ in pairs]), np.array([w // MICROSECOND for _, w in pairs], np.int64)
    assert table.due(since, work).tolist() == microseconds([due(m, w, office) for m, w in pairs]).tolist()
    ends = np.roll(since, 1)
    wanted = [
        elapsed(a, b, office) // MICROSECOND for (a, _), (b, _) in zip(pairs, [pairs[-1], *pairs[:-1]], strict=True)
    ]
    assert table.elapsed(since, ends).tolist() == wanted


def test_what_lies_outside_the_table_is_refused_and_never_guessed():
    table = openings(calendar("Amsterdam"), date(2026, 6, 1), date(2026, 6, 30))
    before, late = (
        microseconds([datetime(2026, 5, 31, tzinfo=UTC)]),
        microseconds([datetime(2026, 6, 30, 14, tzinfo=UTC)]),
    )
    with pytest.raises(ValueError, match="outside the days"):
        table.until(before)
    with pytest.raises(NoOpenHours, match="after the days"):
        table.due(late, np.array([3_600_000_000 * 8]))
    with pytest.raises(NoOpenHours, match="No open hour"):
        openings(Calendar(ZoneInfo("Europe/Amsterdam"), ((),) * 7), date(2026, 1, 1), date(2026, 2, 1))
