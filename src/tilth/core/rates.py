"""Rates that say how sure they are. No rate leaves Tilth without its n and its interval.

The interval is Wilson's score interval: it stays inside 0..1, it is sensible at 0 of n and n of n, and it covers what
it says for small n, where the textbook p ± z·√(p(1−p)/n) does not.
Source: E. B. Wilson, JASA 22 (1927) 209-212; R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, method 3.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from statistics import NormalDist

LEVEL = 0.9
ENOUGH = 30


@dataclass(frozen=True)
class Rate:
    """`hits` of `n`. Below `enough` it is too few for a rate, and `lacks` says how many more are needed."""

    hits: int
    n: int
    level: float = LEVEL
    enough: int = ENOUGH

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.n:
            raise ValueError(f"{self.hits} of {self.n} is not a part of a whole. Count the hits among the same n.")

    @property
    def lacks(self) -> int:
        """How many more cases before the rate may be shown; 0 when there are enough."""
        return max(self.enough - self.n, 0)

    @property
    def value(self) -> float | None:
        """The share, a fraction 0..1; None without any case."""
        return self.hits / self.n if self.n else None

    @property
    def low(self) -> float:
        return wilson(self.hits, self.n, self.level)[0]

    @property
    def high(self) -> float:
        return wilson(self.hits, self.n, self.level)[1]

    def clearly_below(self, plan: float) -> bool:
        """Whether a plan (fraction 0..1) lies above the whole interval, and there are enough cases to say so."""
        return not self.lacks and self.high < plan


def wilson(hits: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """The interval in which the true share lies, given `hits` of `n`.

    hits, n    whole numbers, 0 <= hits <= n
    level      how often such an interval holds the truth: 0.9 means 9 times in 10
    returns    (low, high), fractions 0..1; (0, 1) when n is 0: nothing is known
    Source: Newcombe 1998, method 3: (2np + z² ± z·√(z² + 4npq)) / (2(n + z²))
    """
    if n == 0:
        return 0.0, 1.0
    z = quantile(level)
    p = hits / n
    middle, spread = 2 * hits + z * z, z * sqrt(z * z + 4 * hits * (1 - p))
    low, high = (middle - spread) / (2 * (n + z * z)), (middle + spread) / (2 * (n + z * z))
    return (0.0 if hits == 0 else low), (1.0 if hits == n else high)


@lru_cache(maxsize=8)
def quantile(level: float) -> float:
    """How many standard deviations to each side hold a share `level` of a normal distribution."""
    return NormalDist().inv_cdf((1 + level) / 2)
