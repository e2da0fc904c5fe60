"""From the goal back to what it takes: customers, leads, and what one lead is worth.

Fractions all the way: "1/3" is a third, nothing is rounded between the steps, and only whoever shows a
number rounds it, by `whole`. Source: docs/algorithms/plan.md
"""

from dataclasses import dataclass
from fractions import Fraction

Number = int | float | str | Fraction
HALF = Fraction(1, 2)


class NoPlan(ValueError):
    """These numbers give no plan; the message says which one and what to write."""


@dataclass(frozen=True)
class Need:
    """What a goal takes, exactly. `steps` is how many there must be before each rate, in its order.

    `customers` and `leads` are fractions; show them through `whole`.
    """

    customers: Fraction
    rates: tuple[Fraction, ...]
    steps: tuple[Fraction, ...]

    @property
    def leads(self) -> Fraction:
        return self.steps[0] if self.steps else self.customers


def backward(goal: Number, per_customer: Number, *rates: Number) -> Need:
    """From a goal in money back to leads, through one rate or several.

    goal           money, zero or more
    per_customer   money that one customer brings, in the same unit; above zero
    rates          in the order in which a lead goes through them (lead to SQL, SQL to sale); see `rate`
    raises         NoPlan
    """
    need = customers_needed(goal, per_customer)
    exact = tuple(rate(r, f"Rate {n}") for n, r in enumerate(rates, 1))
    steps, count = [], need
    for r in reversed(exact):
        count /= r
        steps.append(count)
    return Need(need, exact, tuple(reversed(steps)))


def customers_needed(goal: Number, per_customer: Number) -> Fraction:
    """How many customers bring the goal: goal / per_customer, not rounded."""
    amount = number(goal, "The goal")
    if amount < 0:
        raise NoPlan(f"The goal is {goal}, below zero. Write what you want to earn.")
    return amount / above(per_customer, "What a customer brings")


def leads_needed(customers: Number, *rates: Number) -> Fraction:
    """How many leads bring so many customers: divided by each rate, not rounded."""
    count = number(customers, "Customers")
    for n, r in enumerate(rates, 1):
        count /= rate(r, f"Rate {n}")
    return count


def average_lead_value(goal: Number, leads: Number) -> Fraction:
    """What one lead is worth on average: goal / leads, in the goal's unit, not rounded."""
    return number(goal, "The goal") / above(leads, "The number of leads")


def whole(exact: Fraction) -> int:
    """The number to show: the nearest whole one, a half up. The one rounding rule of a plan."""
    return int((exact + HALF) // 1)


def rate(typed: Number, name: str = "The rate") -> Fraction:
    """A rate as it was typed: "1/3", "2%", "33.3 %", "0,33", 0.33 or a Fraction; above 0, at most 1.

    A float means the decimal that it shows: 0.33 is 33/100.
    raises         NoPlan, for what is no number, not above 0, or above 100%
    """
    text = typed.strip().replace(",", ".") if isinstance(typed, str) else typed
    percent = isinstance(text, str) and text.endswith("%")
    found = number(text[:-1] if percent else text, name) / (100 if percent else 1)  # type: ignore[index]
    if found <= 0:
        raise NoPlan(f"{name} is {typed}: nobody would ever get through. Write a rate above 0, such as 2% or 1/3.")
    if found > 1:
        raise NoPlan(f"{name} is {typed}, more than 100%. Write a share such as 33%, 0.33 or 1/3.")
    return found


def number(typed: Number, name: str) -> Fraction:
    """A number as it was typed, exactly. No comma: 1,000 is a thousand to some and one to others.

    raises         NoPlan, when it is none
    """
    try:
        text = repr(typed) if isinstance(typed, float) else typed
        if isinstance(text, bool) or (isinstance(typed, str) and "e" in typed.lower()):
            raise ValueError("1e999999999 would be a number that nobody can wait for")
        return Fraction(text)
    except (ValueError, TypeError, ZeroDivisionError, OverflowError) as e:
        raise NoPlan(f"{name} is {typed!r}, which is not a number. Write one such as 12, 0.33 or 1/3.") from e


def above(typed: Number, name: str) -> Fraction:
    """A number above zero; raises NoPlan."""
    found = number(typed, name)
    if found <= 0:
        raise NoPlan(f"{name} is {typed}. Write a number above 0.")
    return found
