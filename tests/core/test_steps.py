"""Ordered funnels: worked cases, and an oracle that tries every beginning of every person by itself."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.kernel import NEVER
from tilth.core.steps import Span, Touches, follow, went

EVER = Span(NEVER, 2**62, 2**62, 30)
VISIT, GUIDE, FORM, ASKS, OTHER, BOTH = range(6)
COUNTS = np.array([1, 2, 4, 8, 0, 3], np.uint8)  # BOTH is the first step and the second


def laid(rows, form=np.array):
    """From (person, moment, sort), of the same moment in the order in which they stand."""
    rows = sorted(rows, key=lambda row: row[:2])
    return Touches(*(form([row[n] for row in rows], t) for n, t in enumerate((np.int64, np.int64, np.int32))))


def told(rows, steps=4, span=EVER):
    """person: the moments of their steps, and when they last began."""
    found = went(laid(rows), COUNTS, steps, span)
    ways = {
        p: tuple(m for m in way if m != NEVER)
        for p, way in zip(found.person.tolist(), found.moments.tolist(), strict=True)
    }
    assert [len(way) for way in ways.values()] == found.reached.tolist()
    return {p: (ways[p], last) for p, last in zip(found.person.tolist(), found.newest.tolist(), strict=True)}  # fmt: skip


def way(*sorts, window=30):
    """The way of one person who does something each day."""
    return told([(1, day, sort) for day, sort in enumerate(sorts)], span=EVER._replace(window=window))[1][0]


def test_steps_count_in_their_order_only():
    assert way(VISIT, FORM, GUIDE, OTHER, FORM) == (0, 2, 4)
    assert way(VISIT, FORM, GUIDE) == (0, 2)
    assert told([(1, 0, GUIDE), (1, 1, FORM)]) == {}


def test_the_window_is_measured_from_the_first_step():
    assert way(VISIT, OTHER, GUIDE, OTHER, FORM, window=3) == (0, 2)
    assert way(VISIT, OTHER, GUIDE, OTHER, FORM, window=4) == (0, 2, 4)


def test_of_several_beginnings_the_best_one_counts():
    assert way(VISIT, GUIDE, OTHER, VISIT, GUIDE, FORM, window=3) == (3, 4, 5)
    assert way(VISIT, GUIDE, VISIT, FORM, window=3) == (0, 1, 3)  # the second visit has no guide after it
    assert way(VISIT, GUIDE, FORM, VISIT, GUIDE) == (0, 1, 2)


def test_repeated_steps_count_once_with_the_first():
    assert way(VISIT, GUIDE, GUIDE, FORM, FORM) == (0, 1, 3)
    assert told([(1, 0, VISIT), (1, 5, VISIT), (1, 9, VISIT)]) == {1: ((0,), 9)}


def test_one_touch_is_one_step_also_where_it_could_be_two():
    assert told([(1, 0, BOTH)]) == {1: ((0,), 0)}
    assert told([(1, 0, BOTH), (1, 0, BOTH), (1, 4, FORM)]) == {1: ((0, 0, 4), 0)}


def test_at_one_moment_the_order_of_arrival_decides():
    assert told([(1, 0, VISIT), (1, 0, GUIDE)]) == {1: ((0, 0), 0)}
    assert told([(1, 0, GUIDE), (1, 0, VISIT)]) == {1: ((0,), 0)}


def test_who_began_outside_the_span_is_not_asked_about():
    span = EVER._replace(since=5, until=10, now=20)
    assert told([(1, 4, VISIT), (1, 6, GUIDE)], span=span) == {}
    assert told([(1, 9, VISIT), (1, 12, GUIDE), (1, 20, FORM)], span=span) == {1: ((9, 12), 9)}
    assert told([(1, 10, VISIT), (2, 5, VISIT)], span=span) == {2: ((5,), 5)}


def test_nobody_came_anywhere_when_nothing_happened():
    assert told([]) == {}


def tried(rows, steps, span):
    """As `told`, by trying each beginning: the deepest, then the first that is there, then the last that began."""
    out = {}
    for person in sorted({p for p, _at, _what in rows}):
        mine = [
            (at, COUNTS[what]) for p, at, what in sorted(rows, key=lambda row: row[:2]) if p == person and at < span.now
        ]
        begins = [n for n, (at, bits) in enumerate(mine) if bits & 1 and span.since <= at < span.until]
        ways = []
        for begin in begins:
            places = [begin]
            for step in range(1, steps):
                after = (n for n in range(places[-1] + 1, len(mine)) if mine[n][1] >> step & 1)
                n = next(after, None)
                if n is None or mine[n][0] - mine[begin][0] > span.window:
                    break
                places.append(n)
            ways.append((-len(places), places[-1], -mine[begin][0], begin, places))
        if ways:
            out[person] = (tuple(mine[n][0] for n in min(ways)[-1]), mine[begins[-1]][0])
    return out


rows = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 12), st.integers(0, 5)), max_size=30)
spans = st.builds(Span, st.integers(-1, 6), st.integers(2, 14), st.integers(6, 15), st.integers(0, 12))


@settings(deadline=None, max_examples=300)
@given(rows=rows, steps=st.integers(1, 4), span=spans)
def test_it_finds_what_trying_every_beginning_finds(rows, steps, span):
    assert told(rows, steps, span) == tried(rows, steps, span)


@settings(deadline=None, max_examples=50)
@given(rows=rows, span=spans)
def test_the_longer_the_window_the_further_and_never_backwards(rows, span):
    """Who came somewhere in some days came there in more; moments ascend; machine code says what plain Python says."""
    wide = told(rows, 4, span._replace(window=span.window + 3))
    for person, (moments, _newest) in told(rows, 4, span).items():
        assert len(wide[person][0]) >= len(moments)
        assert all(one <= other for one, other in pairwise(moments))
    n, lists = max(len(rows), 1), laid(rows, lambda values, _type: values)
    out = [np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros((n, 4), np.int64), np.zeros(n, np.int64)]
    found, fast = follow(*lists, COUNTS, 4, *span, np.zeros((4, 4), np.int64), *out), went(laid(rows), COUNTS, 4, span)
    for plain, compiled in zip(out, fast, strict=True):
        np.testing.assert_array_equal(plain[:found], compiled)


@pytest.mark.parametrize("steps", [1, 8])
def test_there_may_be_one_step_or_eight(steps):
    counts = np.array([1 << n for n in range(8)], np.uint8)
    rows = [(1, n, n) for n in range(8)]
    assert went(laid(rows), counts, steps, EVER).reached.tolist() == [steps]
