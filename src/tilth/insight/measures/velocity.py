"""How fast money comes from deals, and each of the four factors of it.

Grain        one row a team, person, segment, product or source; a deal counts in one
Denominator  of the win rate the deals opened in the period, of value and cycle those won in it; money of one currency
Source: docs/algorithms/velocity.md
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tilth.core.rates import ENOUGH, LEVEL
from tilth.core.survival import OPEN, WON, Incidence, curve, incidence
from tilth.core.velocity import Factors
from tilth.insight.period import Period

from .dealt import DAY, Dealt

AGAIN = 200  # samples of the bootstrap
FEW = 10  # deals that were won, at least
HORIZON = 180.0  # days in which a deal is won, for its win rate


@dataclass(frozen=True)
class Between:
    """A number, with the interval in which it lies; of n."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Velocity:
    """What one row says.

    factors    None where a factor cannot be told: `won` lacks FEW, or fewer than ENOUGH were opened
    each       name of a factor, and "velocity", to its interval
    opened     n of deals opened in the period
    won        n of deals won in it, with what they were worth and how long they took
    """

    factors: Factors | None
    each: dict[str, Between]
    opened: int
    won: int
    rate: Incidence


def velocity(deals: Dealt, period: Period, until: datetime, seed: int, again: int = AGAIN) -> Velocity:
    """The velocity of some deals; its interval from `again` samples of whole deals, with replacement."""
    found = _Sample(deals, period, until)
    every = found.deals
    rate, won = found.rate, int(found.won.sum())
    factors = found.factors(np.arange(len(every)))
    if factors is None or won < FEW or rate.share is None:
        return Velocity(None, {}, rate.n, won, rate)
    chance, samples = np.random.default_rng(seed), []
    for _nth in range(again):
        if sample := found.factors(chance.integers(0, len(every), len(every))):
            samples.append((sample.deals, sample.value, sample.win, sample.cycle, sample.velocity))
    low, high = np.quantile(np.array(samples), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0).tolist()
    names = ("deals", "value", "win", "cycle", "velocity")
    n = {"deals": int((found.open_days > 0).sum()), "win": rate.n}
    each = {name: Between(getattr(factors, name), low[i], high[i], n.get(name, won)) for i, name in enumerate(names)}
    return Velocity(factors, each, rate.n, won, rate)


class _Sample:
    """What is asked of every sample, worked out once a deal. Only deals that were open in the period, or closed in it."""

    def __init__(self, deals: Dealt, period: Period, until: datetime):
        begin, end = period.start.timestamp() / DAY, period.end.timestamp() / DAY
        watched = min(end, until.timestamp() / DAY)
        self.deals = deals = deals.take(((deals.ended == OPEN) | (deals.closed >= begin)) & ~(deals.opened >= end))
        since, last = (
            np.maximum(deals.opened, begin),
            np.minimum(np.where(deals.ended == OPEN, watched, deals.closed), watched),
        )
        self.open_days = np.nan_to_num(np.maximum(last - since, 0.0)) / max(watched - begin, 1.0)
        self.won = (deals.ended == WON) & (deals.closed < end) & ~np.isnan(deals.revenue)
        self.timed = self.won & ~np.isnan(deals.opened)
        self.opened = deals.opened >= begin

    @property
    def rate(self) -> Incidence:
        return incidence(self.deals.days[self.opened], self.deals.ended[self.opened], HORIZON, enough=ENOUGH)

    def factors(self, places: "np.ndarray") -> Factors | None:
        """Of the deals at these places, which may come twice; None where one factor has nothing to rest on."""
        won, timed, opened = (places[mask[places]] for mask in (self.won, self.timed, self.opened))
        if not len(won) or not len(timed) or not len(opened):
            return None
        cycle = float(self.deals.days[timed].mean())
        found = curve(self.deals.days[opened], self.deals.ended[opened])
        last = int(np.searchsorted(found.at, HORIZON, side="right")) - 1
        win = float(found.share[last]) if last >= 0 else 0.0
        if not cycle:
            return None
        return Factors(float(self.open_days[places].sum()), float(self.deals.revenue[won].mean()), win, cycle)


def behind(deals: Dealt, period: Period, until: datetime, column: str) -> list[int]:
    """Whose deals are counted, "opened" or "won" in the period; each person once, the newest deal first."""
    sample = _Sample(deals, period, until)
    deals = sample.deals
    some = {"opened": sample.opened, "won": sample.won}[column] & (deals.person >= 0)
    return list(dict.fromkeys(deals.person[some][::-1].tolist()))
