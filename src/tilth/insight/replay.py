"""Everybody's history under one agreement or several, in one pass over the lake.

`Replay` is advanced batch by batch, so that who runs it can stop between two of them. What it finds are flat
arrays, `Found`; the figures are `core.backtest`'s. Source: docs/algorithms/backtest.md
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from tilth.core import backtest
from tilth.core.backtest import Outcomes, Stream
from tilth.core.kernel import NEVER, Batch, Rules
from tilth.core.qualify import Replayed, What, arrays, meaning_of, replay_all, rules_of
from tilth.core.terms import Terms

from .engine import Engine
from .found import Found

MOST_TOUCHES = 3_000_000  # for the frontier, which replays everybody a dozen times: above that, one person in several
FACTORS = (0.4, 0.55, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.5)


@dataclass
class Side:
    """One set of rules on its way through the lake."""

    rules: Rules
    meaning: Any
    parts: list[list[Any]] = field(default_factory=list)
    ends: bool = True

    def take(self, batch: Batch, until: int) -> None:
        replayed: Replayed = replay_all(batch, self.rules, self.meaning, until)
        e = replayed.ends
        small = [e.mask, e.grade.astype(np.int8), e.level.astype(np.int8), e.action.astype(np.int8), e.interest]
        self.parts.append([*(column.copy() for column in replayed.crossings), *(small if self.ends else [])])

    def found(self) -> Found:
        columns = [np.concatenate(column) for column in zip(*self.parts, strict=True)] if self.parts else []
        nothing = [np.zeros(0, np.int64)] * (len(Found._fields) - len(columns))
        return Found(*columns, *nothing)


class Replay:
    """Several agreements over the lake as it is now, up to `until` (microseconds)."""

    def __init__(self, engine: Engine, agreements: Sequence[Terms], until: int, batch: int = 50_000):
        self.engine, self.until, self.batch = engine, until, batch
        self.whats, self.pairs = [What(*w) for w in engine.whats()], engine.pairs()
        self.sides = [self._side(terms) for terms in agreements]
        self.people, self.touches = engine.people(), 0

    def run(self) -> Iterator[int]:
        """Replay everybody; yields how many people are done, after each batch."""
        done = 0
        for part in self.engine.batches(self.batch):
            batch = Batch(*part)
            for side in self.sides:
                side.take(batch, self.until)
            done, self.touches = done + len(batch.people), self.touches + len(batch.touch_at)
            yield done

    def _side(self, terms: Terms) -> Side:
        return Side(arrays(rules_of(terms)), arrays(meaning_of(terms, self.whats, self.pairs)))


class Point(NamedTuple):
    """One choice of thresholds: all interest levels of the draft times `factor`, and what would come of it."""

    factor: float
    leads: int
    hits: int
    known: int


def frontier(replay: Replay, side: Side, real: Outcomes, factors: Sequence[float] = FACTORS) -> Iterator[list[Point]]:
    """What other thresholds would do, on the same history; yields after each batch, at last with all points.

    The people are a fixed part of everybody when there are many touches: each `one_in(replay.touches)`-th.
    """
    many = one_in(replay.touches)
    sides = [Side(side.rules._replace(levels=side.rules.levels * f), side.meaning, ends=False) for f in factors]
    for part in replay.engine.batches(replay.batch):
        batch = _some(Batch(*part), many)
        for other in sides:
            other.take(batch, replay.until)
        yield []
    points = []
    for factor, other in zip(factors, sides, strict=True):
        crossings = other.found().handed.stream
        said = backtest.verdicts(crossings, real)
        hits = int((said == backtest.Verdict.QUALIFIED).sum())
        refused = int((said == backtest.Verdict.REFUSED).sum())
        points.append(Point(factor, len(said) * many, hits, hits + refused))
    yield points


def one_in(touches: int) -> int:
    """Of how many people the frontier takes one."""
    return max(1, -(-touches // MOST_TOUCHES))


def _some(batch: Batch, many: int) -> Batch:
    if many == 1:
        return batch
    touches, facts, ends = (column % many == 0 for column in (batch.touch_person, batch.fact_person, batch.end_person))
    return Batch(
        batch.people[batch.people % many == 0],
        *(column[touches] for column in batch[1:4]),
        *(column[facts] for column in batch[4:7]),
        *(column[ends] for column in batch[7:]),
    )


def real_outcomes(engine: Engine, until: int) -> Outcomes:
    """What sales said and what was bought, from the lake; nothing that lies after `until`."""
    table = engine.table("outcomes")
    kind = np.asarray(table.column("kind").to_pylist(), dtype=object)
    person = table.column("person").to_numpy()
    at = table.column("at").cast("int64").to_numpy()
    ends = engine.table("ends")

    def of(name: str) -> Stream:
        return backtest.stream(person[kind == name], at[kind == name])

    ended = backtest.stream(ends.column("person").to_numpy(), ends.column("at").cast("int64").to_numpy())
    every = (of("handoff"), of("sql"), of("won"), of("returned"), ended)
    return Outcomes(*(events.within(NEVER, until) for events in every))
