"""Intervals against Newcombe's published table and SciPy's `binomtest(...).proportion_ci(method="wilson")`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.rates import Rate, apart, counted, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_agrees_with_newcombes_table(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n, level=0.95) == pytest.approx((low, high), abs=5e-5)


SCIPY_90 = [  # binomtest(hits, n).proportion_ci(0.90, method="wilson")
    (842, 8000, 0.0997393891897527, 0.11102752386176595),
    (8, 24, 0.19922671510154388, 0.501210012061439),
    (60, 104, 0.4962797252489532, 0.6536656241872094),
    (1, 1000, 0.00022312384391207085, 0.00446972290936893),
    (0, 30, 0.0, 0.08272430812509929),
    (30, 30, 0.9172756918749008, 1.0),
]


@pytest.mark.parametrize(("hits", "n", "low", "high"), SCIPY_90)
def test_the_interval_agrees_with_scipy(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), rel=1e-12)


def test_all_and_nothing_reach_the_edge_and_no_further() -> None:
    assert wilson(0, 7)[0] == 0
    assert wilson(7, 7)[1] == 1
    assert 0 < wilson(0, 7)[1] < 1
    assert wilson(0, 0) == (0, 1)


def test_the_mirror_image_has_the_mirrored_interval() -> None:
    low, high = wilson(3, 40)
    assert wilson(37, 40) == pytest.approx((1 - high, 1 - low))


def test_a_small_n_is_too_few_and_says_how_many_are_lacking() -> None:
    assert Rate(2, 6).lacks == 24
    assert Rate(10, 30).lacks == 0
    assert Rate(0, 0).value is None


def test_too_few_cases_never_say_that_a_plan_was_missed() -> None:
    assert not Rate(0, 8).clearly_below(0.9)
    assert Rate(10, 100).clearly_below(0.2)
    assert not Rate(10, 100).clearly_below(0.12)


def test_hits_cannot_exceed_the_cases() -> None:
    with pytest.raises(ValueError, match="5 of 3 is not a part of a whole"):
        Rate(5, 3)


@pytest.mark.parametrize(
    ("n", "low", "high"), [(0, 0, 2.996), (3, 0.818, 7.754), (10, 5.425, 16.962), (100, 84.139, 118.082)]
)
def test_a_count_has_the_interval_of_garwood(n, low, high):
    """Exact 90% limits of a Poisson mean (Garwood 1936)."""
    assert counted(n) == pytest.approx((low, high), rel=0.01)


def test_a_difference_as_published() -> None:
    """R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10, 95%."""
    low, high = apart(Rate(56, 70, 0.95), Rate(48, 80, 0.95))
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)
    assert apart(Rate(0, 0), Rate(3, 4)) == (-1.0, 1.0)


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_a_difference_lies_in_its_interval_and_turns_around(n: int, m: int, data: st.DataObject) -> None:
    one, other = Rate(data.draw(st.integers(0, n)), n), Rate(data.draw(st.integers(0, m)), m)
    low, high = apart(one, other)
    assert -1 <= low <= one.hits / n - other.hits / m <= high <= 1
    back = apart(other, one)
    assert (pytest.approx(-high), pytest.approx(-low)) == back
