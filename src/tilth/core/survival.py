"""Honest rates (B3): what share of cases came to an outcome by a horizon, when many are still open and others were lost.

Who is open still counts for as long as they have been watched (censored), and who was lost can win no more (competing). So the
share is the Aalen-Johansen estimate; where nothing competes it is one minus Kaplan and Meier's. Durations are in days.
Source: O. Aalen, S. Johansen, Scandinavian Journal of Statistics 5 (1978) 141-150; interval: complementary log-log of the
delta-method variance (E. Marubini, M. Valsecchi, Analysing Survival Data, 1995, ch. 10). docs/algorithms/survival.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import TYPE_CHECKING, Any, Literal

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
    share      float64[moments], cumulative incidence, 0..1; or what a case brought, see `curve`
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
    watched    that were still open and watched just before the horizon
    decided    that the horizon says something about: decided by then, or watched for as long
    share      0..1; None below the bound: too few
    low, high  the interval of `level`; it is shown with the share only
    variance   of the share
    """

    n: int
    hits: int
    open: int
    horizon: float
    share: float | None
    low: float
    high: float
    level: float = LEVEL
    variance: float = 0.0
    watched: int = 0

    @property
    def decided(self) -> int:
        return self.n - self.open

    @property
    def unfinished(self) -> float:
        """The share of cases that may still change it, 0..1."""
        return self.open / self.n if self.n else 0.0


def curve(
    days: "NDArray[np.float64]",
    ended: "NDArray[np.int64]",
    outcome: int = WON,
    worth: "NDArray[np.float64] | None" = None,
) -> Curve:
    """The Aalen-Johansen curve of one outcome.

    days     float64[cases], from the beginning to the end, or to now for who is open; zero or more
    ended    int64[cases]: OPEN, or how it ended; every way but `outcome` competes with it
    worth    float64[cases]: what each case brings that comes to the outcome; then `share` is what a case brings, in its unit
    """
    decided = ended != OPEN
    at, place = np.unique(days[decided], return_inverse=True)
    hit = ended[decided] == outcome
    brought = np.ones(int(hit.sum())) if worth is None else worth[decided][hit]
    hits, squares = (np.bincount(place[hit], brought**power, len(at)).astype(float) for power in (1, 2))
    ends = np.bincount(place, minlength=len(at)).astype(float)
    watched = len(days) - np.searchsorted(np.sort(days), at)
    stays = np.cumprod(1 - ends / watched)
    before = np.concatenate([[1.0], stays])[:-1]
    share = np.cumsum(before * hits / watched)
    return Curve(at, share, _variance(share, before, hits, squares, ends, watched), watched)


def _variance(
    share: "NDArray[np.float64]", before: "NDArray[np.float64]", hits: "NDArray[np.float64]", squares: "NDArray[np.float64]",
    ends: "NDArray[np.float64]", watched: "NDArray[np.int64]",
) -> "NDArray[np.float64]":  # fmt: skip
    """Of the share F at each moment t: sums over the moments u until t of

        (F(t) - F(u))² d/(n(n - d)) + S² (q - h²/n)/n² - 2 (F(t) - F(u)) S h/n²

    with n watched, d ended, h hits at u and S the share that was open before; where hits bring something, h adds that up and q
    its squares, else q is h. Expanded in F(t), so that one pass does.
    """
    n = watched.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(n > ends, ends / (n * (n - ends)), 0.0)  # nobody is left: F stands still from here
    step = before * hits / n**2
    a, b, c = np.cumsum(lost), np.cumsum(lost * share), np.cumsum(lost * share**2)
    own = np.cumsum(before**2 * (squares - hits**2 / n) / n**2)
    variance = share**2 * a - 2 * share * b + c + own - 2 * (share * np.cumsum(step) - np.cumsum(step * share))
    return np.maximum(variance, 0.0)


def incidence(
    days: "NDArray[np.float64]", ended: "NDArray[np.int64]", horizon: float, outcome: int = WON, level: float = LEVEL,
    enough: int = ENOUGH,
) -> Incidence:  # fmt: skip
    """The share that came to an outcome within `horizon` days.

    enough   below so many cases there is no share; nor where fewer than STILL are decided by the horizon or watched so long
    """
    return course(days, ended, [horizon], outcome, level, enough)[0]


def course(
    days: "NDArray[np.float64]", ended: "NDArray[np.int64]", horizons: Sequence[float], outcome: int = WON,
    level: float = LEVEL, enough: int = ENOUGH,
) -> list[Incidence]:  # fmt: skip
    """The share within each of some horizons, as `incidence` says it: how it grows."""
    n, found = len(days), curve(days, ended, outcome)
    hits = _below(days[ended == outcome], horizons, "right")
    still = _below(days[ended == OPEN], horizons)
    watched, last = n - _below(days, horizons), np.searchsorted(found.at, horizons, side="right") - 1
    out = []
    for horizon, h, o, w, at in zip(horizons, *(a.tolist() for a in (hits, still, watched, last)), strict=True):
        share, variance = (float(found.share[at]), float(found.variance[at])) if at >= 0 else (0.0, 0.0)
        few = n < enough or n - o < min(STILL, enough)
        low, high = _interval(share, variance, h, n - o, level)
        out.append(Incidence(n, h, o, horizon, None if few else share, low, high, level, variance, w))
    return out


def _below(days: "NDArray[np.float64]", horizons: Sequence[float], side: Literal["left", "right"] = "left") -> Any:
    """How many are below each horizon; or at it, from the right."""
    return np.searchsorted(np.sort(days), horizons, side=side)


def _interval(share: float, variance: float, hits: int, decided: int, level: float) -> tuple[float, float]:
    """Between 0 and 1 whatever the variance; where nobody or everybody came to it, Wilson's of those decided."""
    if not 0 < share < 1 or not variance:
        return wilson(min(hits, decided), decided, level)
    spread = quantile(level) * sqrt(variance) / (share * abs(log(share)))
    return share ** exp(spread), share ** exp(-spread)
