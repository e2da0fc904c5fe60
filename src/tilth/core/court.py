"""The return court (B6): what a return can rest on, and how far reviewer and salespeople agree.

Source: docs/algorithms/court.md
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from .rates import ENOUGH, LEVEL, quantile
from .terms import Terms

CONTACTS, INTEREST, SAID = "contacts", "interest", "said"  # what we tried, what they did, what they told us
BESIDE = (CONTACTS, INTEREST, SAID)


def evidence(terms: Terms) -> tuple[str, ...]:
    """What a reason can rest on: every attribute that the agreement looks at or requires, and three that are none.

    In the order of the agreement, each once.
    """
    required = ("company.name" if name == "company" else f"person.{name}" for name in terms.required)
    fit = (rule.field for rule in terms.fit_rules)
    named = (condition.field for condition in (*terms.exclusions, *terms.segments))
    return tuple(dict.fromkeys((*fit, *named, *required, *BESIDE)))


@dataclass(frozen=True)
class Kappa:
    """How far two who judged the same cases agree beyond chance: 1 always, 0 as chance would, below 0 less than that.

    value    None when there is no case, or when chance alone would make them agree always
    low, high   where the true value lies, `level` of the time; within -1..1
    observed, expected   how often they agreed, and would by chance; fractions 0..1
    """

    n: int
    observed: float
    expected: float
    level: float = LEVEL
    spread: float = 0.0
    enough: int = ENOUGH

    @property
    def value(self) -> float | None:
        return (self.observed - self.expected) / (1 - self.expected) if self.n and self.expected < 1 else None

    @property
    def low(self) -> float:
        return max((self.value or 0.0) - self.spread, -1.0)

    @property
    def high(self) -> float:
        return min((self.value or 0.0) + self.spread, 1.0)

    @property
    def lacks(self) -> int:
        """How many more cases before it may be shown; 0 when there are enough."""
        return max(self.enough - self.n, 0)


def kappa(pairs: Iterable[tuple[str, str]], level: float = LEVEL) -> Kappa:
    """Cohen's kappa of what two said about the same cases, with the large-sample interval of Fleiss, Cohen and Everitt.

    pairs    for each case, what the first and what the second called it
    Source: J. Cohen, Educ. Psychol. Meas. 20 (1960) 37-46; J. L. Fleiss, J. Cohen, B. S. Everitt, Psychol. Bull. 72
    (1969) 323-327, formula 13. Here p is `share`, p_i. and p_.i are `rows` and `columns`
    """
    cases = list(pairs)
    n = len(cases)
    if not n:
        return Kappa(0, 0.0, 0.0, level)
    names = sorted({name for case in cases for name in case})
    share = [[sum(case == (a, b) for case in cases) / n for b in names] for a in names]
    rows, columns = [sum(row) for row in share], [sum(column) for column in zip(*share, strict=True)]
    observed = sum(share[i][i] for i in range(len(names)))
    expected = sum(a * b for a, b in zip(rows, columns, strict=True))
    spread = quantile(level) * _error(share, rows, columns, observed, expected) / sqrt(n)
    return Kappa(n, observed, expected, level, spread)


def _error(
    share: Sequence[Sequence[float]], rows: Sequence[float], columns: Sequence[float], observed: float, expected: float
) -> float:
    """The standard error of kappa times the root of n; 0 where kappa has no value."""
    if expected >= 1:
        return 0.0
    every = range(len(rows))
    agree = sum(share[i][i] * ((1 - expected) - (rows[i] + columns[i]) * (1 - observed)) ** 2 for i in every)
    differ = sum(share[i][j] * (columns[i] + rows[j]) ** 2 for i in every for j in every if i != j)
    middle = (observed * expected - 2 * expected + observed) ** 2
    return sqrt(max(agree + (1 - observed) ** 2 * differ - middle, 0.0)) / (1 - expected) ** 2
