"""The calendar of a plan: until when a lead still counts, what each week and month must bring, and what each team owes (R10, R11, B1).

Source: docs/algorithms/plan.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import isfinite

from .apportion import apportion
from .plan import NoPlan, whole
from .points import Point

HALF = 0.5


@dataclass(frozen=True)
class Month:
    """What a month must bring, minor units; `weeks` add up to `total`."""

    total: int
    weeks: tuple[int, ...]


@dataclass(frozen=True)
class Owed:
    """What both teams owe in one week.

    value    marketing: lead value, minor units
    leads    marketing: leads by kind, whole; sales works as many
    hours    sales: hours that they take, exact
    """

    value: int
    leads: Mapping[str, int]
    hours: Fraction


def last_week(delay: Sequence[float], weeks: int, share: float = HALF) -> int | None:
    """The last week whose leads still bring a share of their sales within the period; 0 is the first week, None: none does.

    delay      share of sales that come 0, 1, 2, … weeks after the week of the lead; adds up to 1 or less
    weeks      of the period
    share      above 0, at most 1; of all sales that ever come of such leads
    raises     NoPlan
    """
    if not 0 < share <= 1:
        raise NoPlan(f"The share is {share}. Write a share of sales above 0, at most 1.")
    _delays(delay)
    known = enumerate(accumulate(delay))
    takes = next((week for week, come in known if come >= share - 1e-12), None)
    return None if takes is None or takes >= weeks else weeks - 1 - takes


def targets(goal: int, months: Sequence[Sequence[float]]) -> list[Month]:
    """Lead value that each month and week must bring: in proportion to their season, adding up to the goal, to the cent.

    goal       minor units, zero or more
    months     of each month the weights of its weeks, zero or more; alike when no season is known
    raises     NoPlan
    """
    if goal < 0:
        raise NoPlan(f"The goal is {goal}, below zero. Write what you want to earn.")
    try:
        totals = apportion(goal, [float(sum(Fraction(w) for w in weeks)) for weeks in months])
        return [
            Month(total, tuple(apportion(total, weeks)) if total else (0,) * len(weeks))
            for total, weeks in zip(totals, months, strict=True)
        ]
    except (ValueError, OverflowError) as e:
        raise NoPlan(
            "The season has a week below zero, or none above it. Write a weight for each week, such as 1."
        ) from e


def must_come(goal: int, season: Sequence[float], delay: Sequence[float]) -> int:
    """Lead value that must come in the period so that the goal is closed within it: what comes late closes after its end.

    goal       minor units
    season     weight of each week
    returns    minor units, the goal or more
    raises     NoPlan, when nothing would close within the period
    """
    _delays(delay)
    come = [Fraction(0), *accumulate(Fraction(d) for d in delay)]
    if not all(isfinite(s) and s >= 0 for s in season):
        raise NoPlan("The season has a week that is no weight of 0 or more. Write one for each week, such as 1.")
    exact, last = [Fraction(s) for s in season], len(season)
    closes = sum((s * come[min(last - week, len(come) - 1)] for week, s in enumerate(exact)), Fraction(0))
    if closes <= 0:
        raise NoPlan("No lead of this period is sold within it. Choose a longer period, or leads that are sold sooner.")
    return whole(goal * sum(exact) / closes)


def owed(value: int, season: Sequence[float], points: Sequence[Point], leads: Mapping[str, Fraction]) -> list[Owed]:
    """What both teams owe in each week, adding up to the plan's lead value and to its whole leads of each kind.

    value      lead value of the period, minor units
    season     weight of each week, zero or more, one above
    leads      of the period, by name of the point
    raises     NoPlan
    """
    (values,) = (month.weeks for month in targets(value, [season]))
    counts = {p.name: apportion(whole(leads.get(p.name, Fraction(0))), season) for p in points}
    return [
        Owed(
            values[week],
            {name: n[week] for name, n in counts.items()},
            sum((p.hours * counts[p.name][week] for p in points), Fraction(0)),
        )
        for week in range(len(season))
    ]


def _delays(delay: Sequence[float]) -> None:
    if not len(delay) or not all(0 <= part <= 1 for part in delay) or sum(delay) > 1 + 1e-9:
        raise NoPlan("The delays are no shares of all sales. Write shares of 0 or more that add up to 1 at most.")
