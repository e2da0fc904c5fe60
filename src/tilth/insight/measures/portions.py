"""What the journeys of some people add to attribution: credit, steps and counts, small enough to be sent from where the people are.

Whoever adds portions up in the order of persons finds the same to the last bit, wherever each was made. Source:
docs/algorithms/attribution.md
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tilth.core.attribution import Credits, credits, nothing
from tilth.core.journeys import BLOCKS, among, counting, weighed
from tilth.core.kernel import NEVER
from tilth.insight.engine import Engine

from .credited import Credited
from .deciders import Won, whole
from .travelled import PEOPLE, Span, Travelled, walked

MET = pa.schema({"names": pa.list_(pa.string())})
SENT = pa.schema(
    {
        "place": pa.list_(pa.int64()), "value": pa.list_(pa.float64()), "used": pa.list_(pa.int64()),
        "deals": pa.list_(pa.int64()), "counts": pa.list_(pa.int64()),
    }
)  # fmt: skip


class Portion(NamedTuple):
    """credits    of all rows
    used       int64, of each name, in how many places before deals that count
    deals      int64, before how many deals each row was met; last, before how many nothing was
    unseen     revenue of deals before which nothing is known
    without    journeys that led to no deal; of these, `lost` are known to lead to none
    """

    credits: Credits
    used: np.ndarray
    deals: np.ndarray
    unseen: int
    without: int
    lost: int


@dataclass(frozen=True)
class Pass:
    """One way through all journeys, as it is sent to whoever goes a part of it.

    credited   with the names that are known
    won        all deals, of which `counts` says which count
    lost       as in `Deciders`
    row        of each name, which row it has; empty: the first so many have one each
    most       rows that are told apart
    order      of the Markov chain
    """

    credited: Credited
    span: Span
    won: Won
    counts: np.ndarray
    lost: np.ndarray
    row: np.ndarray
    most: int
    order: int

    def portion(self, stretch: Travelled) -> Portion:
        """What these journeys add; one before which nothing is known is only counted."""
        sold, row = self.sold(stretch), self.rows(stretch.touches.channel)
        seen = stretch.paths.begins < stretch.paths.ends
        times = (stretch.idle | sold & seen).astype(np.int64)
        journeys = weighed(stretch.touches._replace(channel=row), stretch.outcomes, stretch.paths, times)
        return Portion(
            credits(journeys, self.most + 1, self.order, blocks=BLOCKS), *self._met(stretch, np.flatnonzero(sold), row),
            int(self.won.outcomes.worth[stretch.sold[sold & ~seen]].sum()), int(stretch.idle.sum()),
            int(among(stretch.paths.person[stretch.idle], self.lost).sum()),
        )  # fmt: skip

    def sold(self, stretch: Travelled) -> np.ndarray:
        """Which paths led to a deal that counts."""
        sold = np.zeros(len(stretch.sold), bool)
        led = stretch.sold >= 0
        sold[led] = self.counts[stretch.sold[led]]
        return sold

    def rows(self, number: np.ndarray) -> np.ndarray:
        return self.row[number] if len(self.row) else np.minimum(number, self.most).astype(np.uint8)

    def _met(self, stretch: Travelled, sold: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How often each name was met before deals that count, and before how many deals each row was."""
        place, whose = places(stretch, sold)
        used = np.bincount(stretch.touches.channel[place], minlength=len(self.credited.names))
        met = np.zeros((len(sold), self.most + 2), bool)
        met[whose, row[place]] = True
        met[:, -1] = stretch.paths.begins[sold] == stretch.paths.ends[sold]
        return used, met.sum(0)


def places(stretch: Travelled, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The touches of these paths, and for each whose it is: a place in `which`."""
    begins = stretch.paths.begins[which]
    n = stretch.paths.ends[which] - begins
    whose = np.repeat(np.arange(len(which)), n)
    return np.arange(len(whose)) + np.repeat(begins - np.cumsum(n) + n, n), whose


# Of persons, made where they lie


def names_met(engine: Engine, credited: Credited) -> None:
    """Give each name its number, in the order in which they are met, person by person."""
    found = engine.by_person(partial(_names, credited), {"touches": credited.columns}, MET, PEOPLE, coded=True)
    for names in found.column("names").to_pylist():
        for name in names:
            credited.number(name)


def _names(credited: Credited, tables: dict[str, pa.Table]) -> pa.Table:
    credited.met(tables["touches"])
    return pa.table({"names": [credited.names]}, MET)


def sent(engine: Engine, asked: Pass) -> Iterator[Portion]:
    """Each portion, in the order of persons."""
    reads = {"touches": asked.credited.columns, "people": ["person", "lead_at"]}
    everybody = engine.people()
    found = engine.by_person(partial(_made, asked, everybody[PEOPLE::PEOPLE]), reads, SENT, PEOPLE, coded=True)
    for n in range(found.num_rows):
        place, value, used, deals, counts = (found.column(name)[n].values.to_numpy() for name in SENT.names)
        made = nothing(asked.most + 1, asked.order, BLOCKS)
        flat = np.zeros(sum(part.size for part in parts(made)))
        flat[place] = value
        for part, some in zip(parts(made), np.split(flat, _edges(made)), strict=True):
            part += some.reshape(part.shape)
        yield Portion(made, used, deals, *counts.tolist())


def _made(asked: Pass, cuts: np.ndarray, tables: dict[str, pa.Table]) -> pa.Table:
    """The portion of one stretch of persons; it is the one in which the first of them lies."""
    people = tables["people"]
    person, lead_at = whole(people, "person"), whole(people, "lead_at")
    nth = int(np.searchsorted(cuts, person[0], "right"))
    edges = [0, *np.searchsorted(asked.won.outcomes.person, cuts).tolist(), len(asked.won.person)]
    touches = counting(asked.credited.met(tables["touches"]), asked.span.since, asked.span.end)
    place = np.arange(edges[nth], edges[nth + 1])
    leads = person[(lead_at != NEVER) & (lead_at < asked.span.end)]
    made = asked.portion(walked(touches, place, asked.won.outcomes, leads, asked.span))
    flat = np.concatenate([part.ravel() for part in parts(made.credits)])
    some = np.flatnonzero(flat)
    counts = [made.unseen, made.without, made.lost]
    return pa.table([[some], [flat[some]], [made.used], [made.deals], [counts]], schema=SENT)


def parts(found: Credits) -> tuple[np.ndarray, ...]:
    """The arrays of which credits consist."""
    return found.conversions, found.worth, found.steps, found.gone


def _edges(found: Credits) -> np.ndarray:
    return np.cumsum([part.size for part in parts(found)])[:-1]
