"""A goal against history: gap, factor, levers and what is nearest."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tilth.core.plan import NoPlan
from tilth.core.realism import realism
from tilth.core.velocity import MONTH, Factors

NOW = Factors(deals=10, value=600_000, win=0.25, cycle=MONTH * 0.3)
SEEN = {"deals": (6, 12), "win": (0.2, 0.4), "cycle": (7, 15)}


def test_t6_a_goal_of_100_000_at_velocity_50_000_is_a_gap_of_50_000_and_a_factor_of_2():
    found = realism(10_000_000, NOW, SEEN)
    assert NOW.velocity == pytest.approx(5_000_000)
    assert found.gap == pytest.approx(5_000_000)
    assert found.factor == pytest.approx(2)
    assert [(lever.name, round(lever.needed, 3), round(lever.reach, 3)) for lever in found.levers] == [
        ("conversion", 0.5, 1.25), ("speed", 4.566, 1.533), ("volume", 20, 1.667),
    ]  # fmt: skip


def test_t6_none_alone_was_ever_seen_and_the_three_together_were():
    found = realism(10_000_000, NOW, SEEN)
    assert all(lever.reach > 1 for lever in found.levers)
    assert found.together.velocity == pytest.approx(10_000_000)
    assert found.share == pytest.approx(0.755, abs=0.001)
    assert found.reachable
    assert (found.together.deals < 12, found.together.win < 0.4, found.together.cycle > 7) == (True, True, True)


def test_a_goal_below_what_history_brings_has_no_gap():
    found = realism(4_000_000, NOW, SEEN)
    assert (found.gap < 0, found.levers, found.together, found.reachable) == (True, (), NOW, True)


def test_where_nothing_ever_moved_there_is_no_way():
    still = {"deals": (10, 10), "win": (0.25, 0.25), "cycle": (NOW.cycle, NOW.cycle)}
    found = realism(10_000_000, NOW, still)
    assert found.together is None
    assert not found.reachable


def test_what_moved_further_in_history_moves_further():
    found = realism(6_000_000, NOW, {**SEEN, "deals": (10, 10.5)})
    assert found.together.deals / NOW.deals < found.together.win / NOW.win


@pytest.mark.parametrize(
    ("goal", "now", "says"),
    [
        (0, NOW, "The goal is 0"),
        (float("nan"), NOW, "The goal is nan"),
        (1, Factors(0, 1, 0.5, 1), "Open deals: 0"),
        (1, Factors(1, 1, 1.5, 1), "The win rate: 1.5"),
        (1, Factors(1, 1, 0.5, 0), "The days from opening to winning: 0"),
    ],
)
def test_what_cannot_be_held_against_history_is_named(goal, now, says):
    with pytest.raises(NoPlan, match=says):
        realism(goal, now, SEEN)


def test_an_interval_that_is_none_is_named():
    with pytest.raises(NoPlan, match=r"The win rate: from 0.5 to 0.2"):
        realism(1e9, NOW, {**SEEN, "win": (0.5, 0.2)})


@given(st.floats(1.01, 20), st.floats(1, 5), st.floats(1, 3.9), st.floats(1, 5))
def test_the_combination_makes_the_goal_and_nobody_wins_more_than_all(factor, deals, win, cycle):
    seen = {"deals": (1, NOW.deals * deals), "win": (0.01, NOW.win * win), "cycle": (NOW.cycle / cycle, 99)}
    found = realism(NOW.velocity * factor, NOW, seen)
    assume(found.together is not None)
    assert found.together.velocity == pytest.approx(NOW.velocity * factor)
    assert found.together.win <= 1
