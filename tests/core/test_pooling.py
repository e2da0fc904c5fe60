"""Small numbers borrow strength: worked orders, limits, and intervals that hold the truth as often as they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.pooling import effective, pool


def test_two_of_two_does_not_outrank_thirty_of_a_hundred():
    """Sources are ranked by the low end of their interval: by what is sure."""
    two, thirty, *_others = pool([2, 30, 10, 4], [2, 100, 60, 20])
    assert two.own == 1
    assert two.share < 0.35
    assert two.low < thirty.low


def test_a_source_with_many_cases_keeps_its_own_rate():
    many, few = pool([3_000, 1], [10_000, 5])
    assert many.share == pytest.approx(0.3, abs=0.002)
    assert many.weight > 0.95
    assert few.weight < 0.5


def test_a_source_without_cases_has_the_mean_of_all_and_a_wide_interval():
    *others, none = pool([10, 12, 9, 11, 0], [100, 100, 100, 100, 0])
    assert none.own is None
    assert none.share == pytest.approx(0.105, abs=0.03)
    assert none.high - none.low > max(o.high - o.low for o in others)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8))
def test_a_pooled_rate_lies_in_its_interval(seen):
    for found in pool([k for k, _ in seen], [k + lost for k, lost in seen]):
        assert 0 <= found.low <= found.share <= found.high <= 1


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8))
def test_it_does_not_matter_which_outcome_is_called_the_hit(seen):
    hits, others = [k for k, _ in seen], [lost for _, lost in seen]
    cases = [k + lost for k, lost in seen]
    for one, other in zip(pool(hits, cases), pool(others, cases), strict=True):
        assert one.share == pytest.approx(1 - other.share, abs=1e-6)
        assert one.low == pytest.approx(1 - other.high, abs=1e-6)


def test_nine_intervals_in_ten_hold_the_truth():
    chance = np.random.default_rng(3)
    held = []
    for _ in range(40):
        truth, n = chance.beta(4, 36, 20), chance.integers(1, 150, 20)
        found = pool(chance.binomial(n, truth), n)
        held += [p.low <= rate <= p.high for p, rate in zip(found, truth, strict=True)]
    assert 0.85 <= np.mean(held) <= 0.95


def test_a_share_is_worth_as_many_cases_as_its_variance_says():
    assert effective(0.2, 0.2 * 0.8 / 50, 80) == pytest.approx((10, 50))
    assert effective(0.2, 0.2 * 0.8 / 500, 80) == pytest.approx((16, 80))
    assert effective(0.0, 0.0, 80) == (0, 80)
