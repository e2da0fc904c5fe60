"""Working time, checked against cases worked by hand and a slow clock that walks every minute."""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.agreement import presets
from tilth.core.agreement import read
from tilth.core.clock import (
    Calendar,
    NoOpenHours,
    calendar_of,
    days_later,
    due,
    elapsed,
    instant,
    last_moment,
    left,
    next_moment,
    passed_before,
)
from tilth.core.holiday import UnknownPlace, public_holidays
from tilth.core.openings import openings
from tilth.core.terms import Moment

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NINE_TO_FIVE = (((time(9), time(17)),),) * 5 + ((), ())
OFFICE = Calendar(AMSTERDAM, NINE_TO_FIVE)
NEVER = Calendar(AMSTERDAM, ((),) * 7)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
moments = st.integers(0, 365 * 86_400).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


def at(text: str, zone: ZoneInfo = AMSTERDAM) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize("since", ["2026-03-07 08:00", "2026-03-07 15:00", "2026-03-07 18:00", "2026-03-08 23:59"])
def test_what_comes_in_at_the_weekend_is_due_in_the_first_hour_of_monday(since):
    assert due(at(since), HOUR, OFFICE) == at("2026-03-09 10:00")


@pytest.mark.parametrize(
    ("since", "hours", "expected"),
    [
        ("2026-03-02 09:00", 8, "2026-03-02 17:00"),
        ("2026-03-02 09:00", 8.5, "2026-03-03 09:30"),
        ("2026-03-02 07:00", 1, "2026-03-02 10:00"),
        ("2026-03-02 16:30", 1, "2026-03-03 09:30"),
        ("2026-03-02 17:00", 1, "2026-03-03 10:00"),
        ("2026-03-06 16:00", 40, "2026-03-13 16:00"),
        ("2026-03-27 16:00", 2, "2026-03-30 10:00"),  # the clocks went forward in between
        ("2026-10-23 16:00", 2, "2026-10-26 10:00"),  # and back
    ],
)
def test_working_hours_run_only_while_we_are_open(since, hours, expected):
    assert due(at(since), timedelta(hours=hours), OFFICE) == at(expected)


def test_no_working_time_is_due_at_once_even_at_night():
    assert due(at("2026-03-07 23:00"), timedelta(0), OFFICE) == at("2026-03-07 23:00")


def test_lunch_does_not_count():
    calendar = Calendar(AMSTERDAM, (((time(9), time(12)), (time(13), time(17))),) * 5 + ((), ()))
    assert due(at("2026-03-02 11:30"), HOUR, calendar) == at("2026-03-02 13:30")
    assert elapsed(at("2026-03-02 09:00"), at("2026-03-02 17:00"), calendar) == 7 * HOUR


def test_an_open_day_of_the_agreement_wins_over_the_list_of_holidays():
    document = presets.load("b2b-software")
    good_friday = date(2026, 4, 3)
    assert not calendar_of(read(document), [2026]).opens_on(good_friday)
    assert calendar_of(read(document | {"open_days": ["2026-04-03"]}), [2026]).opens_on(good_friday)


def test_holidays_and_own_closing_days_do_not_count():
    closed = Calendar(AMSTERDAM, NINE_TO_FIVE, public_holidays("NL", "", [2026]) | {date(2026, 4, 7)})
    assert due(at("2026-04-02 16:00"), 2 * HOUR, closed) == at("2026-04-08 10:00")  # Easter, and one more
    assert due(at("2026-04-24 16:00"), 2 * HOUR, closed) == at("2026-04-28 10:00")  # King's Day


def test_a_region_has_its_own_holidays():
    assert date(2026, 1, 6) in public_holidays("DE", "BY", [2026])
    assert date(2026, 1, 6) not in public_holidays("DE", "", [2026])
    assert public_holidays("", "", [2026]) == frozenset()


@pytest.mark.parametrize(("country", "region"), [("XX", ""), ("DE", "ZZ"), ("NL", "NH")])
def test_an_unknown_place_is_named(country, region):
    with pytest.raises(UnknownPlace, match=region or country):
        public_holidays(country, region, [2026])


def test_an_hour_of_work_at_night_is_an_hour_also_when_the_clocks_change():
    night = Calendar(AMSTERDAM, (((time(0), time(6)),),) * 7)
    assert elapsed(at("2026-03-29 00:00"), at("2026-03-29 06:00"), night) == 5 * HOUR
    assert elapsed(at("2026-10-25 00:00"), at("2026-10-25 06:00"), night) == 7 * HOUR
    assert due(at("2026-03-29 01:00"), HOUR + MINUTE, night) == at("2026-03-29 03:01")
    assert due(at("2026-10-25 01:00"), 3 * HOUR, night) == at("2026-10-25 03:00")


def test_an_opening_hour_that_does_not_exist_is_the_moment_of_the_change():
    assert instant(date(2026, 3, 29), time(2, 30), AMSTERDAM) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_an_opening_hour_that_comes_twice_is_the_first_of_the_two():
    assert instant(date(2026, 10, 25), time(2, 30), AMSTERDAM) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_calendar_that_never_opens_says_so():
    with pytest.raises(NoOpenHours, match="Check the working week"):
        due(at("2026-03-02 09:00"), HOUR, NEVER)
    with pytest.raises(NoOpenHours):
        next_moment(at("2026-03-02 09:00"), Moment(2, time(17)), NEVER)
    with pytest.raises(NoOpenHours):
        passed_before(at("2026-03-02 09:00"), HOUR, NEVER)
    assert elapsed(at("2026-03-02 09:00"), at("2027-03-02 09:00"), NEVER) == timedelta(0)


@pytest.mark.parametrize(
    ("now", "hours", "expected"),
    [
        ("2026-03-03 11:00", 1, "2026-03-03 10:00"),
        ("2026-03-03 11:00", 3, "2026-03-02 16:00"),
        ("2026-03-03 11:00", 2, "2026-03-02 17:00"),  # what came in at night has not waited longer than two hours
        ("2026-03-07 12:00", 8, "2026-03-05 17:00"),  # on a Saturday
        ("2026-03-30 10:00", 2, "2026-03-27 16:00"),  # the clocks went forward in between
        ("2026-03-03 08:00", 0, "2026-03-02 17:00"),
    ],
)
def test_what_lasts_longer_than_so_many_working_hours_began_before(now, hours, expected):
    assert passed_before(at(now), timedelta(hours=hours), OFFICE) == at(expected)


@given(moments, st.integers(0, 90 * 3_600), moments)
def test_what_began_before_and_only_that_has_lasted_longer(now, seconds, since):
    length = timedelta(seconds=seconds)
    limit = passed_before(now, length, OFFICE)
    assert limit <= now
    assert (since < limit) == (elapsed(since, now, OFFICE) > length)
    assert elapsed(limit, now, OFFICE) == length
    assert elapsed(limit - timedelta(seconds=1), now, OFFICE) > length


def test_what_is_left_falls_below_zero_when_late():
    promised = at("2026-03-03 10:00")
    assert left(at("2026-03-02 16:00"), promised, OFFICE) == 2 * HOUR
    assert left(promised, promised, OFFICE) == timedelta(0)
    assert left(at("2026-03-04 09:30"), promised, OFFICE) == -7.5 * HOUR


WEDNESDAY = Moment(2, time(17))
MONDAY = Moment(0, time(9))
DUTCH = Calendar(AMSTERDAM, NINE_TO_FIVE, public_holidays("NL", "", [2025, 2026, 2027]))


@pytest.mark.parametrize(
    ("since", "moment", "expected"),
    [
        ("2026-03-02 09:00", WEDNESDAY, "2026-03-04 17:00"),  # T8: handed over on Monday, qualified by Wednesday
        ("2026-03-04 16:59", WEDNESDAY, "2026-03-04 17:00"),
        ("2026-03-04 17:00", WEDNESDAY, "2026-03-11 17:00"),
        ("2026-03-27 12:00", MONDAY, "2026-03-30 09:00"),  # over the change of clocks
        ("2026-04-02 12:00", MONDAY, "2026-04-07 09:00"),  # Easter Monday moves it to Tuesday
        ("2026-04-06 12:00", MONDAY, "2026-04-07 09:00"),
        ("2026-04-07 09:00", MONDAY, "2026-04-13 09:00"),
        ("2026-03-02 12:00", Moment(5, time(9)), "2026-03-09 09:00"),  # a day on which we never work
    ],
)
def test_the_agreed_moment_of_the_week(since, moment, expected):
    assert next_moment(at(since), moment, DUTCH) == at(expected)


def test_weeks_that_are_closed_as_a_whole_have_one_moment_together():
    christmas = {date(2026, 12, 21) + timedelta(days=n) for n in range(12)}
    calendar = Calendar(AMSTERDAM, NINE_TO_FIVE, frozenset(christmas))
    assert next_moment(at("2026-12-14 12:00"), MONDAY, calendar) == at("2027-01-04 09:00")
    assert next_moment(at("2027-01-04 09:00"), MONDAY, calendar) == at("2027-01-11 09:00")
    assert last_moment(at("2027-01-04 08:59"), MONDAY, calendar) == at("2026-12-14 09:00")
    assert last_moment(at("2027-01-04 09:00"), MONDAY, calendar) == at("2027-01-04 09:00")


@settings(deadline=None)
@given(moments, st.integers(0, 6), st.integers(0, 1439))
def test_the_next_and_the_last_moment_have_nothing_between_them(now, weekday, minutes):
    moment = Moment(weekday, time(minutes // 60, minutes % 60))
    before, after = last_moment(now, moment, DUTCH), next_moment(now, moment, DUTCH)
    assert before <= now < after
    assert next_moment(before, moment, DUTCH) == after
    assert last_moment(after - timedelta(microseconds=1), moment, DUTCH) == before


def test_open_days_later_and_earlier():
    assert days_later(at("2026-03-06 15:00"), 1, DUTCH) == at("2026-03-09 15:00")
    assert days_later(at("2026-04-02 15:00"), 2, DUTCH) == at("2026-04-08 15:00")
    assert days_later(at("2026-04-08 15:00"), -2, DUTCH) == at("2026-04-02 15:00")
    assert days_later(at("2026-03-08 15:00"), 0, DUTCH) == at("2026-03-08 15:00")


# A slow clock, written apart from the fast one: it walks UTC minute by minute and looks at the wall.

PLACES = {  # zone, country, region, and the days off around both changes of 2026, as the law of each place has them
    "Amsterdam": (ZoneInfo("Europe/Amsterdam"), "NL", "", {"04-03", "04-05", "04-06"}),
    "Brussels": (ZoneInfo("Europe/Brussels"), "BE", "", {"04-05", "04-06", "11-01", "11-11"}),
    "Berlin": (ZoneInfo("Europe/Berlin"), "DE", "", {"04-03", "04-06"}),
    "Munich": (ZoneInfo("Europe/Berlin"), "DE", "BY", {"04-03", "04-06", "11-01"}),
}
STARTS = {"spring": datetime(2026, 3, 26, tzinfo=UTC), "autumn": datetime(2026, 10, 22, tzinfo=UTC)}
DAYS = 22

quarters = st.integers(0, 95).map(lambda q: time(q // 4, q % 4 * 15))
a_day = st.lists(quarters, max_size=6, unique=True).map(
    lambda ts: tuple(span for n, span in enumerate(pairwise(sorted(ts))) if n % 2 == 0)
)
weeks = st.one_of(st.just(NINE_TO_FIVE), st.tuples(*[a_day] * 7))


@lru_cache
def walls(zone: ZoneInfo, start: datetime) -> list[tuple[date, int]]:
    """Day and minute of the day that the wall shows, for each minute from `start`. It never goes back:
    what a day has once shown is over, so an hour that comes twice is worked through."""
    shown = []
    for n in range(DAYS * 24 * 60):
        wall = (start + n * MINUTE).astimezone(zone)
        minute = wall.hour * 60 + wall.minute
        if shown and shown[-1][0] == wall.date():
            minute = max(minute, shown[-1][1])
        shown.append((wall.date(), minute))
    return shown


def open_minutes(zone: ZoneInfo, hours: tuple, closed: set[str], start: datetime) -> list[bool]:
    """For each minute from `start` whether it is a working one."""
    week = [{m for a, b in day for m in range(a.hour * 60 + a.minute, b.hour * 60 + b.minute)} for day in hours]
    shown = walls(zone, start)
    works = {day: set() if f"{day:%m-%d}" in closed else week[day.weekday()] for day in {day for day, _ in shown}}
    return [minute in works[day] for day, minute in shown]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(PLACES)),
    st.sampled_from(sorted(STARTS)),
    weeks,
    st.integers(0, DAYS * 24 * 60 - 1),
    st.integers(0, 9 * 24 * 60),
    st.sets(st.integers(0, DAYS - 1), max_size=3),
)
def test_the_slow_clock_agrees(place, season, hours, since, working, days_off):
    zone, country, region, official = PLACES[place]
    start = STARTS[season]
    own = frozenset((start + timedelta(days=n)).date() for n in days_off)
    calendar = Calendar(zone, hours, public_holidays(country, region, [2026]) | own)
    closed = official | {f"{day:%m-%d}" for day in own}
    minutes = open_minutes(zone, hours, closed, start)
    begin = start + since * MINUTE

    seen, k = 0, since
    while seen < working and k < len(minutes):
        seen += minutes[k]
        k += 1
    if seen == working:
        assert due(begin, working * MINUTE, calendar) == start + k * MINUTE
    end = min(since + working * 2, len(minutes))
    assert elapsed(begin, start + end * MINUTE, calendar) == sum(minutes[since:end]) * MINUTE


CALENDARS, CASES = 25, 100  # of each place: 10,000 cases in all


@pytest.mark.parametrize("place", sorted(PLACES))
def test_ten_thousand_random_cases_agree_with_the_slow_clock(place):
    """Minute by minute over both changes of the clocks, with the place's holidays and days off of one's own; also over arrays."""
    random = Random(place)
    zone, country, region, official = PLACES[place]
    for n in range(CALENDARS):
        start = STARTS[("spring", "autumn")[n % 2]]
        hours = NINE_TO_FIVE if n % 5 == 0 else tuple(_a_day(random) for _ in range(7))
        own = frozenset((start + timedelta(days=random.randrange(DAYS))).date() for _ in range(random.randrange(4)))
        calendar = Calendar(zone, hours, public_holidays(country, region, [2026]) | own)
        worked = [0, *accumulate(open_minutes(zone, hours, official | {f"{day:%m-%d}" for day in own}, start))]
        fast = openings(calendar, (start - timedelta(days=1)).date(), (start + timedelta(days=DAYS + 1)).date())
        for _ in range(CASES):
            since, until = sorted(random.randrange(DAYS * 24 * 60) for _ in range(2))
            minutes, begin, end = worked[until] - worked[since], start + since * MINUTE, start + until * MINUTE
            assert elapsed(begin, end, calendar) == minutes * MINUTE
            arrays = np.array([_micros(begin)]), np.array([_micros(end)])
            assert fast.elapsed(*arrays)[0] == minutes * 60_000_000
            working = random.randint(1, max(minutes, 1))
            if minutes:
                moment = start + bisect_left(worked, worked[since] + working) * MINUTE
                assert due(begin, working * MINUTE, calendar) == moment
                assert fast.due(arrays[0], np.array([working * 60_000_000]))[0] == _micros(moment)


def _a_day(random: Random) -> tuple[tuple[time, time], ...]:
    """No, one or two spans of working time, to the quarter of an hour, at any time of the day."""
    ends = sorted(random.sample(range(96), random.choice((0, 2, 2, 4))))
    times = [time(q // 4, q % 4 * 15) for q in ends]
    return tuple(zip(times[::2], times[1::2], strict=True))


def _micros(moment: datetime) -> int:
    return int(moment.timestamp()) * 1_000_000


@settings(max_examples=100, deadline=None)
@given(
    moments,
    st.integers(1, 10_000_000),
    st.sampled_from(["Europe/Amsterdam", "America/New_York", "Asia/Kathmandu", "Africa/Cairo", "Australia/Lord_Howe"]),
    weeks.filter(any),
)
def test_what_is_due_is_exactly_the_working_time_away(since, seconds, zone, hours):
    """To the second, in zones with odd offsets, with changes at midnight, and with one of half an hour."""
    calendar = Calendar(ZoneInfo(zone), hours)
    working = timedelta(seconds=seconds % 500_000)
    moment = due(since, working, calendar)
    assert elapsed(since, moment, calendar) == working
    assert working == timedelta(0) or elapsed(since, moment - timedelta(seconds=1), calendar) < working
    assert left(since, moment, calendar) == working
