"""Conversion points of a plan: what one lead of each kind is worth, takes and costs, and where each number comes from (R5-R8).

Source: docs/algorithms/plan.md
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from .plan import NoPlan, Number, above, number, rate


@dataclass(frozen=True)
class History:
    """What the records say of an input: its value, n, and the interval in which the true one lies."""

    value: Fraction
    n: int
    low: float
    high: float


@dataclass(frozen=True)
class Input:
    """One number of a plan with its source: what was typed goes before history, history before what is usual in the field."""

    name: str
    typed: Fraction | None = None
    history: History | None = None
    usual: Fraction | None = None

    @property
    def value(self) -> Fraction:
        """raises     NoPlan, when nobody said anything"""
        for said in (self.typed, self.history.value if self.history else None, self.usual):
            if said is not None:
                return said
        raise NoPlan(f"{self.name} is missing. Write it, or take it from history.")

    @property
    def source(self) -> str:
        """typed, history or usual; "" when it is missing."""
        said = {"typed": self.typed, "history": self.history, "usual": self.usual}
        return next((name for name, one in said.items() if one is not None), "")

    @property
    def over_history(self) -> bool:
        """Whether somebody typed something else than the records say."""
        return self.typed is not None and self.history is not None and self.typed != self.history.value


@dataclass(frozen=True)
class Point:
    """One conversion point. All of it per lead, exact.

    lead_rate   share of visitors who become such a lead
    sale_rate   share of such leads who buy
    value       money that a sale brings
    hours       that sales needs for a lead
    cost        money that a lead costs
    most        leads that can be got at all; None without limit
    """

    name: str
    lead_rate: Fraction
    sale_rate: Fraction
    value: Fraction
    hours: Fraction = Fraction(0)
    cost: Fraction = Fraction(0)
    most: Fraction | None = None

    @property
    def lead_value(self) -> Fraction:
        return self.sale_rate * self.value

    @property
    def leads_per_sale(self) -> Fraction:
        return 1 / self.sale_rate

    def leads(self, visitors: Number) -> Fraction:
        """Leads that so many visitors give."""
        return number(visitors, "Visitors") * self.lead_rate


def point(
    name: str, lead_rate: Number, sale_rate: Number, value: Number, hours: Number = 0, cost: Number = 0, most: Number | None = None
) -> Point:  # fmt: skip
    """A conversion point from what was typed.

    raises     NoPlan, naming the point and the field
    """
    return Point(
        name,
        rate(lead_rate, f"{name}: the rate from visitor to lead"),
        rate(sale_rate, f"{name}: the rate from lead to sale"),
        above(value, f"{name}: the value of a sale"),
        least(hours, f"{name}: hours per lead"),
        least(cost, f"{name}: cost per lead"),
        None if most is None else least(most, f"{name}: leads that can be got"),
    )


@dataclass(frozen=True)
class Yield:
    """What some leads of each kind bring and take, exact."""

    leads: Mapping[str, Fraction]
    visitors: Fraction
    hours: Fraction
    cost: Fraction
    sales: Fraction
    value: Fraction


def forward(points: Iterable[Point], leads: Mapping[str, Number]) -> Yield:
    """From leads of each kind to sales and money, and what they take.

    leads      by name of the point; a kind that is not named has none
    raises     NoPlan
    """
    by_name = {p.name: p for p in points}
    if unknown := leads.keys() - by_name.keys():
        raise NoPlan(f"There is no conversion point {', '.join(sorted(unknown))}. There are: {', '.join(by_name)}.")
    exact = {name: least(leads.get(name, 0), f"{name}: leads") for name in by_name}
    pairs = [(by_name[name], n) for name, n in exact.items()]

    def total(parts: Iterable[Fraction]) -> Fraction:
        return sum(parts, Fraction(0))

    return Yield(
        exact,
        total(n / p.lead_rate for p, n in pairs),
        total(n * p.hours for p, n in pairs),
        total(n * p.cost for p, n in pairs),
        total(n * p.sale_rate for p, n in pairs),
        total(n * p.lead_value for p, n in pairs),
    )


def least(typed: Number, name: str) -> Fraction:
    """A number that is zero or more; raises NoPlan."""
    found = number(typed, name)
    if found < 0:
        raise NoPlan(f"{name}: {typed} is below zero. Write 0 or more.")
    return found
