"""Order of the queue: worked cases, then laws that any case must keep."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.handoff import cost_of_waiting, priority, rank

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
    small = priority(1, 100_00, NOW, None, NOW, 72)
    large = priority(2, 900_00, NOW, None, NOW, 72)
    assert sorted([small, large]) == [large, small]


def test_a_late_promise_comes_before_any_value():
    late = priority(1, 100_00, NOW - hours(9), NOW - hours(1), NOW, 72)
    rich = priority(2, 900_000_00, NOW, NOW + hours(1), NOW, 72)
    assert sorted([rich, late]) == [late, rich]
    assert not late.in_time
    assert rich.in_time


def test_a_promise_is_not_late_at_the_very_moment_that_it_is_due():
    assert priority(1, 1, NOW, NOW, NOW, 72).in_time


def test_equal_costs_go_by_due_moment_then_by_id():
    a = priority(7, 500, NOW, NOW + hours(2), NOW, 72)
    b = priority(3, 500, NOW, NOW + hours(3), NOW, 72)
    c = priority(4, 500, NOW, NOW + hours(3), NOW, 72)
    d = priority(1, 500, NOW, None, NOW, 72)
    assert sorted([d, c, b, a]) == [a, b, c, d]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-3, 3), st.integers(0, 2)), min_size=1, max_size=8), st.randoms()
)
def test_the_queue_is_the_same_however_it_was_read(leads, random):
    queue = [priority(i, v, NOW - hours(a), NOW + hours(d), NOW, 72) for i, (v, d, a) in enumerate(leads)]
    shuffled = random.sample(queue, len(queue))
    assert sorted(shuffled) == sorted(queue)


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
