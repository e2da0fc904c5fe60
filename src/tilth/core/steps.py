"""How far people came along some steps, one after the other and within some days of the first: an ordered funnel.

Everybody's touches are read once, forward. Source: docs/algorithms/steps.md
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import machine
from .kernel import NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 8  # steps: each is a bit of one byte
# Of the steps that a touch is, the highest.
HIGHEST = np.array([max(bits.bit_length() - 1, 0) for bits in range(1 << MOST)], np.int64)
BLOCK = 1_024  # touches


class Touches(NamedTuple):
    """Touches of everybody, ascending by person, then moment, then order of arrival.

    person    int64[touches]
    at        int64[touches], microseconds since 1970
    what      int32[touches], sorts of touches
    """

    person: Any
    at: Any
    what: Any


class Span(NamedTuple):
    """All int64, microseconds.

    since, until   the first step counts from one moment to before the other
    now            what happened at it or later has not happened
    window         the last step may come so long after the first one, and not later
    """

    since: int
    until: int
    now: int
    window: int


class Went(NamedTuple):
    """How far each person came who did the first step in the span; ascending by person. All int64.

    person    [people]
    reached   [people], how many steps, 1 to `steps`
    moments   [people, steps], when they took each step on the way on which they came that far; NEVER beyond it
    newest    [people], when they last took the first step in the span
    """

    person: "NDArray[np.int64]"
    reached: "NDArray[np.int64]"
    moments: "NDArray[np.int64]"
    newest: "NDArray[np.int64]"


def went(touches: Touches, counts: "NDArray[np.uint8]", steps: int, span: Span) -> Went:
    """Each person's furthest way; of several that are as far, the one that was there first, and began last.

    counts    uint8 per sort of touch: bit 0 when it is the first step, bit 1 when it is the second, and so on
    steps     how many there are, 1 to MOST
    """
    room = len(touches.person)
    person, reached, newest = np.empty((3, room), np.int64)
    moments = np.empty((room, steps), np.int64)
    ways = np.empty((steps, steps), np.int64)
    counts = counts & np.uint8((1 << steps) - 1)
    n = compiled()(*touches, counts, steps, *span, ways, person, reached, moments, newest)
    return Went(person[:n].copy(), reached[:n].copy(), moments[:n].copy(), newest[:n].copy())


def follow(
    person: Any, at: Any, what: Any, counts: Any, steps: int, since: int, until: int, now: int, window: int, ways: Any,
    whose: Any, reached: Any, moments: Any, newest: Any,
) -> int:  # fmt: skip
    """Walk through all touches and fill the arrays of `Went`; returns how many people there are.

    A touch takes a person on from step k to k + 1 on the way to k that began last: of all that are there, none can last
    longer. So for each step only one way is remembered.

    counts   no bit beyond `steps`
    ways     room for them: [step, the moment of each step up to it]
    """
    found, row, who = 0, -1, NEVER
    some = np.empty(BLOCK, np.int64)
    for first in range(0, len(person), BLOCK):
        for place in range(_picked(what, counts, first, some)):
            i = some[place]
            if at[i] >= now:
                continue
            bits = counts[what[i]]
            if person[i] != who:
                who, row = person[i], -1
            if row >= 0 and bits > 1:
                step = HIGHEST[bits]
                last = 1 if bits & (bits - 1) else step
                while step >= last:
                    began = ways[step - 1, 0]
                    if bits >> step & 1 and began > ways[step, 0] and at[i] - began <= window:
                        for before in range(step):
                            ways[step, before] = ways[step - 1, before]
                        ways[step, step] = at[i]
                        if reached[row] == step:
                            reached[row] = step + 1
                            for upto in range(step + 1):
                                moments[row, upto] = ways[step, upto]
                    step -= 1
            if bits & 1 and since <= at[i] < until:
                if row < 0:
                    row, found = found, found + 1
                    whose[row], reached[row], moments[row, 0] = who, 1, at[i]
                    for step in range(1, steps):
                        ways[step, 0] = moments[row, step] = NEVER
                ways[0, 0] = newest[row] = at[i]
    return found


def _picked(what: Any, counts: Any, first: int, some: Any) -> int:
    """Which touches of a block are any step at all; how many. Nothing here depends on a guess, which is wrong for every other touch."""
    n = 0
    for i in range(first, min(first + BLOCK, len(what))):
        some[n] = i
        n += counts[what[i]] != 0
    return n


@cache
def compiled() -> Callable[..., int]:
    """`follow` as machine code; the first process on a machine compiles it, later ones load it."""
    return machine.code((_picked, follow), globals())
