"""What each channel had to do with an outcome: first, last, linear, position, W, time decay, Shapley and Markov, exactly.

`credits` goes once over all journeys, as flat arrays, and gives every model's credit and the steps that Markov needs; `removal`
turns those into removal effects by one inverse. Nothing is simulated, so the same journeys give the same credit.
Source: docs/algorithms/attribution.md
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import machine
from .rates import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODELS = ("first", "last", "linear", "position", "w", "decay", "shapley")
MARKOV = "markov"
ENDS = 0.4  # of a journey's worth to its first and its last touch each; the rest to those between them
MILESTONE = 0.3  # to the first touch, the one that made a lead, and the one that made an opportunity, each
HALF_LIFE = 7.0  # days
DAY = 86_400_000_000  # microseconds
DRAWS = 200  # of a bootstrap
FEWEST_BLOCKS = 20
MOST_STATES = 5_000  # of a chain: its inverse takes 200 MB
MOST_STEPS = 20_000_000  # kinds of steps that are counted


class TooWide(ValueError):
    """So many channels at this order that the chain cannot be solved; the message says what to do."""


class Journeys(NamedTuple):
    """Journeys as slices of touches that lie in order. Those that led to nothing belong to them: without, no step could fail.

    begins, ends   int64[journeys], the slice of each; an empty one is an outcome before which nothing was seen, and goes to the
                   last channel
    channel        integers[touches] from 0
    at             int64[touches], microseconds; read where a journey was won
    closed         int64[journeys], the moment of the outcome, not before its last touch
    times          int64[journeys], how many journeys went this way
    won            int64[journeys], how many of those came to an outcome
    worth          float64[journeys], what all of those brought, in minor units
    lead           int64[journeys], which touch made a lead, counted as `begins` is; -1 when unknown
    deal           int64[journeys], likewise of the one that made an opportunity
    block          int32[journeys], from 0: journeys of one block are drawn together by a bootstrap
    """

    begins: Any
    ends: Any
    channel: Any
    at: Any
    closed: Any
    times: Any
    won: Any
    worth: Any
    lead: Any
    deal: Any
    block: Any


@dataclass(frozen=True)
class Credits:
    """What one pass found. The credit of all channels under one model adds up to all outcomes, and to all worth.

    conversions   float64[models, blocks, channels], in the order of MODELS
    worth         float64[models, blocks, channels], minor units
    steps         float64[blocks, states, channels + 1]: from each state to each channel, and last to the outcome
    gone          float64[blocks, states]: from each state to nothing
    order         a state is the last so many channels, the newest in the last digit of a number to the base of channels
                  + 1, each channel one more than in `Journeys`; 0 is the start
    """

    conversions: "NDArray[np.float64]"
    worth: "NDArray[np.float64]"
    steps: "NDArray[np.float64]"
    gone: "NDArray[np.float64]"
    order: int

    def of(self, model: str) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
        """Conversions and worth by channel under one model, Markov included."""
        if model == MARKOV:
            share = shares(removal(self.steps.sum(0), self.gone.sum(0), self.order))
            return share * self.conversions[0].sum(), share * self.worth[0].sum()
        at = MODELS.index(model)
        return self.conversions[at].sum(0), self.worth[at].sum(0)


def credits(
    journeys: Journeys,
    channels: int,
    order: int = 1,
    half_life: float = HALF_LIFE,
    blocks: int = 1,
) -> Credits:
    """Every model's credit in one pass.

    channels    how many there are
    order       of the Markov chain, 1 to 3
    half_life   days in which a touch loses half of its weight under time decay
    raises      TooWide
    """
    found = nothing(channels, order, blocks)
    states = found.gone.shape[1]
    compiled()(
        journeys, channels, states, half_life * DAY, found.conversions, found.worth, found.steps, found.gone
    )  # fmt: skip
    return found


def nothing(channels: int, order: int = 1, blocks: int = 1) -> Credits:
    """What is found of no journeys.

    raises   TooWide
    """
    states = (channels + 1) ** order
    if states * (channels + 2) * blocks > MOST_STEPS:
        raise TooWide(f"{channels} channels at order {order} are too many. Group channels, or take a lower order.")
    models = (len(MODELS), blocks, channels)
    steps, gone = np.zeros((blocks, states, channels + 1)), np.zeros((blocks, states))
    return Credits(np.zeros(models), np.zeros(models), steps, gone, order)


def follow(
    j: Journeys, channels: int, states: int, half_life: float, conversions: Any, worth: Any, steps: Any, gone: Any
) -> None:
    """Go once over all journeys; see `credits`.

    states      how many states there may be
    half_life   microseconds
    """
    begins, ends, channel = j.begins, j.ends, j.channel
    base = channels + 1
    seen = np.full(channels, -1, np.int64)  # the journey in which a channel was met last
    for i in range(len(begins)):
        start, end = begins[i], ends[i]
        block, times, won = j.block[i], j.times[i], j.won[i]
        state = 0
        for t in range(start, end):
            c = channel[t]
            steps[block, state, c] += times
            state = c + 1 if states == base else (state * base + c + 1) % states  # at order 1 without a slow division
        if start == end:
            steps[block, state, channels - 1] += times
            state = channels
        steps[block, state, channels] += won
        gone[block, state] += times - won
        if won > 0:
            _credit(j, i, channels, half_life, seen, conversions, worth)


def _credit(j: Journeys, i: int, channels: int, half_life: float, seen: Any, conversions: Any, worth: Any) -> None:
    """The credit of one journey that came to an outcome: each model's weights add up to 1."""
    channel, at, closed, won, value = j.channel, j.at, j.closed[i], j.won[i], j.worth[i]
    start, end, block, lead, deal = j.begins[i], j.ends[i], j.block[i], j.lead[i], j.deal[i]
    n = end - start
    if n == 0:
        for model in range(len(conversions)):
            _add(conversions, worth, model, block, channels - 1, 1.0, won, value)
        return
    inner, edge = _inner(n), _edge(n)
    milestone, other = _milestones(start, end, lead, deal)
    total, unlike = 0.0, 0
    for t in range(start, end):
        total += 2.0 ** ((at[t] - closed) / half_life)
        if seen[channel[t]] != i:
            seen[channel[t]] = i
            unlike += 1
    _add(conversions, worth, 0, block, channel[start], 1.0, won, value)
    _add(conversions, worth, 1, block, channel[end - 1], 1.0, won, value)
    for t in range(start, end):
        c = channel[t]
        _add(conversions, worth, 2, block, c, 1.0 / n, won, value)
        _add(conversions, worth, 3, block, c, edge if t == start or t == end - 1 else inner, won, value)
        w = (t == start) + (t == lead) + (t == deal)
        _add(conversions, worth, 4, block, c, w * milestone if w else other, won, value)
        _add(conversions, worth, 5, block, c, 2.0 ** ((at[t] - closed) / half_life) / total, won, value)
        if seen[c] == i:
            seen[c] = -1
            _add(conversions, worth, 6, block, c, 1.0 / unlike, won, value)


def _add(conversions: Any, worth: Any, model: int, block: int, c: int, part: float, won: int, value: float) -> None:
    conversions[model, block, c] += part * won
    worth[model, block, c] += part * value


def _edge(n: int) -> float:
    """The weight of the first and of the last touch of n."""
    return 1.0 if n == 1 else 0.5 if n == 2 else ENDS


def _inner(n: int) -> float:
    """The weight of each touch between the first and the last of n."""
    return 0.0 if n < 3 else (1.0 - 2 * ENDS) / (n - 2)


def _milestones(start: int, end: int, lead: int, deal: int) -> tuple[float, float]:
    """Under W, the weight of one milestone and of each touch that is none; several milestones may lie on one touch.

    What an unknown milestone would have got goes to the others, and so does the rest where every touch is a milestone. One
    that lies outside the journey is not known.
    """
    has_lead, has_deal = start <= lead < end, start <= deal < end
    known = 1 + has_lead + has_deal
    on = 1 + (has_lead and lead != start) + (has_deal and deal != start and deal != lead)  # touches that are milestones
    if end - start == on:
        return 1.0 / known, 0.0
    rest = 1.0 - 3 * MILESTONE
    return (1.0 - rest) / known, rest / (end - start - on)


def removal(steps: "NDArray[np.float64]", gone: "NDArray[np.float64]", order: int = 1) -> "NDArray[np.float64]":
    """How much of all outcomes would be missing without a channel, a share 0..1 for each.

    With N the expected visits from state to state and x the chance of an outcome from each state, a journey that touches a
    channel touches it first in one of the states S that end with it; those first touches have the chance h with
    h N[S, S] = N[start, S], and the outcomes that are lost are h x[S].

    steps, gone   float64[states, channels + 1] and float64[states], as in `Credits`, of one block or of several together
    raises        TooWide
    """
    channels, base = steps.shape[1] - 1, steps.shape[1]
    out = steps.sum(1) + gone
    real = np.flatnonzero(out)
    if len(real) > MOST_STATES:
        raise TooWide(f"{len(real)} states at order {order} are too many. Group channels, or take a lower order.")
    place = np.full(len(out), -1)
    place[real] = np.arange(len(real))
    moves = np.zeros((len(real), len(real)))
    for c in range(channels):
        to = place[(real * base + c + 1) % len(out)]
        some = to >= 0
        moves[np.flatnonzero(some), to[some]] += steps[real[some], c] / out[real[some]]
    visits = np.linalg.inv(np.eye(len(real)) - moves)
    chance = visits @ (steps[real, channels] / out[real])
    effects = np.zeros(channels)
    if not len(real) or not chance[0]:
        return effects
    for c in range(channels):
        inside = np.flatnonzero(real % base == c + 1)
        if len(inside) == 1:  # always so at order 1: the same without a solve
            (k,) = inside
            effects[c] = visits[0, k] / visits[k, k] * chance[k] / chance[0]
        elif len(inside):
            first = np.linalg.solve(visits[np.ix_(inside, inside)].T, visits[0, inside])
            effects[c] = first @ chance[inside] / chance[0]
    return effects.clip(0, 1)


def shares(effects: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Removal effects as shares that add up to 1; all 0 where no channel has any."""
    total = effects.sum()
    return effects / total if total else effects


def intervals(
    found: Credits, model: str, seed: int, level: float = LEVEL, draws: int = DRAWS
) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """In which range the share of each channel in all worth would lie, had other people come: by a bootstrap over blocks.

    returns   low and high, float64[channels], shares 0..1; with one block there is nothing to draw, and they are 0 and 1
    """
    blocks, channels = found.worth.shape[1:]
    if blocks < FEWEST_BLOCKS:
        return np.zeros(channels), np.ones(channels)
    drawn = np.random.default_rng(seed).multinomial(blocks, np.full(blocks, 1 / blocks), size=draws).astype(float)
    worth = _drawn_steps(found, drawn) if model == MARKOV else drawn @ found.worth[MODELS.index(model)]
    total = worth.sum(1, keepdims=True)
    share = np.divide(worth, total, out=np.zeros_like(worth), where=total > 0)
    low, high = np.quantile(share, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return low, high


def _drawn_steps(found: Credits, drawn: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Shares of removal effects, for each draw of blocks."""
    blocks, *shape = found.steps.shape
    flat = found.steps.reshape(blocks, -1)
    return np.array([shares(removal((draw @ flat).reshape(shape), draw @ found.gone, found.order)) for draw in drawn])


@cache
def compiled() -> Callable[..., None]:
    """`follow` as machine code; the first process on a machine compiles it, later ones load it."""
    return machine.code((_edge, _inner, _milestones, _add, _credit, follow), globals(), error_model="numpy")
