"""Hours for new leads: fractions carry over, heaps do not, nobody goes before who stands first in line."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.release import Capacity, Hours, carry
from tilth.core.terms import LEVELS, Release

ONE_HOUR = Release(by_capacity=True)
BY_LEVEL = Release(by_capacity=True, hours={1: 0.5, 2: 0.5, 3: 1, 4: 1.5})
WEEKS = 52


def leads_in(rooms, release=ONE_HOUR, level=3):
    """How many leads go to a seller each week, with so many hours in each, while enough of them wait."""
    out, carried = [], 0.0
    for room in rooms:
        week, n = Capacity(room, carried), 0
        hours = Hours(release, {1: week.free})
        while 1 not in hours.full(level):
            hours.take(1, level)
            n += 1
        carried = carry(replace(week, taken=n * release.hours[level]), release, max(rooms))
        out.append(n)
    return out


def a_month(leads):
    """Hours of a week, where so many leads a month take one hour each."""
    return [leads * 12 / WEEKS] * WEEKS


@pytest.mark.parametrize("leads", [1, 10, 14, 15, 44])
def test_odoos_quotas_of_10_and_14_a_month_are_10_and_14_a_month(leads):
    """There, a quota is rounded to leads a day, and 10 and 14 a month became none (peers.md, capacity)."""
    given_out = leads_in(a_month(leads))
    assert sum(given_out) == leads * 12
    weekly = leads * 12 / WEEKS
    assert set(given_out) <= {int(weekly), int(weekly) + 1}


def test_14_and_44_a_month_differ_as_they_say():
    assert sum(leads_in(a_month(14))) * 44 == sum(leads_in(a_month(44))) * 14


def test_after_two_weeks_off_there_is_no_echo():
    steady = leads_in([4.0] * 12)
    off = leads_in([4.0] * 4 + [0.0] * 2 + [4.0] * 6)
    assert off[4:6] == [0, 0]
    assert off[:4] + off[6:] == steady[:4] + steady[6:]


def test_hours_that_nobody_needed_do_not_pile_up():
    week = Capacity(8.0)
    for _ in range(10):
        week = Capacity(8.0, carry(week, BY_LEVEL, 8.0))
    assert week.free == 8 + 1.5


def test_an_overdrawn_week_reaches_one_full_week_back_at_most():
    fair = Capacity(4.0, taken=40.0)
    assert carry(fair, ONE_HOUR, 4.0) == -4.0
    assert carry(Capacity(4.0, taken=5.0), ONE_HOUR, 4.0) == -1.0


def test_a_lead_larger_than_a_week_is_saved_for():
    assert leads_in([0.5] * 9, BY_LEVEL, level=4) == [0, 0, 1] * 3


def test_who_said_nothing_is_never_full():
    hours = Hours(ONE_HOUR, {})
    hours.take(7, 4)
    assert hours.full(4) == frozenset()
    assert not hours.none_left(1)


@given(rooms=st.lists(st.floats(0, 40), min_size=1, max_size=40), level=st.sampled_from(LEVELS))
def test_nobody_ever_gets_more_than_their_hours_nor_less_by_a_lead(rooms, level):
    needs = BY_LEVEL.hours[level]
    given_out = leads_in(rooms, BY_LEVEL, level)
    for n in range(1, len(rooms) + 1):
        assert sum(given_out[:n]) * needs <= sum(rooms[:n]) + 1e-6
    assert sum(given_out) * needs > sum(rooms) - needs - 1e-6
