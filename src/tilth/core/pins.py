"""The plan in both directions: pin any figures, and the rest follows, exactly; what cannot hold together is named.

Every relation is a product, so of three figures any two give the third. Source: docs/algorithms/plan.md
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from .plan import NoPlan, Number, number, rate

RELATIONS = (
    ("profit", "revenue", "margin"),
    ("revenue", "customers", "value"),
    ("customers", "leads", "sale_rate"),
    ("leads", "visitors", "lead_rate"),
    ("hours", "leads", "hours_per_lead"),
    ("cost", "leads", "cost_per_lead"),
    ("revenue", "leads", "lead_value"),
)
WORDS = {
    "profit": "profit", "revenue": "revenue", "margin": "margin", "customers": "customers", "value": "value of a customer",
    "leads": "leads", "sale_rate": "rate from lead to sale", "visitors": "visitors", "lead_rate": "rate from visitor to lead",
    "hours": "sales hours", "hours_per_lead": "hours per lead", "cost": "cost", "cost_per_lead": "cost per lead",
    "lead_value": "value of a lead",
}  # fmt: skip
RATES = ("margin", "sale_rate", "lead_rate")
ABOVE = ("value", "hours_per_lead")  # zero would say nothing of what it is multiplied with


@dataclass(frozen=True)
class Figure:
    """One figure of the plan, exact; `of` are the two that it follows from, empty when it was pinned."""

    value: Fraction
    of: tuple[str, ...] = ()


def follow(pinned: Mapping[str, Number]) -> dict[str, Figure]:
    """All that follows from what is pinned, forwards and backwards; what does not follow is missing.

    pinned     names of `WORDS`; rates as `plan.rate` reads them
    raises     NoPlan, for a number that is none and for pins that contradict each other
    """
    found = {name: Figure(_read(name, typed)) for name, typed in pinned.items()}
    while new := next(_new(found), None):
        found[new[0]] = new[1]
    for product, one, other in RELATIONS:
        if product in found and one in found and other in found:
            _agree(found, product, one, other)
    for name in RATES:
        if name in found and not 0 < found[name].value <= 1:
            raise NoPlan(
                f"With these numbers the {WORDS[name]} would have to be {_shown(found[name].value * 100)}%. {_why(found, name)}"
            )
    return found


def _new(found: Mapping[str, Figure]) -> Iterator[tuple[str, Figure]]:
    for product, one, other in RELATIONS:
        if one in found and other in found and product not in found:
            yield product, Figure(found[one].value * found[other].value, (one, other))
        for known, missing in ((one, other), (other, one)):
            if product in found and known in found and missing not in found and found[known].value:
                yield missing, Figure(found[product].value / found[known].value, (product, known))


def _agree(found: Mapping[str, Figure], product: str, one: str, other: str) -> None:
    made, said = found[one].value * found[other].value, found[product].value
    if made != said:
        raise NoPlan(
            f"{_shown(found[one].value)} {WORDS[one]} times {_shown(found[other].value)} {WORDS[other]} makes {_shown(made)} {WORDS[product]}, "
            f"not {_shown(said)}. Leave one of them open."
        )


def _read(name: str, typed: Number) -> Fraction:
    if name not in WORDS:
        raise NoPlan(f"{name} is no figure of a plan. Pin one of: {', '.join(WORDS)}.")
    word = WORDS[name].capitalize()
    if name == "margin":
        found = (
            number(typed[:-1], word) / 100 if isinstance(typed, str) and typed.endswith("%") else number(typed, word)
        )
        if not 0 < found <= 1:
            raise NoPlan(
                f"{word} is {typed}: no revenue would ever bring the profit. Write a share above 0, at most 100%."
            )
        return found
    if name in RATES:
        return rate(typed, word)
    found = number(typed, word)
    if found < 0 or (name in ABOVE and not found):
        raise NoPlan(f"{word} is {typed}. Write a number above 0.")
    return found


def _why(found: Mapping[str, Figure], name: str) -> str:
    return (
        "It follows from "
        + " and ".join(f"{_shown(found[o].value)} {WORDS[o]}" for o in found[name].of)
        + ". Change one of them."
    )


def _shown(exact: Fraction) -> str:
    return f"{exact.numerator:,}" if exact.denominator == 1 else f"{float(exact):,.2f}"
