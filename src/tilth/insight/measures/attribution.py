"""What channels, sources, campaigns, offers or content had to do with what was won, under every model.

Grain: a row per channel (source, …), one for the smallest together and one for deals before which nothing was known.
Denominator: the revenue of the deals won in the span, in one currency; under every model the rows add up to it, to the cent.
A journey without a deal belongs to a lead who has bought nothing, and was touched in the span.

Everybody is read once, in constant memory. Source: docs/algorithms/attribution.md
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tilth.core.apportion import apportion
from tilth.core.attribution import MARKOV, MODELS, Credits, intervals, nothing
from tilth.core.journeys import BLOCKS
from tilth.core.qualify import What
from tilth.core.rates import ENOUGH
from tilth.insight.engine import Engine

from .credited import NOTHING, OTHERS, Credited
from .deciders import NOBODY, Deciders
from .portions import Pass, Portion, names_met, parts, places, sent
from .travelled import Span, Travelled, travelled

ALL = (*MODELS, MARKOV)
MOST = {1: 60, 2: 24, 3: 8}  # rows that are told apart, by the order of the chain
SEED = 20_260_101
Bounds = list[int | None] | None


@dataclass(frozen=True)
class Found:
    """Figures by row; the amounts are minor units.

    names      of the rows that were met; OTHERS and NOTHING stand for several names, and for none
    credit     a model to the credit of each row; the sum is `revenue` under each
    deals      of each row, how many deals it was met before
    low, high  of one model, the interval of each row's credit; None where the deals are too few, and for NOTHING, which is exact
    revenue    of `won` deals
    foreign    deals in other currencies, which do not count
    nobody     deals that nobody is known to have bought; they count
    without    journeys that led to no deal; of these, `lost` are known to lead to none
    rest       how many names with credit OTHERS stands for
    """

    names: list[str]
    credit: dict[str, list[int]]
    deals: list[int]
    low: Bounds
    high: Bounds
    revenue: int
    won: int
    foreign: dict[str, int]
    nobody: int
    without: int
    lost: int
    rest: int


class Attribution:
    """One question to one lake.

    by, marketing   what gets credit (see `Credited`), and whether what sales did counts for nothing
    unit            see `Deciders`
    order           of the Markov chain
    """

    def __init__(
        self, engine: Engine, span: Span, currency: str, by: str = "channel", unit: str = "people",
        marketing: bool = False, order: int = 1,
    ):  # fmt: skip
        self.engine, self.span, self.order, self.most = engine, span, order, MOST[order]
        self.credited = Credited((What(*words) for words in engine.lake.words("whats")), by, marketing)
        self.deciders = Deciders(engine, unit, span.end)
        self.won = self.deciders.won
        self.now = self.won.outcomes.at >= span.start
        self.counts = self.now & (self.won.currency == currency)
        self.row = np.zeros(0, np.uint8)  # of each name; those met later have a row each while there are rows
        self.used = np.zeros(0, np.int64)  # of each name, in how many places before deals that count
        self.deals = np.zeros(self.most + 2, np.int64)
        self.without = self.lost = self.unseen = 0

    def found(self, drawn: str, seed: int = SEED) -> Found:
        """The figures, with the intervals of one model."""
        met, sold = self._met, int(self.counts.sum())
        revenue = int(self.won.outcomes.worth[self.counts].sum())
        credit = {m: [*_whole(revenue - self.unseen, self.credits.of(m)[1]), self.unseen] for m in ALL}
        foreign, n = np.unique(self.won.currency[self.now & ~self.counts].astype(str), return_counts=True)
        return Found(
            [self._name(row) for row in met], {m: [rows[row] for row in met] for m, rows in credit.items()},
            self.deals[met].tolist(), *self._sure(drawn, seed, revenue - self.unseen, met), revenue, sold,
            dict(zip(foreign.tolist(), n.tolist(), strict=True)), int((self.counts & (self.won.person == NOBODY)).sum()),
            self.without, self.lost, int((self.used[self.row == self.most] > 0).sum()) if len(self.row) else 0,
        )  # fmt: skip

    def _sure(self, drawn: str, seed: int, revenue: int, met: list[int]) -> tuple[Bounds, Bounds]:
        """The interval of each row's credit for deals before which something is known; what is not known is not drawn."""
        if self.counts.sum() - self.deals[-1] < ENOUGH:
            return None, None
        low, high = (
            [*(round(share * revenue) for share in side.tolist()), None]
            for side in intervals(self.credits, drawn, seed)
        )
        return [low[row] for row in met], [high[row] for row in met]

    def buyers(self, name: str, model: str) -> list[int]:
        """Who bought something for which a model gives credit to a row, or, under "", met it; the newest deal first.

        name   of a row; "" for whoever bought
        """
        found = self._deals_of(name, model) if name else np.flatnonzero(self.counts).tolist()
        found.sort(key=lambda deal: (-self.won.outcomes.at[deal], deal))
        return list(dict.fromkeys(person for deal in found for person in self._bought(deal)))

    def _deals_of(self, name: str, model: str) -> list[int]:
        rows = [row for row in self._met if self._name(row) == name]
        return [deal for stretch in self._stretches() for row in rows for deal in self._met_by(stretch, row, model)]

    @cached_property
    def credits(self) -> Credits:
        """Of all rows. Where there are more names than rows, a second pass gives those used most a row each."""
        found = self._pass()
        if len(self.credited.names) > self.most:
            self.row = np.full(len(self.credited.names), self.most, np.uint8)
            self.row[np.argsort(-self.used, kind="stable")[: self.most]] = np.arange(self.most)
            found = self._pass()
        return found

    @property
    def _met(self) -> list[int]:
        """Rows that somebody met, and the one for nothing where it has deals."""
        met = self.credits.steps.sum((0, 1))[:-1] > 0
        return np.flatnonzero([*met, self.deals[-1] > 0]).tolist()

    def _pass(self) -> Credits:
        """Everybody's journeys, each in which something is known; what nothing is known of is `unseen`."""
        found = nothing(self.most + 1, self.order, BLOCKS)
        self.used, self.deals = np.zeros(0, np.int64), np.zeros(self.most + 2, np.int64)
        self.without = self.lost = self.unseen = 0
        for portion in self._portions():
            for whole, part in zip(parts(found), parts(portion.credits), strict=True):
                whole += part
            used = portion.used.copy()
            used[: len(self.used)] += self.used
            self.used = used
            self.deals += portion.deals
            self.unseen += portion.unseen
            self.without += portion.without
            self.lost += portion.lost
        return found

    def _portions(self) -> Iterator[Portion]:
        """What each stretch of units adds. Persons' are made where the engine works; those of units of several persons here."""
        if self.engine.elsewhere and self.deciders.member is None and len(self.deciders.person):
            names_met(self.engine, self.credited)
            return sent(self.engine, self._asked)
        return map(self._asked.portion, travelled(self.engine, self.credited, self.deciders, self.span))

    @property
    def _asked(self) -> Pass:
        lost, won = self.deciders.lost, self.won
        return Pass(self.credited, self.span, won, self.counts, lost, self.row, self.most, self.order)

    def _stretches(self) -> Iterator[Travelled]:
        for stretch in travelled(self.engine, self.credited, self.deciders, self.span):
            rows = self._asked.rows(stretch.touches.channel)
            yield stretch._replace(touches=stretch.touches._replace(channel=rows))

    def _met_by(self, stretch: Travelled, row: int, model: str) -> list[int]:
        """The deals before which a row, whose touches are `channel` here, was met in a place to which the model gives credit."""
        sold = np.flatnonzero(self._asked.sold(stretch))
        begins, ends = stretch.paths.begins[sold], stretch.paths.ends[sold]
        if row == self.most + 1:
            return stretch.sold[sold[begins == ends]].tolist()
        place, whose = places(stretch, sold)
        met = stretch.touches.channel[place] == row
        if model == "first":
            met &= place == begins[whose]
        elif model == "last":
            met &= place == ends[whose] - 1
        return stretch.sold[sold[np.unique(whose[met])]].tolist()

    def _bought(self, deal: int) -> list[int]:
        """Who bought: the person of a deal, or everybody of the unit where the deal names nobody."""
        person = int(self.won.person[deal])
        return [person] if person != NOBODY else self.deciders.people_of(int(self.won.outcomes.person[deal]))

    def _name(self, row: int) -> str:
        if row >= self.most:
            return OTHERS if row == self.most else NOTHING
        return self.credited.names[int(np.flatnonzero(self.row == row)[0]) if len(self.row) else row]


def _whole(revenue: int, worth: np.ndarray) -> list[int]:
    """The credit of all rows in minor units, as near as whole ones can be; the sum is the revenue."""
    return apportion(revenue, worth.clip(0).tolist()) if revenue else [0] * len(worth)
