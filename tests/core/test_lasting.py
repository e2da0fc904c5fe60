"""How long something takes: by hand, and with cases that are not over."""

import numpy as np
import pytest

from tilth.core.lasting import Half, half, lasting


def test_without_open_cases_the_quartiles_are_those_of_the_days():
    days = np.arange(1.0, 101)
    quarter, half, most = lasting(days, np.ones(100, bool))
    assert (quarter.days, half.days, most.days) == (25, 50, 75)
    assert half.low is not None
    assert half.high is not None
    assert half.low < 50 < half.high


def test_who_is_not_over_counts_as_long_as_they_were_watched():
    """Six cases, over after 2, 4 and 6 days, open since 3, 5 and 7: 1/6, then 1 - 5/6 * 3/4 = 3/8, then 1 - 5/8 * 1/2 = 11/16."""
    days, ended = np.array([2.0, 3, 4, 5, 6, 7]), np.array([1, 0, 1, 0, 1, 0], bool)
    assert [one.days for one in lasting(days, ended)] == [4, 6, None]
    assert [one.days for one in lasting(days[ended], ended[ended])] == [2, 4, 6]


def test_what_reaches_past_what_was_watched_is_not_said():
    found = lasting(np.array([1.0, 2, 3, 4]), np.array([1, 0, 0, 0], bool))
    assert (found[0].days, found[1].days, found[1].high) == (1, None, None)
    assert [one.days for one in lasting(np.zeros(0), np.zeros(0, bool))] == [None] * 3


def test_the_interval_of_a_median_holds_it_nine_times_in_ten():
    chance = np.random.default_rng(7)
    held = 0
    for _ in range(400):
        days, watched = chance.exponential(30, 120), chance.uniform(10, 120, 120)
        half = lasting(np.minimum(days, watched), days <= watched)[1]
        held += (half.low or 0) <= 30 * np.log(2) <= (half.high or 1e9)
    assert held / 400 == pytest.approx(0.9, abs=0.05)


def test_half_lies_between_the_ranks_of_a_published_formula():
    """Campbell and Gardner 1988: of 100 cases ranks 50 - 8.2 and 51 + 8.2 at 90%; of few there is no interval."""
    assert half(np.arange(100.0, 0, -1)) == Half(50.5, 42, 59, 100)
    assert half(np.array([3.0, 1, 2])) == Half(2, None, None, 3)
    assert half(np.zeros(0)) == Half(None, None, None, 0)


def test_the_interval_of_half_holds_the_true_one_9_times_in_10():
    chance = np.random.default_rng(7)
    found = [half(chance.exponential(1.0, 60)) for _ in range(2_000)]
    assert 0.88 < np.mean([one.low <= np.log(2) <= one.high for one in found]) < 0.95
