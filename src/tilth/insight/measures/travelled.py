"""Everybody's journeys to what they bought, or to nothing yet: read from the lake in stretches, in constant memory.

Touches lie by person. Where people decide together, theirs are dealt into buckets on disk, a unit's into one, and sorted there.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import IO, NamedTuple

import numpy as np

from tilth.core.attribution import DAY
from tilth.core.journeys import Outcomes, Paths, Touches, among, block_of, counting, paths
from tilth.core.kernel import FAR, NEVER
from tilth.insight.engine import Engine

from .credited import Credited
from .deciders import Deciders

PEOPLE = 50_000  # in a stretch
TOUCHES = 4_000_000  # in a bucket, about
TOUCH = np.dtype([("unit", np.int64), ("at", np.int64), ("number", np.int32)])


class Span(NamedTuple):
    """What is asked about: deals won from one moment to before the other (microseconds), and touches so many days before."""

    start: int
    end: int
    days: int

    @property
    def since(self) -> int:
        return self.start - self.days * DAY


class Travelled(NamedTuple):
    """The journeys of some units, whole.

    touches     `channel` is a number of `Credited`
    sold        of each path that led to a deal, its place in `Deciders.won`; -1 of others
    idle        paths of leads that have bought nothing, and were touched in the span
    """

    touches: Touches
    outcomes: Outcomes
    paths: Paths
    sold: np.ndarray
    idle: np.ndarray


def travelled(engine: Engine, credited: Credited, deciders: Deciders, span: Span) -> Iterator[Travelled]:
    """All journeys that end in a span. A deal from before it takes along what led to it."""
    won = deciders.won.outcomes
    streams = _of_people if deciders.member is None else _of_units
    for touches, place in streams(engine, credited, deciders, span):
        yield walked(touches, place, won, deciders.leads, span)


def walked(touches: Touches, place: np.ndarray, won: Outcomes, leads: np.ndarray, span: Span) -> Travelled:
    """The journeys of these touches, whose units won the deals in these places, and are among the leads, ascending, or not."""
    outcomes = Outcomes(*(column[place] for column in won))
    found = paths(touches, outcomes, span.days)
    led = found.outcome >= 0
    sold = np.full(len(led), -1)
    sold[led] = place[found.outcome[led]]
    idle = ~led & (found.closed >= span.start) & among(found.person, leads)
    return Travelled(touches, outcomes, found, sold, idle & ~among(found.person, won.person))


Stream = Iterator[tuple[Touches, np.ndarray]]  # touches of whole units, and the places of the deals that they won


def _of_people(engine: Engine, credited: Credited, deciders: Deciders, span: Span) -> Stream:
    until = [*deciders.person[PEOPLE::PEOPLE].tolist(), FAR]
    edges = np.searchsorted(deciders.won.outcomes.person, until)
    begin = 0
    for touches, end in zip(_read(engine, credited, until, span), edges.tolist(), strict=True):
        yield touches, np.arange(begin, end)
        begin = end


def _of_units(engine: Engine, credited: Credited, deciders: Deciders, span: Span) -> Stream:
    until = [*deciders.person[PEOPLE::PEOPLE].tolist(), FAR]
    buckets = -(-sum(file.rows for file in engine.lake.manifest.of("touches")) // TOUCHES) or 1
    with ExitStack() as using:
        files = [using.enter_context(tempfile.TemporaryFile()) for _ in range(buckets)]
        for touches in _read(engine, credited, until, span):
            _deal_out(touches, deciders, files)
        for n, file in enumerate(files):
            yield _sorted(file), np.flatnonzero(block_of(deciders.won.outcomes.person, buckets) == n)


def _read(engine: Engine, credited: Credited, until: list[int], span: Span) -> Iterator[Touches]:
    """The touches that count, person by person."""
    for tables in engine.lake.through(["touches"], {"touches": credited.columns}, until, coded=True):
        yield counting(credited.met(tables["touches"]), span.since, span.end)


def _deal_out(touches: Touches, deciders: Deciders, files: Sequence[IO[bytes]]) -> None:
    """Write each touch to the buckets of its person's units."""
    begins = np.flatnonzero(np.diff(touches.person, prepend=NEVER))
    unit, whose = deciders.units(touches.person[begins])
    lengths = np.diff(np.r_[begins, len(touches.person)])[whose]
    rows = np.empty(lengths.sum(), TOUCH)
    rows["unit"] = np.repeat(unit, lengths)
    place = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths - begins[whose], lengths)
    rows["at"], rows["number"] = touches.at[place], touches.channel[place]
    bucket = block_of(rows["unit"], len(files))
    for n, file in enumerate(files):
        rows[bucket == n].tofile(file)


def _sorted(file: IO[bytes]) -> Touches:
    """A bucket by unit, then moment; of the same moment, as they lay by person and arrival."""
    file.seek(0)
    rows = np.fromfile(file, TOUCH)
    rows = rows[np.lexsort([rows["at"], rows["unit"]])]
    return Touches(*(rows[name].copy() for name in ("unit", "at", "number")))
