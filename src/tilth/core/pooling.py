"""Partial pooling: the rates of many sources together say how much to believe each, so that 2 of 2 does not outrank 30 of 100.

Each source's rate is drawn from one Beta(mean · strength, (1 − mean) · strength). What the sources say of mean and strength is
kept whole, on a grid, instead of its best point: a best point alone makes intervals too narrow (empirical Bayes' known fault).
A source with little to say lies near the mean of all, one with much near its own. The prior that is stated: any mean is as
likely as any other, and the strength is below PRIOR cases as likely as not, with density PRIOR / (PRIOR + strength)².
Source: A. Gelman et al., Bayesian Data Analysis, 3rd ed., ch. 5.3; docs/algorithms/pooling.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .rates import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

PRIOR = 60.0  # cases
STRENGTHS = np.geomspace(0.5, 5_000, 16)
MEANS = 21  # of the grid
HALVINGS = 30  # of the unit interval: closer than 1e-9


@dataclass(frozen=True)
class Pooled:
    """What is believed of one source's rate.

    own          hits of cases, as seen; None without a case
    share        the pooled rate, 0..1
    low, high    its interval
    weight       how far its own cases decide it, 0..1; what all sources say decides the rest
    """

    own: float | None
    share: float
    low: float
    high: float
    weight: float


def pool(hits: Sequence[float], cases: Sequence[float], level: float = LEVEL) -> list[Pooled]:
    """The rate of each source, pooled.

    hits, cases   of each source, 0 <= hits <= cases; fractions of cases are allowed, as `effective` makes them
    level         of the intervals
    """
    k, n = np.asarray(hits, float), np.asarray(cases, float)
    mean, strength = _grid(k, n)
    belief = _belief(k, n, mean, strength)
    a, b = k[:, None] + mean * strength, (n - k)[:, None] + (1 - mean) * strength
    share, weight = (belief * a / (a + b)).sum(1), (belief * (n[:, None] / (n[:, None] + strength))).sum(1)
    low, high = (_quantile(belief, a, b, q) for q in ((1 - level) / 2, (1 + level) / 2))
    return [
        Pooled(float(k[i] / n[i]) if n[i] else None, *(float(x[i]) for x in (share, low, high, weight)))
        for i in range(len(n))
    ]


def effective(share: float, variance: float, cases: int) -> tuple[float, float]:
    """Hits and cases that are worth as much as a share with this variance, such as that of an Aalen-Johansen curve.

    returns   never more cases than there are; those themselves where the variance says nothing (nobody or everybody)
    """
    worth = min(share * (1 - share) / variance, cases) if variance > 0 else float(cases)
    return share * worth, worth


def _grid(k: "NDArray[np.float64]", n: "NDArray[np.float64]") -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Means and strengths to think of: float64[cells] each. The means lie where those of all sources may."""
    from scipy.special import betaincinv

    worth = min(n.sum(), 4.0 * len(n))  # if each source said only four cases' worth, the mean would still lie herein
    rate = (k.sum() + 0.5) / (n.sum() + 1)
    steps = (np.arange(MEANS) + 0.5) / MEANS
    means = betaincinv(0.5 + rate * worth, 0.5 + (1 - rate) * worth, steps)
    return np.tile(means, len(STRENGTHS)), np.repeat(STRENGTHS, MEANS)


def _belief(
    k: "NDArray[np.float64]", n: "NDArray[np.float64]", mean: "NDArray[np.float64]", strength: "NDArray[np.float64]"
) -> "NDArray[np.float64]":
    """How likely each cell is, given all sources: float64[cells], adds up to 1."""
    from scipy.special import betaln

    a, b = mean * strength, (1 - mean) * strength
    likely = (betaln(k[:, None] + a, (n - k)[:, None] + b) - betaln(a, b)).sum(0)
    stated = np.log(strength) - 2 * np.log(PRIOR + strength)  # cells lie evenly in the logarithm of the strength
    apart = np.tile(np.gradient(mean[:MEANS]), len(STRENGTHS))
    weight = likely + stated + np.log(apart)
    found = np.exp(weight - weight.max())
    return found / found.sum()


def _quantile(
    belief: "NDArray[np.float64]", a: "NDArray[np.float64]", b: "NDArray[np.float64]", q: float
) -> "NDArray[np.float64]":
    """Of the mixture of Beta(a, b) over the cells, for each source: by halving."""
    from scipy.special import betainc

    some = belief > belief.max() * 1e-6
    a, b, belief = a[:, some], b[:, some], belief[some] / belief[some].sum()
    low, high = np.zeros(len(a)), np.ones(len(a))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = (betainc(a, b, middle[:, None]) * belief).sum(1) < q
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2
