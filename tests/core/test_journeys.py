"""Which touches belong to which outcome: worked cases, and a slow oracle."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.attribution import DAY, MARKOV, MODELS, credits
from tilth.core.journeys import Met, Outcomes, Touches, among, counting, journeys, meet, picked

EVER = -(2**62)


def laid(touches, outcomes):
    """From (person, day, channel) and (person, day, worth)."""
    person, day, channel = (
        (np.array(x, np.int64) for x in zip(*sorted(touches), strict=True)) if touches else [np.zeros(0, np.int64)] * 3
    )
    who, at, worth = (
        (np.array(x, np.int64) for x in zip(*sorted(outcomes), strict=True))
        if outcomes
        else [np.zeros(0, np.int64)] * 3
    )
    never = np.full(len(who), EVER, np.int64)
    return Touches(person, day * DAY, channel.astype(np.uint8)), Outcomes(
        who, at * DAY, worth.astype(float), never, never
    )


def told(touches, outcomes, window=90):
    """Each journey as (days of its touches, worth or None)."""
    stream, ends = laid(touches, outcomes)
    j = journeys(stream, ends, window)
    days = [list(stream.at[b:e] // DAY) for b, e in zip(j.begins, j.ends, strict=True)]
    return [(d, w if won else None) for d, w, won in zip(days, j.worth, j.won, strict=True)]


def test_a_touch_after_the_outcome_gets_nothing():
    assert told([(1, 1, 0), (1, 5, 1)], [(1, 3, 100)]) == [([1], 100), ([5], None)]


def test_a_touch_at_the_moment_of_the_outcome_belongs_to_it():
    assert told([(1, 3, 0)], [(1, 3, 100)]) == [([3], 100)]


def test_a_touch_before_the_window_gets_nothing():
    assert told([(1, 1, 0), (1, 80, 1)], [(1, 100, 7)], window=30) == [([80], 7)]


def test_what_led_to_one_outcome_did_not_lead_to_the_next():
    assert told([(1, 1, 0), (1, 4, 1)], [(1, 2, 10), (1, 5, 20)]) == [([1], 10), ([4], 20)]


def test_an_outcome_out_of_the_blue_has_an_empty_journey():
    assert told([(2, 1, 0)], [(1, 2, 10), (3, 1, 5)]) == [([], 10), ([1], None), ([], 5)]


def test_the_touch_that_made_a_lead_is_found():
    stream, ends = laid([(1, 1, 0), (1, 3, 1), (1, 6, 2)], [(1, 9, 10)])
    found = journeys(stream, ends._replace(lead_at=np.array([3 * DAY]), deal_at=np.array([7 * DAY])), 90)
    assert (list(found.lead), list(found.deal)) == ([1], [2])


def slow(touches, outcomes, window):
    out = []
    for who in sorted({p for p, *_ in touches} | {p for p, *_ in outcomes}):
        mine, last = sorted(t for t in touches if t[0] == who), EVER
        for _p, at, worth in sorted(o for o in outcomes if o[0] == who):
            out.append(([d for _w, d, _c in mine if last < d <= at and d >= at - window], worth))
            last = at
        if rest := [d for _w, d, _c in mine if d > last]:
            out.append(([d for d in rest if d >= rest[-1] - window], None))
    return out


events = st.tuples(st.integers(1, 4), st.integers(0, 40), st.integers(0, 3))


@settings(deadline=None)
@given(touches=st.lists(events, max_size=25), outcomes=st.lists(events, max_size=8), window=st.integers(1, 50))
def test_it_cuts_as_one_person_at_a_time_would(touches, outcomes, window):
    assert told(touches, outcomes, window) == slow(touches, outcomes, window)


@settings(deadline=None)
@given(touches=st.lists(events, max_size=25), outcomes=st.lists(events, min_size=1, max_size=8))
def test_every_euro_is_credited_whatever_was_seen(touches, outcomes):
    stream, ends = laid(touches, outcomes)
    found = credits(journeys(stream, ends, 30), 5, blocks=100)
    for model in (*MODELS, MARKOV):
        assert abs(found.of(model)[1].sum() - ends.worth.sum()) < 1e-6


# Which touches count, and for what

small = st.integers(0, 3)
met = st.lists(st.tuples(st.integers(1, 5), st.integers(0, 9), small, small, small), max_size=30)


@settings(max_examples=200, deadline=None)
@given(rows=met, says=st.booleans(), teams=st.booleans(), since=st.integers(0, 9), until=st.integers(0, 9))
def test_what_counts_is_what_a_loop_says(rows, says, teams, since, until):
    human, usual, channel, ours = [True, False, True, True], [5, 6, -1, 7], [-1, 0, 1, 2], [False, True, False, False]
    expected = []
    for person, at, what, word, team in rows:
        number = channel[word] if says and channel[word] >= 0 else usual[what]
        if since <= at < until and human[what] and not (teams and ours[team]) and number >= 0:
            expected.append((person, at, number))
    columns = np.array(rows, np.int64).reshape(-1, 5).T
    none = np.zeros(0, np.int32)
    asked = Met(
        columns[0].copy(), columns[1].copy(), *(c.astype(np.int32) for c in columns[2:]), np.array(human),
        np.array(usual, np.int32), np.array(channel, np.int32), np.array(ours),
    )  # fmt: skip
    asked = asked._replace(word=asked.word if says else none, team=asked.team if teams else none)
    assert list(zip(*(c.tolist() for c in counting(asked, since, until)), strict=True)) == expected
    plain = np.zeros((3, len(rows)), np.int64)
    assert picked(*asked, since, until, *plain) == len(expected)
    assert list(map(tuple, plain[:, : len(expected)].T.tolist())) == expected


@settings(max_examples=200, deadline=None)
@given(values=st.lists(st.integers(-5, 20)), others=st.lists(st.integers(-5, 20)))
def test_who_is_among_the_others(values, others):
    values, others = np.array(sorted(values), np.int64), np.array(sorted(others), np.int64)
    expected = np.isin(values, others)
    assert (among(values, others) == expected).all()
    plain = np.zeros(len(values), bool)
    meet(values, others, plain)
    assert (plain == expected).all()
