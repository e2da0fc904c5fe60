"""How fast money comes from deals (R12): how many are open, times what each is worth, times how many are won, by how long it takes.

Source: docs/algorithms/velocity.md
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

MONTH = 365.25 / 12  # days


@dataclass(frozen=True)
class Factors:
    """What velocity is made of.

    deals   open at a time, on average
    value   minor units, of a won deal
    win     share of deals that are won, 0..1
    cycle   days from opening a deal to winning it, above zero
    """

    deals: float
    value: float
    win: float
    cycle: float

    @property
    def velocity(self) -> float:
        """Minor units a month."""
        return self.deals * self.value * self.win / self.cycle * MONTH


@dataclass(frozen=True)
class Lever:
    """What one factor would have to become for a goal, if nothing else changes.

    name      of the factor
    now       what it is, and what is `needed`
    best      the best that was seen of it
    reach     how far what is needed lies beyond the best: 1 or less was seen already; infinite: it cannot be, such as winning
              more than all
    """

    name: str
    now: float
    needed: float
    best: float
    reach: float


def levers(factors: Factors, factor: float, best: Mapping[str, float]) -> list[Lever]:
    """The four ways to a goal, the nearest first.

    factor   goal by velocity, above zero
    best     of each factor the best that was seen: the highest, of `cycle` the shortest
    """
    out = []
    for name in ("deals", "value", "win", "cycle"):
        now = getattr(factors, name)
        if name == "cycle":
            needed = now / factor
            reach = best[name] / needed
        else:
            needed = now * factor
            reach = inf if name == "win" and needed > 1 else needed / best[name]
        out.append(Lever(name, now, needed, best[name], reach))
    return sorted(out, key=lambda lever: lever.reach)
