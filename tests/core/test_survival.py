"""Honest rates: the worked cases of B3, lifelines' results, and intervals that hold the truth as often as they say."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.rates import wilson
from tilth.core.survival import LOST, OPEN, WON, course, curve, incidence

RECORDED = json.loads(Path(__file__).with_name("lifelines.json").read_text())["cases"]
B3 = np.array([2.0, 4, 6, 3, 5, 7, 8, 9])


def test_b3_open_leads_are_censored():
    ended = np.array([WON] * 3 + [OPEN] * 5)
    found = incidence(B3, ended, 9, enough=1)
    assert (found.n, found.hits) == (8, 3)
    assert found.hits / found.n == 0.375
    assert found.share == pytest.approx(0.453125)


def test_b3_lost_leads_compete():
    ended = np.array([WON] * 3 + [LOST] * 2 + [OPEN] * 3)
    assert incidence(B3, ended, 9, enough=1).share == pytest.approx(0.375)


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: f"n={len(case['days'])}")
def test_it_says_what_lifelines_says(case):
    days, ended = np.array(case["days"]), np.array(case["ended"])
    found = curve(days, ended)
    last = np.searchsorted(found.at, case["horizon"], side="right") - 1
    assert found.share[last] == pytest.approx(case["share"], abs=1e-12)
    assert found.variance[last] == pytest.approx(case["variance"], abs=1e-12)
    share = incidence(days, ended, case["horizon"], enough=1)
    assert (share.low, share.high) == pytest.approx((case["low"], case["high"]), abs=1e-12)


@given(
    cases=st.lists(st.tuples(st.integers(0, 40), st.sampled_from([OPEN, WON, LOST])), min_size=1, max_size=60),
    horizon=st.integers(1, 40),
)
def test_what_may_become_of_a_case_adds_up(cases, horizon):
    """Won, lost and still open are all there is; and each share lies in its interval."""
    days, ended = (np.array(x) for x in zip(*cases, strict=True))
    won, lost = (incidence(days.astype(float), ended, horizon, outcome, enough=0) for outcome in (WON, LOST))
    assert won.share is not None
    assert lost.share is not None
    assert -1e-12 <= won.share + lost.share <= 1 + 1e-12
    assert won.n == won.decided + won.open
    if won.decided:
        assert won.low - 1e-12 <= won.share <= won.high + 1e-12


@given(cases=st.lists(st.tuples(st.integers(0, 9), st.sampled_from([WON, LOST])), min_size=1, max_size=60))
def test_where_nobody_is_open_it_is_the_plain_share(cases):
    days, ended = (np.array(x) for x in zip(*cases, strict=True))
    found = incidence(days.astype(float), ended, 9, enough=0)
    assert found.share == pytest.approx((ended == WON).mean())


def test_nine_intervals_in_ten_hold_the_truth():
    """Cohorts that came in over 120 days, of which 20% will buy and half are lost in time, seen on day 120."""
    chance = np.random.default_rng(7)
    held = 0
    for _ in range(600):
        n = 150
        end = np.where(chance.random(n) < 0.2, WON, LOST)
        takes, watched = chance.exponential(30, n), chance.uniform(0, 120, n)
        days, ended = np.minimum(takes, watched), np.where(takes <= watched, end, OPEN)
        found = incidence(days, ended, 60)
        held += found.low <= 0.2 * (1 - np.exp(-2)) <= found.high
    assert 0.85 <= held / 600 <= 0.95


def test_too_few_is_said_instead_of_a_share():
    few = incidence(np.arange(29.0), np.full(29, WON), 60)
    assert few.share is None
    assert few.hits == 29
    young = incidence(np.full(100, 3.0), np.full(100, OPEN), 60)
    assert young.share is None
    assert young.unfinished == 1


def test_nobody_yet_still_has_an_interval():
    found = incidence(np.full(40, 90.0), np.full(40, OPEN), 60)
    assert (found.share, found.low) == (0, 0)
    assert found.high == wilson(0, 40)[1]


def test_without_any_case_nothing_is_known():
    found = incidence(np.zeros(0), np.zeros(0, np.int64), 60)
    assert (found.n, found.share, found.low, found.high) == (0, None, 0, 1)


def test_a_course_says_at_each_horizon_what_is_said_of_that_horizon_alone() -> None:
    chance = np.random.default_rng(4)
    days, ended = chance.integers(0, 60, 300).astype(float), chance.choice([OPEN, WON, LOST], 300)
    horizons = [0, 7, 30.5, 59, 90]
    found = course(days, ended, horizons)
    assert found == [incidence(days, ended, horizon) for horizon in horizons]
    assert [one.watched for one in found] == [int((days >= horizon).sum()) for horizon in horizons]
    assert [one.hits for one in found] == [int(((days <= h) & (ended == WON)).sum()) for h in horizons]
