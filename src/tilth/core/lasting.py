"""How long something takes, when some of it is not over yet: the day by which a share of cases had ended.

Who is not over counts for as long as they were watched (Kaplan and Meier). Intervals: every day that the share's own interval
does not rule out. Source: R. Brookmeyer, J. Crowley, Biometrics 38 (1982) 29-41; docs/algorithms/durations.md
"""

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .rates import LEVEL, quantile
from .survival import Curve, curve

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENDED = 1
QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Lasts:
    """The day by which `share` of cases had ended.

    days       None when fewer had by the end of what was watched
    low, high  its interval; None where it reaches past what was watched
    """

    share: float
    days: float | None
    low: float | None
    high: float | None


def lasting(days: "NDArray[np.float64]", ended: "NDArray[np.bool_]", level: float = LEVEL) -> list[Lasts]:
    """The quartiles of how long it takes; the middle one is the median.

    days    float64[cases], from the beginning to the end, or to now for who is not over; zero or more
    ended   bool[cases], whether it is over
    """
    found = curve(days, ended.astype(np.int64), ENDED)
    low, high = _between(found, level)
    return [Lasts(q, _first(found, found.share, q), _first(found, high, q), _first(found, low, q)) for q in QUARTILES]


class Half(NamedTuple):
    """The middle of n cases that are all over; `days` is None without any, `low` and `high` where they are too few for an interval."""

    days: float | None
    low: float | None
    high: float | None
    n: int


def half(days: "NDArray[np.float64]", level: float = LEVEL) -> Half:
    """The median of how long something took, and the cases between which that of all such cases lies.

    Source: M. J. Campbell, M. J. Gardner, British Medical Journal 296 (1988) 1454-1456: the ranks n/2 - z√n/2 and 1 + n/2 + z√n/2
    """
    n = len(days)
    if not n:
        return Half(None, None, None, 0)
    spread = quantile(level) * sqrt(n) / 2
    low, high = round(n / 2 - spread), round(1 + n / 2 + spread)
    middle = float(np.median(days))
    if low < 1 or high > n:
        return Half(middle, None, None, n)
    at_low, at_high = np.partition(days, [low - 1, high - 1])[[low - 1, high - 1]].tolist()
    return Half(middle, at_low, at_high, n)


def _first(found: Curve, share: "NDArray[np.float64]", q: float) -> float | None:
    """The first day on which a share is reached."""
    reached = np.flatnonzero(share >= q - 1e-12)
    return float(found.at[reached[0]]) if len(reached) else None


def _between(found: Curve, level: float) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """The interval of the share that ended, at each moment, on the scale of log(-log) of the share that goes on."""
    z = quantile(level)
    low, high = np.zeros(len(found.at)), np.ones(len(found.at))
    for n, (share, variance) in enumerate(zip(found.share.tolist(), found.variance.tolist(), strict=True)):
        goes_on = 1 - share
        if 0 < goes_on < 1 and variance:
            spread = z * sqrt(variance) / (goes_on * abs(log(goes_on)))
            low[n], high[n] = 1 - goes_on ** exp(-min(spread, 700.0)), 1 - goes_on ** exp(min(spread, 700.0))
        elif goes_on >= 1:
            high[n] = 0.0
    return low, high
