"""Order of the queue: worked cases, then laws that any case must keep."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.handoff import cost_at, cost_of_waiting, rank

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def test_half_of_the_value_is_gone_after_the_half_life():
    fresh = cost_of_waiting(100_000, NOW, NOW, 72)
    assert cost_of_waiting(100_000, NOW - hours(72), NOW, 72) == pytest.approx(fresh / 2)
    assert fresh == pytest.approx(100_000 - 100_000 * 0.5 ** (1 / 72))


def test_the_hours_of_a_half_life_cost_half_of_the_value():
    assert sum(cost_of_waiting(100_000, NOW, NOW + hours(h), 72) for h in range(72)) == pytest.approx(50_000)


def test_the_more_valuable_lead_comes_first():
    assert rank(900_00, NOW, 72) > rank(100_00, NOW, 72)


def test_of_two_of_one_value_the_fresher_comes_first():
    assert rank(100_00, NOW, 72) > rank(100_00, NOW - hours(1), 72)


@given(value=st.integers(1, 10**9), age=st.integers(0, 10_000), fades=st.floats(1, 1_000))
def test_a_rank_says_what_waiting_costs(value, age, fades):
    place = rank(value, NOW - hours(age), fades)
    assert cost_at(place, NOW, fades) == pytest.approx(cost_of_waiting(value, NOW - hours(age), NOW, fades), rel=1e-6)


@given(
    leads=st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 2_000)), min_size=2, max_size=2),
    later=st.integers(0, 10_000),
    fades=st.floats(1, 1_000),
)
def test_a_stored_rank_orders_as_the_cost_of_waiting_does_at_any_moment(leads, later, fades):
    (value, hours), (other, other_hours) = leads
    since, other_since = NOW + timedelta(hours=hours), NOW + timedelta(hours=other_hours)
    now = NOW + timedelta(hours=2_000 + later)
    cost, other_cost = cost_of_waiting(value, since, now, fades), cost_of_waiting(other, other_since, now, fades)
    higher = rank(value, since, fades) - rank(other, other_since, fades)
    if abs(higher) > 1e-6 and min(cost, other_cost) > 1e-300:
        assert (higher > 0) == (cost > other_cost)
