"""When somebody is told, against a clock that walks minute by minute."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tilth.core.clock import Calendar
from tilth.core.telling import AT_ONCE, DIGEST, HOW, MAIL, NOT, PAGE, Quiet, digest_at, goes_at, recurs_at, ways

OFFICE = ((time(9), time(17)),)
WEEK = (*(OFFICE,) * 5, (), ())
AMSTERDAM = Calendar(ZoneInfo("Europe/Amsterdam"), WEEK)
NIGHT = Quiet(time(19), time(7))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of June 2026 on the wall in Amsterdam; the 15th is a Monday."""
    return datetime(2026, 6, day, hour, minute, tzinfo=AMSTERDAM.zone).astimezone(UTC)


def test_by_day_it_goes_at_once_and_by_night_in_the_morning():
    assert goes_at(at(16, 10), NIGHT, AMSTERDAM) == at(16, 10)
    assert goes_at(at(16, 19), NIGHT, AMSTERDAM) == at(17, 7)
    assert goes_at(at(17, 3), NIGHT, AMSTERDAM) == at(17, 7)
    assert goes_at(at(17, 7), NIGHT, AMSTERDAM) == at(17, 7)


def test_days_off_are_quiet_for_who_wants_it():
    assert goes_at(at(20, 12), NIGHT, AMSTERDAM) == at(20, 12)
    assert goes_at(at(20, 12), Quiet(time(19), time(7), days_off=True), AMSTERDAM) == at(22, 7)
    assert goes_at(at(20, 12), Quiet(days_off=True), AMSTERDAM) == at(22, 0)


def test_what_was_agreed_comes_through_in_working_hours():
    always = Quiet(time(6), time(5, 59))
    assert goes_at(at(16, 10), always, AMSTERDAM) == at(17, 5, 59)
    assert goes_at(at(16, 10), always, AMSTERDAM, agreed=True) == at(16, 10)
    assert goes_at(at(16, 18), always, AMSTERDAM, agreed=True) == at(17, 5, 59)
    late = Quiet(time(6), time(4))
    assert goes_at(at(17, 5), late, AMSTERDAM, agreed=True) == at(17, 5)


def test_a_calendar_that_never_opens_silences_nobody_for_ever():
    closed = Calendar(AMSTERDAM.zone, ((),) * 7)
    assert goes_at(at(16, 10), Quiet(days_off=True), closed, agreed=True) < at(16, 10) + timedelta(days=130)
    assert digest_at(at(16, 10), time(8, 30), closed) > at(16, 10)


def test_the_digest_comes_on_the_next_working_day():
    assert digest_at(at(16, 8), time(8, 30), AMSTERDAM) == at(16, 8, 30)
    assert digest_at(at(16, 8, 30), time(8, 30), AMSTERDAM) == at(17, 8, 30)
    assert digest_at(at(19, 12), time(8, 30), AMSTERDAM) == at(22, 8, 30)


wall = st.times().map(lambda t: t.replace(second=0, microsecond=0))
minutes = st.integers(0, 3 * 24 * 60)


@given(
    minutes,
    wall,
    wall,
    st.booleans(),
    st.sampled_from([datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)]),
)
def test_quiet_hours_end_when_a_walker_says_so(offset, begins, ends, days_off, first):
    """Over both changes of the clock; only the two hours around a change may be off by that hour."""
    quiet = Quiet(begins, ends, days_off)
    now = first + timedelta(minutes=offset)
    moment = now
    while _silent(moment, quiet):
        moment += timedelta(minutes=1)
    found = goes_at(now, quiet, AMSTERDAM)
    assert abs(found - moment) <= timedelta(hours=1 if moment != now else 0)
    assert found >= now


def _silent(moment: datetime, quiet: Quiet) -> bool:
    local = moment.astimezone(AMSTERDAM.zone)
    if quiet.days_off and local.weekday() >= 5:
        return True
    assert quiet.begins is not None
    assert quiet.ends is not None
    if quiet.begins <= quiet.ends:
        return quiet.begins <= local.time() < quiet.ends
    return local.time() >= quiet.begins or local.time() < quiet.ends


hows = st.sampled_from(HOW)


@given(st.fixed_dictionaries({PAGE: hows, MAIL: hows}, optional={"slack": hows, "teams": hows}), hows)
def test_what_was_agreed_reaches_everybody_and_nobody_hears_less_than_they_chose(chosen, agreed):
    told = ways(chosen, agreed)
    assert all(HOW.index(told[channel]) >= HOW.index(how) for channel, how in chosen.items())
    assert max(HOW.index(how) for channel, how in told.items() if channel != PAGE) >= HOW.index(agreed)
    if agreed == NOT:
        assert told == chosen


def test_a_mail_is_written_only_where_nothing_else_reaches():
    assert ways({PAGE: NOT, MAIL: NOT}, AT_ONCE) == {PAGE: AT_ONCE, MAIL: AT_ONCE}
    assert ways({PAGE: NOT, MAIL: NOT, "slack": AT_ONCE}, AT_ONCE) == {PAGE: AT_ONCE, MAIL: NOT, "slack": AT_ONCE}
    assert ways({PAGE: AT_ONCE, MAIL: NOT, "slack": DIGEST}, AT_ONCE)[MAIL] == AT_ONCE


def test_what_comes_every_week_or_month_comes_at_the_wall_time_of_its_day():
    zone = ZoneInfo("Europe/Amsterdam")

    def comes(now: str, every: str) -> str:
        return recurs_at(datetime.fromisoformat(now), every, time(8), zone).astimezone(zone).strftime("%a %d %b %H:%M")

    assert comes("2026-06-16T08:00+00:00", "week") == "Mon 22 Jun 08:00"
    assert comes("2026-06-22T05:59+00:00", "week") == "Mon 22 Jun 08:00"
    assert comes("2026-06-22T06:00+00:00", "week") == "Mon 29 Jun 08:00"
    assert comes("2026-10-24T10:00+00:00", "week") == "Mon 26 Oct 08:00"  # clocks went back on the 25th
    assert comes("2026-12-31T22:30+00:00", "month") == "Fri 01 Jan 08:00"
    assert comes("2026-02-01T07:00+00:00", "month") == "Sun 01 Mar 08:00"
