"""Parts that add up to the cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.apportion import apportion


def test_a_cent_that_is_left_over_goes_to_the_largest_remainder():
    assert apportion(100, [1, 1, 1]) == [34, 33, 33]
    assert apportion(1_001, [0.5, 0.25, 0.25]) == [501, 250, 250]
    assert apportion(-100, [1, 1, 1]) == [-34, -33, -33]


def test_who_has_no_share_gets_nothing():
    assert apportion(7, [0, 3, 0]) == [0, 7, 0]


@given(st.integers(-(10**12), 10**12), st.lists(st.floats(0, 1e9), min_size=1, max_size=40))
def test_parts_add_up_and_are_next_to_their_shares(total, shares):
    if not sum(shares):
        return
    parts = apportion(total, shares)
    assert sum(parts) == total
    exact = [total * share / sum(shares) for share in shares]
    assert all(abs(part - share) < 1 + abs(share) * 1e-9 for part, share in zip(parts, exact, strict=True))


@pytest.mark.parametrize("shares", [[], [0, 0], [1, -1, 3]])
def test_what_cannot_be_shared_is_refused(shares):
    with pytest.raises(ValueError, match="zero or more"):
        apportion(5, shares)
