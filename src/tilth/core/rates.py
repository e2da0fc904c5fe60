"""Rates that say how sure they are. No rate leaves Tilth without its n and its interval.

The interval is Wilson's score interval: it stays inside 0..1, it is sensible at 0 of n and n of n, and it covers what
it says for small n, where the textbook p ± z·√(p(1−p)/n) does not.
Source: E. B. Wilson, JASA 22 (1927) 209-212; R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, method 3.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import hypot, sqrt
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


def counted(n: int, level: float = LEVEL) -> tuple[float, float]:
    """The interval in which the expected count lies, when `n` were counted of what comes by itself: leads, customers.

    returns    (low, high), zero or more; within 1% of the exact one of Garwood from n = 3 on
    Source: Byar's approximation, in N. E. Breslow, N. E. Day, Statistical Methods in Cancer Research II (1987), p. 69
    """
    z, more = quantile(level), n + 1
    low = n * (1 - 1 / (9 * n) - z / (3 * sqrt(n))) ** 3 if n else 0.0
    return max(low, 0.0), more * (1 - 1 / (9 * more) + z / (3 * sqrt(more))) ** 3


def apart(one: Rate, other: Rate) -> tuple[float, float]:
    """The interval in which the difference of two true shares lies, `one` less `other`, of different cases.

    returns    (low, high), -1..1; where 0 lies outside, there is a difference. All of it where one has no case
    Source: R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10: from Wilson's intervals of both
    """
    p, q = one.value, other.value
    if p is None or q is None:
        return -1.0, 1.0
    return p - q - hypot(p - one.low, other.high - q), p - q + hypot(one.high - p, q - other.low)


@lru_cache(maxsize=8)
def quantile(level: float) -> float:
    """How many standard deviations to each side hold a share `level` of a normal distribution."""
    return NormalDist().inv_cdf((1 + level) / 2)
