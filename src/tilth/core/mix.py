"""The best split of leads over conversion points under visitors, sales hours and budget, and what one more of each is worth (R9, B1).

A lead counts as far as sales can work it. Source: docs/algorithms/plan.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from .plan import NoPlan, Number
from .points import Point, Yield, forward, least
from .simplex import Unbounded, maximise

NAMES = ("visitors", "hours", "budget")


@dataclass(frozen=True)
class Limits:
    """What there is in the period; None: as much as is wanted."""

    visitors: Fraction | None = None
    hours: Fraction | None = None
    budget: Fraction | None = None


@dataclass(frozen=True)
class Mix:
    """A split over conversion points, exact.

    made        what it brings and takes
    worth       of one more visitor, sales hour and unit of budget: by how much the best result rises
    binds       which limits are used up
    points      that it splits over, and `within` which limits
    """

    made: Yield
    worth: Mapping[str, Fraction]
    binds: tuple[str, ...]
    points: tuple[Point, ...]
    within: Limits

    @cached_property
    def lead_worth(self) -> Mapping[str, Fraction]:
        """Of one more lead of each kind that is there already: it takes sales hours, and neither visitors nor budget."""
        return {p.name: _with_one(self.points, self.within, p) - self.made.value for p in self.points}


def limits(visitors: Number | None = None, hours: Number | None = None, budget: Number | None = None) -> Limits:
    """Limits from what was typed; raises NoPlan."""
    said = (("Visitors", visitors), ("Sales hours", hours), ("Budget", budget))
    return Limits(*(None if typed is None else least(typed, name) for name, typed in said))


def best(points: Sequence[Point], within: Limits) -> Mix:
    """The split that brings most.

    raises     NoPlan, when nothing limits a kind of lead
    """
    made = forward(points, _most(points, within))
    worth = {}
    for name in NAMES:
        limit = getattr(within, name)
        more = None if limit is None else forward(points, _most(points, replace(within, **{name: limit + 1})))
        worth[name] = more.value - made.value if more else Fraction(0)
    used = {"visitors": made.visitors, "hours": made.hours, "budget": made.cost}
    return Mix(made, worth, tuple(n for n in NAMES if used[n] == getattr(within, n)), tuple(points), within)


def own(points: Sequence[Point], visitors: Mapping[str, Number], within: Limits) -> Yield:
    """What the user's own split of visitors brings: its leads, of which sales works those that bring most in its hours.

    visitors   sent to each conversion point, by name
    returns    leads that are worked; visitors and cost are those of all leads that come
    raises     NoPlan, for more visitors or budget than there are
    """
    come = forward(points, {p.name: p.leads(least(visitors.get(p.name, 0), f"{p.name}: visitors")) for p in points})
    if visitors.keys() - come.leads.keys():
        raise NoPlan(f"There is no conversion point {', '.join(sorted(visitors.keys() - come.leads.keys()))}.")
    for name, limit, takes in (("visitors", within.visitors, come.visitors), ("budget", within.budget, come.cost)):
        if limit is not None and takes > limit:
            raise NoPlan(f"This split takes {float(takes):,.2f} of {name}, and there are {float(limit):,.2f}.")
    most = [replace(p, most=come.leads[p.name] if p.most is None else min(p.most, come.leads[p.name])) for p in points]
    return replace(forward(points, _most(most, Limits(hours=within.hours))), visitors=come.visitors, cost=come.cost)


def _with_one(points: Sequence[Point], within: Limits, kind: Point) -> Fraction:
    """The best result when one lead of a kind is there already."""
    there = replace(kind, name=f"{kind.name} +", most=Fraction(1))
    found = _solve([*points, there], within, free=len(points))
    return sum((n * p.lead_value for n, p in zip(found, (*points, there), strict=True)), Fraction(0))


def _most(points: Sequence[Point], within: Limits) -> dict[str, Number]:
    return dict(zip((p.name for p in points), _solve(points, within), strict=True))


def _solve(points: Sequence[Point], within: Limits, free: int | None = None) -> list[Fraction]:
    """Leads of each kind; the one at `free` takes neither visitors nor budget."""
    zero, rows, b = Fraction(0), [], []
    takes = (
        (within.visitors, [zero if k == free else 1 / p.lead_rate for k, p in enumerate(points)]),
        (within.hours, [p.hours for p in points]),
        (within.budget, [zero if k == free else p.cost for k, p in enumerate(points)]),
        *((p.most, [Fraction(k == i) for k in range(len(points))]) for i, p in enumerate(points)),
    )
    for limit, row in takes:
        if limit is not None:
            rows.append(row)
            b.append(limit)
    try:
        return maximise([p.lead_value for p in points], rows, b)
    except Unbounded as e:
        name = points[e.column].name if e.column < len(points) else "leads"
        raise NoPlan(f"Nothing limits {name}. Write how many visitors, sales hours or how much budget there is.") from e
