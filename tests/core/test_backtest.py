"""What a version would have done, against what came of it: by hand, and against a slow second opinion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.backtest import (
    Handed,
    Outcomes,
    Stream,
    Verdict,
    caught,
    earlier,
    figures,
    last_until,
    next_after,
    sent_again,
    stream,
    verdicts,
)  # fmt: skip
from tilth.core.kernel import DAY, FAR, NEVER

ANOUK, BART, CEES, DIRK, ELS = range(1, 6)


def days(*events):
    """Events as (person, day)."""
    return stream([p for p, _day in events], [day * DAY for _p, day in events])


REAL = Outcomes(
    handoffs=days((ANOUK, 10), (BART, 12), (CEES, 5), (CEES, 40)),
    qualified=days((ANOUK, 14), (CEES, 44)),
    bought=days((ANOUK, 60), (DIRK, 30)),
    returned=days((CEES, 8)),
    ended=days((ANOUK, 60), (CEES, 8), (DIRK, 30)),
)


def test_each_lead_that_would_be_handed_off_gets_what_came_of_it():
    would = days((ANOUK, 7), (BART, 20), (CEES, 6), (CEES, 46), (DIRK, 2), (ELS, 3))
    assert [Verdict(v).name for v in verdicts(would, REAL)] == [
        "QUALIFIED",  # Anouk: found ready on day 14
        "OPEN",  # Bart: sales has him and has not said
        "REFUSED",  # Cees, the first time: returned on day 8
        "LATE",  # Cees, the second: found ready on day 44, before
        "QUALIFIED",  # Dirk bought through another door
        "UNKNOWN",  # Els: sales never had her
    ]


def test_what_is_caught_missed_earlier_and_sent_again():
    would = days((ANOUK, 7), (CEES, 6), (CEES, 46))
    assert caught(REAL.bought, would).tolist() == [True, False]  # Dirk is missed
    assert caught(REAL.qualified, would).tolist() == [True, True]
    assert earlier(REAL.qualified, would, REAL.handoffs).tolist() == [3.0, 34.0]
    assert sent_again(REAL.returned, would, REAL.ended).tolist() == [True]
    assert sent_again(REAL.returned, days((CEES, 9)), REAL.ended).tolist() == [False]


def test_the_figures_add_up_by_hand():
    handed = Handed(
        days((ANOUK, 7), (BART, 20), (CEES, 6), (DIRK, 2), (ELS, 3)),
        np.array([0, 1, 2, 0, 3]),
        np.array([4, 3, 4, 4, 4]),
    )
    value = np.arange(16) * 100.0
    f = figures(handed, handed.stream, REAL, 0, 31 * DAY, (0, 1), value, (1.0, 4.0), 2.0)
    assert (f.leads, f.weekly) == (5, (3, 1, 1, 0))
    assert (f.weeks, f.a_week) == pytest.approx((31 / 7, 5 * 7 / 31))
    assert (f.good_fit.hits, f.good_fit.n) == (3, 5)
    assert f.value == 300 + 600 + 1100 + 300 + 1500
    assert f.hours == pytest.approx((5 * 7 / 31, 4 * 5 * 7 / 31))
    assert f.over_room is not None
    assert (f.over_room.hits, f.over_room.n) == (1, 4)
    assert (f.precision.hits, f.precision.n) == (2, 3)
    assert (f.unknown.hits, f.open, f.late) == (1, 1, 0)
    assert (f.won.hits, f.won.n) == (2, 2)
    assert (f.sql.hits, f.sql.n) == (2, 2)
    assert (f.sent_again.hits, f.sent_again.n) == (1, 1)


def test_what_sales_said_before_the_stretch_still_speaks_of_a_round_that_is_open():
    """Cees was found ready on day 44 and sales still has him: a handoff on day 46 is late, whatever weeks are looked at."""
    handed = Handed(days((CEES, 46)), np.array([0]), np.array([4]))
    f = figures(handed, handed.stream, REAL, 45 * DAY, 90 * DAY, (0,), np.zeros(16), (1, 4), 0)
    assert (f.late, f.open, f.precision.n) == (1, 0, 0)
    assert (f.sql.n, f.won.n) == (0, 1)  # but only what was said in the stretch is there to be caught


def test_without_any_history_there_are_no_rates_and_no_errors():
    none = days()
    f = figures(
        Handed(none, none.at, none.at),
        none,
        Outcomes(none, none, none, none, none),
        0,
        0,
        (0,),
        np.zeros(16),
        (1, 4),
        0,
    )
    assert (f.leads, f.weekly, f.precision.value, f.won.value, f.earlier, f.over_room) == (
        0,
        (),
        None,
        None,
        None,
        None,
    )


EVENTS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 12)), max_size=12)


@given(EVENTS, EVENTS)
def test_looking_back_and_forward_equals_searching_one_by_one(events, asked):
    s = stream([p for p, _ in events], [t for _, t in events])
    who, at = np.array([p for p, _ in asked], np.int64), np.array([t for _, t in asked], np.int64)
    back = [max((t for p, t in events if p == q and t <= now), default=NEVER) for q, now in asked]
    forth = [min((t for p, t in events if p == q and t > now), default=FAR) for q, now in asked]
    assert last_until(s, who, at).tolist() == back
    assert next_after(s, who, at).tolist() == forth


@given(EVENTS, EVENTS, EVENTS, EVENTS, EVENTS)
def test_verdicts_equal_a_slow_second_opinion(would, handoffs, qualified, bought, returned):
    ended = {*bought, *returned}
    real = Outcomes(
        *(stream([p for p, _ in s], [t for _, t in s]) for s in (handoffs, qualified, bought, returned, sorted(ended)))
    )
    crossings = stream([p for p, _ in would], [t for _, t in would])
    for i, (who, at) in enumerate(zip(*crossings, strict=True)):
        begins = max((t for p, t in ended if p == who and t <= at), default=NEVER)
        ends = min((t for p, t in ended if p == who and t > at), default=FAR)
        good = [t for p, t in {*qualified, *bought} if p == who and begins < t <= ends]
        had = any(p == who and begins < t <= ends for p, t in handoffs)
        if any(t <= at for t in good):
            expected = Verdict.LATE
        elif good:
            expected = Verdict.QUALIFIED
        elif ends < FAR:
            expected = Verdict.REFUSED
        else:
            expected = Verdict.OPEN if had else Verdict.UNKNOWN
        assert verdicts(crossings, real)[i] == expected


def test_streams_are_put_in_order():
    assert stream([2, 1, 1], [5, 9, 3]).person.tolist() == [1, 1, 2]
    assert isinstance(stream([], []), Stream)
    with pytest.raises(ValueError, match="shape"):
        stream([1, 2], [3])
