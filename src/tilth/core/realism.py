"""Whether history supports a goal, and if not, how far volume, speed and conversion would have to move (R12, R13, T6).

Source: docs/algorithms/plan.md, docs/algorithms/velocity.md
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp, inf, isfinite, log

from .plan import NoPlan
from .velocity import Factors, Lever, levers

LEVERS = {"volume": "deals", "speed": "cycle", "conversion": "win"}


@dataclass(frozen=True)
class Realism:
    """A goal a month beside what the sales of today bring.

    gap       goal less velocity, minor units a month; below zero when history brings more
    factor    goal by velocity
    levers    volume, speed and conversion, the nearest first, each what it alone would have to be; empty when there is no gap
    share     of the way from now to the best that was seen, on a scale of ratios, that all three have to go together: 1 or less was seen,
              of each by itself; infinite where nothing was ever better than now
    together  what the three are then, so that the largest of their shares is least; None where there is no such way
    """

    gap: float
    factor: float
    levers: tuple[Lever, ...]
    share: float
    together: Factors | None

    @property
    def reachable(self) -> bool:
        """Whether one lever that was seen already, or a combination of such, closes the gap."""
        return self.share <= 1 or any(lever.reach <= 1 for lever in self.levers)


def realism(goal: float, now: Factors, seen: Mapping[str, tuple[float, float]]) -> Realism:
    """Hold a goal against history.

    goal       minor units a month, above zero
    seen       lowest and highest of `deals`, `win` and `cycle` that history has seen
    raises     NoPlan
    """
    _check(goal, now, seen)
    gap, factor = goal - now.velocity, goal / now.velocity
    if gap <= 0:
        return Realism(gap, factor, (), 0.0, now)
    best = {name: seen[name][0 if name == "cycle" else 1] for name in LEVERS.values()}
    names = {name: lever for lever, name in LEVERS.items()}
    ranked = tuple(
        replace(lever, name=names[lever.name])
        for lever in levers(now, factor, {**best, "value": now.value})
        if lever.name in names
    )
    reach = {n: max(log(now.cycle / best[n]) if n == "cycle" else log(best[n] / getattr(now, n)), 0.0) for n in best}
    share = log(factor) / whole if (whole := sum(reach.values())) else inf
    return Realism(gap, factor, ranked, share, _moved(now, reach, share))


def _moved(now: Factors, reach: Mapping[str, float], share: float) -> Factors | None:
    """Each lever moved by the same share of the way to the best that was seen of it; None when that wins more than all, or nothing ever moved."""
    if share == inf or (win := now.win * exp(reach["win"] * share)) > 1:
        return None
    return replace(
        now, deals=now.deals * exp(reach["deals"] * share), win=win, cycle=now.cycle * exp(-reach["cycle"] * share)
    )


def _check(goal: float, now: Factors, seen: Mapping[str, tuple[float, float]]) -> None:
    words = {
        "deals": "Open deals",
        "value": "The value of a deal",
        "win": "The win rate",
        "cycle": "The days from opening to winning",
    }
    for name, word in words.items():
        found = getattr(now, name)
        if not (isfinite(found) and found > 0) or (name == "win" and found > 1):
            raise NoPlan(f"{word}: {found}. Without a history of sales above 0 no goal can be held against it.")
    if not (isfinite(goal) and goal > 0):
        raise NoPlan(f"The goal is {goal}. Write what you want to earn in a month, above 0.")
    for name in LEVERS.values():
        low, high = seen[name]
        if not (isfinite(high) and 0 < low <= high) and not (
            name != "cycle" and 0 <= low <= high and high > 0 and isfinite(high)
        ):
            raise NoPlan(f"{words[name]}: from {low} to {high} is not what anybody can have seen.")
