"""From touches and outcomes to journeys: what somebody met on the way to each outcome, and who met things and came to none.

Only what lies before an outcome can have led to it, not further back than an agreed window, and not what led to the one
before. Source: docs/algorithms/attribution.md
"""

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .attribution import DAY, Journeys

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCKS = 100  # people are dealt into so many, by which a bootstrap draws
SPREAD = 0x9E3779B97F4A7C15  # 2^64 divided by the golden ratio: neighbouring ids fall into distant blocks


class Touches(NamedTuple):
    """Touches of everybody, ascending by person, then moment, then order of arrival. Machines' are left out beforehand.

    person    int64[touches]; a buying group's id where journeys are those of groups
    at        int64[touches], microseconds since 1970
    channel   integers[touches] from 0: campaign, offer, source, or what else credit is given to
    """

    person: Any
    at: Any
    channel: Any


class Outcomes(NamedTuple):
    """Outcomes of everybody, ascending by person, then moment.

    person, at   as of touches
    worth        float64[outcomes], minor units
    lead_at      int64[outcomes], when they became a lead; before all touches when unknown
    deal_at      int64[outcomes], when the opportunity opened; likewise
    """

    person: Any
    at: Any
    worth: Any
    lead_at: Any
    deal_at: Any


def journeys(touches: Touches, outcomes: Outcomes, window: float, blocks: int = BLOCKS) -> Journeys:
    """Each outcome's journey, and one for each person with touches after their last outcome, or without any.

    A touch at the very moment of an outcome lies before it. Where nothing was seen before an outcome, its journey is empty.

    window    days before the outcome, or before the last touch where there was none
    """
    most = len(outcomes.person) + _count(touches.person)
    found = np.empty((5, most), np.int64)
    worth = np.zeros(most)
    n = compiled()(touches.person, touches.at, *outcomes, int(window * DAY), found, worth)
    begins, ends, closed, who, of = found[:, :n]
    won = (of >= 0).astype(np.int64)
    lead, deal = (_milestone(touches, begins, ends, at, of) for at in (outcomes.lead_at, outcomes.deal_at))
    block = (who.astype(np.uint64) * np.uint64(SPREAD) >> np.uint64(32)) % np.uint64(blocks)
    return Journeys(
        begins, ends, touches.channel, touches.at, closed, np.ones(n, np.int64), won, worth[:n], lead, deal,
        block.astype(np.int32),
    )  # fmt: skip


def cut(
    person: Any, at: Any, out_person: Any, out_at: Any, out_worth: Any, _lead: Any, _deal: Any, window: int, found: Any,
    worth: Any,
) -> int:  # fmt: skip
    """Walk both streams together; returns how many journeys there are.

    found    room for begin, end, moment of the end, person, and the outcome's place or -1
    """
    n, t, o, touches, outcomes = 0, 0, 0, len(person), len(out_person)
    while t < touches or o < outcomes:
        who = out_person[o] if t == touches or (o < outcomes and out_person[o] < person[t]) else person[t]
        begin = t
        while o < outcomes and out_person[o] == who:
            while t < touches and person[t] == who and at[t] <= out_at[o]:
                t += 1
            begin = _within(at, begin, t, out_at[o] - window)
            found[0, n], found[1, n], found[2, n], found[3, n], found[4, n] = begin, t, out_at[o], who, o
            worth[n] = out_worth[o]
            n, o, begin = n + 1, o + 1, t
        while t < touches and person[t] == who:
            t += 1
        if begin < t:
            begin = _within(at, begin, t, at[t - 1] - window)
            found[0, n], found[1, n], found[2, n], found[3, n], found[4, n] = begin, t, at[t - 1], who, -1
            n += 1
    return n


def _within(at: Any, begin: int, end: int, since: int) -> int:
    """The first touch of a slice that is not older than `since`."""
    while begin < end and at[begin] < since:
        begin += 1
    return begin


def _count(person: "NDArray[np.int64]") -> int:
    """How many different people there are in an ascending array."""
    return int((np.diff(person) != 0).sum()) + 1 if len(person) else 0


def _milestone(
    touches: Touches, begins: "NDArray[np.int64]", ends: "NDArray[np.int64]", at: "NDArray[np.int64]", of: "NDArray[np.int64]"
) -> "NDArray[np.int64]":  # fmt: skip
    """The last touch of each journey that is not after a moment of its outcome; -1 without one."""
    place = np.full(len(of), -1, np.int64)
    for i in np.flatnonzero(of >= 0):
        found = np.searchsorted(touches.at[begins[i] : ends[i]], at[of[i]], side="right")
        place[i] = begins[i] + found - 1 if found else -1
    return place


@cache
def compiled() -> Callable[..., int]:
    """`cut` as machine code; the first process on a machine compiles it, later ones load it."""
    import numba

    made = dict(globals())
    for function in (_within, cut):
        made[function.__name__] = numba.njit(cache=True, nogil=True)(FunctionType(function.__code__, made))
    return made["cut"]
