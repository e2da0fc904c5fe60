"""One person's week: part-time, ramp-up, own hours and holidays, and the day on which work begins."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tilth.agreement import presets
from tilth.core.agreement import read
from tilth.core.clock import calendar_of
from tilth.core.week import Week, calendar, learned, room_in, share, working_day

TERMS = read(presets.load("b2b-software"))
HOUSE = calendar_of(TERMS, range(2025, 2029))
MONDAY = date(2026, 6, 15)
NINE_TO_FIVE = ((time(9), time(17)),)
THREE_DAYS = (NINE_TO_FIVE, (), NINE_TO_FIVE, NINE_TO_FIVE, (), (), ())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_work_that_comes_in_open_hours_begins_today():
    assert working_day(at("2026-06-16 08:40"), HOUSE) == date(2026, 6, 16)


def test_work_that_comes_after_hours_or_on_saturday_begins_on_the_next_open_day():
    """Frappe counts a Saturday lead from Saturday: whoever is off on Monday was given it all the same."""
    assert working_day(at("2026-06-16 20:00"), HOUSE) == date(2026, 6, 17)
    assert working_day(at("2026-06-20 10:00"), HOUSE) == date(2026, 6, 22)


def test_a_person_has_own_hours_zone_and_holidays():
    own = calendar(Week(ZoneInfo("Europe/Berlin"), THREE_DAYS, "DE", "BY"), TERMS, range(2025, 2028))
    assert not own.opens_on(date(2026, 6, 16))
    assert not own.opens_on(date(2026, 6, 4)), "Corpus Christi is a holiday in Bavaria"
    assert HOUSE.opens_on(date(2026, 6, 4))


def test_in_the_kth_of_n_weeks_somebody_new_knows_k_nths_of_the_job():
    week = Week(begins=MONDAY, ramp_weeks=4)
    days = [
        date(2026, 6, 14),
        date(2026, 6, 15),
        date(2026, 6, 21),
        date(2026, 6, 22),
        date(2026, 7, 6),
        date(2027, 1, 1),
    ]
    assert [learned(week, day) for day in days] == [0, 0.25, 0.25, 0.5, 1, 1]


def test_part_time_is_their_room_or_else_their_hours():
    assert share(Week(room=4), TERMS, 8, MONDAY) == 0.5
    assert share(Week(), TERMS, 8, MONDAY) == 1
    assert share(Week(hours=THREE_DAYS), TERMS, 0, MONDAY) == pytest.approx(24 / 42)
    assert share(Week(room=0), TERMS, 0, MONDAY) == 0


def test_the_room_of_a_week_is_less_for_days_off_holidays_and_learning():
    week = Week(hours=THREE_DAYS, room=6)
    assert room_in(week, TERMS, MONDAY, frozenset()) == 6
    assert room_in(week, TERMS, MONDAY, frozenset({date(2026, 6, 16), date(2026, 6, 17)})) == 4
    assert room_in(week, TERMS, date(2026, 4, 6), frozenset()) == 4, "Easter Monday"
    assert room_in(Week(hours=THREE_DAYS, room=6, begins=MONDAY, ramp_weeks=2), TERMS, MONDAY, frozenset()) == 3
    assert room_in(Week(hours=THREE_DAYS, room=6, last_day=date(2026, 6, 15)), TERMS, MONDAY, frozenset()) == 2
    assert room_in(Week(), TERMS, MONDAY, frozenset()) is None
