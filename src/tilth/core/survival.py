"""Honest rates (B3): what share of cases came to an outcome by a horizon, when many are still open and others were lost.

Who is open still counts for as long as they have been watched (censored), and who was lost can win no more (competing). So the
share is the Aalen-Johansen estimate; where nothing competes it is one minus Kaplan and Meier's. Durations are in days.
Source: O. Aalen, S. Johansen, Scandinavian Journal of Statistics 5 (1978) 141-150; interval: complementary log-log of the
delta-method variance (E. Marubini, M. Valsecchi, Analysing Survival Data, 1995, ch. 10). docs/algorithms/survival.md
"""

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import TYPE_CHECKING

import numpy as np

from .rates import ENOUGH, LEVEL, quantile, wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray

OPEN, WON, LOST = range(3)
STILL = 10  # so many must still be watched at the horizon, or be decided, before a share may be shown


@dataclass(frozen=True)
class Curve:
    """The share that came to an outcome by each moment at which anything was decided.

    at         float64[moments], days, ascending
    share      float64[moments], cumulative incidence, 0..1
    variance   float64[moments], of the share
    watched    int64[moments], cases that were open and watched just before
    """

    at: "NDArray[np.float64]"
    share: "NDArray[np.float64]"
    variance: "NDArray[np.float64]"
    watched: "NDArray[np.int64]"


@dataclass(frozen=True)
class Incidence:
    """The share by a horizon, with what it rests on.

    n          cases in all
    hits       that came to the outcome by the horizon
    open       that are open still and were watched for less than the horizon
    decided    that the horizon says something about: decided by then, or watched for as long
    share      0..1; None below the bound: too few
    low, high  the interval of `level`; it is shown with the share only
    """

    n: int
    hits: int
    open: int
    horizon: float
    share: float | None
    low: float
    high: float
    level: float = LEVEL

    @property
    def decided(self) -> int:
        return self.n - self.open

    @property
    def unfinished(self) -> float:
        """The share of cases that may still change it, 0..1."""
        return self.open / self.n if self.n else 0.0


def curve(days: "NDArray[np.float64]", ended: "NDArray[np.int64]", outcome: int = WON) -> Curve:
    """The Aalen-Johansen curve of one outcome.

    days     float64[cases], from the beginning to the end, or to now for who is open; zero or more
    ended    int64[cases]: OPEN, or how it ended; every way but `outcome` competes with it
    """
    at, place = np.unique(days, return_inverse=True)
    hits = np.bincount(place[ended == outcome], minlength=len(at)).astype(float)
    ends = np.bincount(place[ended != OPEN], minlength=len(at)).astype(float)
    leaves = np.bincount(place, minlength=len(at))
    watched = len(days) - np.concatenate([[0], np.cumsum(leaves)[:-1]]) if len(at) else leaves
    stays = np.cumprod(1 - ends / watched) if len(at) else np.zeros(0)
    before = np.concatenate([[1.0], stays[:-1]]) if len(at) else stays
    share = np.cumsum(before * hits / watched)
    some = ends > 0
    variance = _variance(share, before, hits, ends, watched)
    return Curve(at[some], share[some], variance[some], watched[some])


def _variance(
    share: "NDArray[np.float64]", before: "NDArray[np.float64]", hits: "NDArray[np.float64]", ends: "NDArray[np.float64]",
    watched: "NDArray[np.int64]",
) -> "NDArray[np.float64]":  # fmt: skip
    """Of the share F at each moment t: sums over the moments u until t of

        (F(t) - F(u))² d/(n(n - d)) + S² h(n - h)/n³ - 2 (F(t) - F(u)) S h/n²

    with n watched, d ended, h hits at u and S the share that was open before. Expanded in F(t), so that one pass does.
    """
    n = watched.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(n > ends, ends / (n * (n - ends)), 0.0)  # nobody is left: F stands still from here
    step = before * hits / n**2
    a, b, c = np.cumsum(lost), np.cumsum(lost * share), np.cumsum(lost * share**2)
    own = np.cumsum(before**2 * hits * (n - hits) / n**3)
    variance = share**2 * a - 2 * share * b + c + own - 2 * (share * np.cumsum(step) - np.cumsum(step * share))
    return np.maximum(variance, 0.0)


def incidence(
    days: "NDArray[np.float64]", ended: "NDArray[np.int64]", horizon: float, outcome: int = WON, level: float = LEVEL,
    enough: int = ENOUGH,
) -> Incidence:  # fmt: skip
    """The share that came to an outcome within `horizon` days.

    enough   below so many cases there is no share; nor where fewer than STILL are decided by the horizon or watched so long
    """
    within = days <= horizon
    n, hits = len(days), int((within & (ended == outcome)).sum())
    still = int((within & (days < horizon) & (ended == OPEN)).sum())
    found = curve(days, ended, outcome)
    last = int(np.searchsorted(found.at, horizon, side="right")) - 1
    share, variance = (float(found.share[last]), float(found.variance[last])) if last >= 0 else (0.0, 0.0)
    few = n < enough or n - still < min(STILL, enough)
    low, high = _interval(share, variance, hits, n - still, level)
    return Incidence(n, hits, still, horizon, None if few else share, low, high, level)


def _interval(share: float, variance: float, hits: int, decided: int, level: float) -> tuple[float, float]:
    """Between 0 and 1 whatever the variance; where nobody or everybody came to it, Wilson's of those decided."""
    if not 0 < share < 1 or not variance:
        return wilson(min(hits, decided), decided, level)
    spread = quantile(level) * sqrt(variance) / (share * abs(log(share)))
    return share ** exp(spread), share ** exp(-spread)
