"""From touches and outcomes to journeys: what somebody met on the way to each outcome, and who met things and came to none.

Only what lies before an outcome can have led to it, not further back than an agreed window, and not what led to the one
before. Source: docs/algorithms/attribution.md
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import machine
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


class Met(NamedTuple):
    """Touches as they were recorded, in the order of `Touches`, and what they count for. All but moments and persons are small numbers.

    person, at   as of `Touches`
    what         int32[touches], sorts of touches
    word         int32[touches], what each says it was; empty where that does not matter
    team         int32[touches], whose it was; likewise
    human        bool per sort; of others nothing counts
    usual        int32 per sort: the channel of a touch that does not say one; -1 for none
    channel      int32 per word: the channel that it says; -1 for none
    ours         bool per team: its touches do not count
    """

    person: Any
    at: Any
    what: Any
    word: Any
    team: Any
    human: Any
    usual: Any
    channel: Any
    ours: Any


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


class Paths(NamedTuple):
    """Where each journey lies among the touches. All int64.

    begins, ends   the slice of each; empty where nothing was seen before an outcome
    closed         the moment of the outcome, or of the last touch where there was none
    person         whose it is
    outcome        its place among the outcomes, or -1
    lead, deal     as in `attribution.Journeys`: the last touch until they became a lead, and until the opportunity opened
    """

    begins: Any
    ends: Any
    closed: Any
    person: Any
    outcome: Any
    lead: Any
    deal: Any


def counting(met: Met, since: int, until: int) -> Touches:
    """Of these touches those that count, from one moment to before the other; each with its channel."""
    room = len(met.person)
    touches = Touches(np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int32))
    n = compiled(picked)(*map(machine.still, met), since, until, *touches)
    return Touches(*(column[:n] for column in touches))


def among(values: "NDArray[np.int64]", others: "NDArray[np.int64]") -> "NDArray[np.bool_]":
    """Which of these values are among the others; both ascending."""
    found = np.zeros(len(values), bool)
    if len(values):
        compiled(meet)(machine.still(values), machine.still(others[np.searchsorted(others, values[0]) :]), found)
    return found


def journeys(touches: Touches, outcomes: Outcomes, window: float, blocks: int = BLOCKS) -> Journeys:
    """Each outcome's journey, and one for each person with touches after their last outcome, or without any.

    A touch at the very moment of an outcome lies before it. Where nothing was seen before an outcome, its journey is empty.

    window    days before the outcome, or before the last touch where there was none
    """
    found = paths(touches, outcomes, window)
    return weighed(touches, outcomes, found, np.ones(len(found.begins), np.int64), blocks)


def paths(touches: Touches, outcomes: Outcomes, window: float) -> Paths:
    """As `journeys`: where they lie, and whose they are."""
    found = np.empty((len(Paths._fields), len(outcomes.person) + len(touches.person)), np.int64)
    n = compiled(cut)(
        touches.person, touches.at, outcomes.person, outcomes.at, outcomes.lead_at, outcomes.deal_at, int(window * DAY),
        *found,
    )  # fmt: skip
    return Paths(*found[:, :n])


def weighed(
    touches: Touches, outcomes: Outcomes, found: Paths, times: "NDArray[np.int64]", blocks: int = BLOCKS
) -> Journeys:
    """These paths as journeys, each of which counts so many times; 0 is one that only ended what came before."""
    led = found.outcome >= 0
    worth = np.zeros(len(led))
    worth[led] = outcomes.worth[found.outcome[led]] * times[led]
    return Journeys(
        found.begins, found.ends, touches.channel, touches.at, found.closed, times, led * times, worth, found.lead,
        found.deal, block_of(found.person, blocks).astype(np.int32),
    )  # fmt: skip


def block_of(person: "NDArray[np.int64]", blocks: int) -> "NDArray[np.int64]":
    """The block of each person, 0 to `blocks` - 1; neighbouring ids fall into distant ones."""
    spread = person.astype(np.uint64) * np.uint64(SPREAD) >> np.uint64(32)
    return (spread % np.uint64(blocks)).astype(np.int64)


def picked(
    person: Any, at: Any, what: Any, word: Any, team: Any, human: Any, usual: Any, channel: Any, ours: Any, since: int,
    until: int, whose: Any, moment: Any, number: Any,
) -> int:  # fmt: skip
    """Fill the arrays of `Touches` with those that count; returns how many they are."""
    n, says, teams = 0, len(word) > 0, len(team) > 0
    for i in range(len(person)):
        if at[i] < since or at[i] >= until or not human[what[i]] or (teams and ours[team[i]]):
            continue
        c = channel[word[i]] if says else -1
        if c < 0:
            c = usual[what[i]]
        if c >= 0:
            whose[n], moment[n], number[n] = person[i], at[i], c
            n += 1
    return n


def meet(values: Any, others: Any, found: Any) -> int:
    """Walk both together and mark which values are among the others; returns how many of those were passed."""
    k, n = 0, len(others)
    for i in range(len(values)):
        while k < n and others[k] < values[i]:
            k += 1
        found[i] = k < n and others[k] == values[i]
    return k


def cut(
    person: Any, at: Any, out_person: Any, out_at: Any, lead_at: Any, deal_at: Any, window: int, begins: Any, ends: Any,
    closed: Any, whose: Any, outcome: Any, lead: Any, deal: Any,
) -> int:  # fmt: skip
    """Walk both streams together and fill the arrays of `Paths`; returns how many journeys there are."""
    n, t, o, touches, outcomes = 0, 0, 0, len(person), len(out_person)
    while t < touches or o < outcomes:
        who = out_person[o] if t == touches or (o < outcomes and out_person[o] < person[t]) else person[t]
        begin = t
        while o < outcomes and out_person[o] == who:
            while t < touches and person[t] == who and at[t] <= out_at[o]:
                t += 1
            begin = _within(at, begin, t, out_at[o] - window)
            begins[n], ends[n], closed[n], whose[n], outcome[n] = begin, t, out_at[o], who, o
            lead[n], deal[n] = _until(at, begin, t, lead_at[o]), _until(at, begin, t, deal_at[o])
            n, o, begin = n + 1, o + 1, t
        while t < touches and person[t] == who:
            t += 1
        if begin < t:
            begin = _within(at, begin, t, at[t - 1] - window)
            begins[n], ends[n], closed[n], whose[n], outcome[n] = begin, t, at[t - 1], who, -1
            lead[n] = deal[n] = -1
            n += 1
    return n


def _within(at: Any, begin: int, end: int, since: int) -> int:
    """The first touch of a slice that is not older than `since`."""
    while begin < end and at[begin] < since:
        begin += 1
    return begin


def _until(at: Any, begin: int, end: int, moment: int) -> int:
    """The last touch of a slice that is not after a moment; -1 without one."""
    while end > begin and at[end - 1] > moment:
        end -= 1
    return end - 1 if end > begin else -1


@cache
def compiled(walk: Callable[..., int] = cut) -> Callable[..., int]:
    """A walk as machine code; the first process on a machine compiles it, later ones load it."""
    return machine.code((_within, _until, walk), globals())
