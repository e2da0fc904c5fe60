"""The calendar of a plan: last useful weeks, targets that add up, what both teams owe."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.horizon import last_week, must_come, owed, targets
from tilth.core.plan import NoPlan
from tilth.core.points import point

SLOW = [0, 0, 0.1, 0.2, 0.3, 0.4]


def test_the_last_week_in_which_half_of_the_sales_still_come():
    assert last_week(SLOW, 52) == 51 - 4
    assert last_week(SLOW, 52, 0.1) == 51 - 2
    assert last_week(SLOW, 52, 1) == 51 - 5


def test_a_lead_that_sells_at_once_counts_until_the_last_week():
    assert last_week([1], 52) == 51


def test_a_period_that_is_too_short_has_no_such_week():
    assert last_week(SLOW, 4) is None
    assert last_week([0.2], 52) is None


@pytest.mark.parametrize(
    ("delay", "share"), [([], 0.5), ([-0.1], 0.5), ([0.9, 0.9], 0.5), ([float("nan")], 0.5), ([1], 0), ([1], 1.1)]
)
def test_delays_and_shares_that_are_none_are_named(delay, share):
    with pytest.raises(NoPlan, match="share"):
        last_week(delay, 52, share)


def test_a_third_of_a_million_each_month_adds_up_to_the_million():
    months = targets(1_000_000_00, [[1] * 4] * 3)
    assert [month.total for month in months] == [33_333_334, 33_333_333, 33_333_333]
    assert months[0].weeks == (8_333_334, 8_333_334, 8_333_333, 8_333_333)


def test_a_closed_month_owes_nothing():
    assert targets(100, [[1, 1], [0, 0]])[1].weeks == (0, 0)


@pytest.mark.parametrize("season", [[[0, 0]], [[-1, 2]], [[float("nan")]], [[float("inf")]]])
def test_a_season_that_is_none_is_named(season):
    with pytest.raises(NoPlan, match="season"):
        targets(100, season)


def test_more_lead_value_must_come_than_the_goal_where_some_closes_too_late():
    assert must_come(1_000, [1, 1], [1]) == 1_000
    assert must_come(1_000, [1, 1], [0, 1]) == 2_000
    with pytest.raises(NoPlan, match="No lead of this period"):
        must_come(1_000, [1, 1], [0, 0, 1])


@pytest.mark.parametrize("season", [[-1, 2], [float("nan")], [float("inf")]])
def test_a_season_that_is_none_brings_no_lead_value(season):
    with pytest.raises(NoPlan, match="season"):
        must_come(100, season, [1])


weights = st.lists(st.lists(st.floats(0, 100), min_size=1, max_size=5), min_size=1, max_size=12).filter(
    lambda m: any(map(sum, m))
)


@given(st.integers(0, 10**12), weights)
def test_targets_add_up_to_the_goal(goal, months):
    found = targets(goal, months)
    assert sum(month.total for month in found) == goal
    assert all(sum(month.weeks) == month.total for month in found)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 9), min_size=1, max_size=53).filter(any), st.integers(0, 500))
def test_what_is_owed_adds_up(value, season, leads):
    demo, book = point("demo", 1, "1/3", 900, hours="3/2"), point("e-book", 1, "1/9", 900, hours=1)
    found = owed(value, season, [demo, book], {"demo": Fraction(leads), "e-book": Fraction(7, 2)})
    assert sum(week.value for week in found) == value
    assert sum(week.leads["demo"] for week in found) == leads
    assert sum(week.leads["e-book"] for week in found) == 4
    assert sum(week.hours for week in found) == Fraction(3, 2) * leads + 4
