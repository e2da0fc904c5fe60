"""The chance of making the goal: many simulated periods, week by week, over what is not known of every input (B1).

Each input has a stream of chance of its own, named by its kind of lead: the same seed gives the same result to the bit, and a change
of one input leaves the draws of the others as they are. Source: docs/algorithms/plan.md
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import erfc, exp, floor, isfinite, sqrt
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from . import machine
from .plan import NoPlan

if TYPE_CHECKING:
    from numpy.typing import NDArray

YEARS = 100_000
POOL = 1 << 19  # deals, shuffled, of which each simulated period takes a stretch
FEW = 200.0  # sales expected, up to which their count is inverted exactly
MOST = 1e15  # of any input, so that no product of them leaves the numbers that a machine can count with
SQRT2 = sqrt(2.0)


@dataclass(frozen=True)
class Kind:
    """Leads of one conversion point in the period.

    leads    expected in each week; all kinds have as many weeks
    came     leads that this rests on; None: they are certain
    rate     share of worked leads who buy, ever, 0..1
    n        leads that the rate rests on; None: it is certain
    values   of deals, one after the other as they were won, in minor units; a single one is certain
    delay    share of sales that come 0, 1, 2, … weeks after the week in which the lead is worked; adds up to 1 or less
    hours    of sales, per lead
    """

    name: str
    leads: Sequence[float]
    rate: float
    values: Sequence[float]
    delay: Sequence[float] = (1.0,)
    came: int | None = None
    n: int | None = None
    hours: float = 0.0


@dataclass(frozen=True)
class Period:
    """What a plan expects of a period.

    goal     revenue, minor units
    kinds    of leads, their names unlike
    hours    of sales in each week; None: as many as it takes
    spread   standard deviation of the hours, as a share of them: the same in all weeks of one simulated period
    """

    goal: float
    kinds: tuple[Kind, ...]
    hours: Sequence[float] | None = None
    spread: float = 0.0


@dataclass(frozen=True)
class Chance:
    """What came of the simulated periods.

    revenue   float64[years], ascending
    chance    share of them that make the goal
    error     standard error of that share, from the number of periods alone
    expected  mean revenue
    parts     share of the spread that comes from each input, (kind, "leads", "rate" or "value") or ("", "hours"); ("", "luck") is what is
              left when all inputs are known. They add up to 1, or are all 0 where nothing is uncertain
    """

    revenue: "NDArray[np.float64]"
    chance: float
    error: float
    expected: float
    parts: Mapping[tuple[str, str], float]

    def quantile(self, share: float) -> float:
        """The revenue that so many of the periods stay at or below."""
        return float(np.quantile(self.revenue, share))


def chance(period: Period, seed: int, years: int = YEARS) -> Chance:
    """Simulate a period so many times.

    raises     NoPlan, naming the kind and the field
    """
    revenue, inputs = _simulated(period, seed, years)
    made = float(np.mean(revenue >= period.goal))
    parts = _parts(revenue, inputs)
    revenue.sort()
    return Chance(revenue, made, sqrt(made * (1 - made) / years), float(revenue.mean()), parts)


@dataclass(frozen=True)
class Gain:
    """By how much revenue rises from one period to another with the same draws: on average, and 8 times in 10 between; minor units."""

    expected: float
    low: float
    high: float


def gain(before: Period, after: Period, seed: int, years: int = YEARS) -> Gain:
    """What a change of a period brings. Both draw the same, so that luck does not hide it.

    raises     NoPlan
    """
    more = _simulated(after, seed, years)[0] - _simulated(before, seed, years)[0]
    low, high = (float(np.quantile(more, share)) for share in (0.1, 0.9))
    return Gain(float(more.mean()), low, high)


def _simulated(period: Period, seed: int, years: int) -> tuple[Any, dict[tuple[str, str], Any]]:
    """Revenue of each simulated period, in their order, and what was drawn for each input."""
    _check(period, years)
    draws = {kind.name: _draw(kind, seed, years) for kind in period.kinds}
    rng = np.random.default_rng([seed, 0])
    room = _about_one(rng, 1 / period.spread**2 if period.spread else None, years)
    worked = _worked(period, draws, room)
    revenue, inputs = np.zeros(years), {("", "hours"): room}
    for kind in period.kinds:
        drawn = draws[kind.name]
        sold = compiled_count()(worked[kind.name] * drawn.rate, drawn.normal, np.empty(years, np.int64))
        revenue += drawn.worth * _sum(kind.values, sold, drawn.rng, years)
        inputs |= {
            (kind.name, "leads"): drawn.level,
            (kind.name, "rate"): drawn.rate,
            (kind.name, "value"): drawn.worth,
        }
    return revenue, inputs


STEPS = ("leads", "rates", "values", "delays", "hours", "goal", "kinds")


def because(before: Period, after: Period, seed: int, years: int = YEARS) -> dict[str, float]:
    """By how much each change moved the chance, one after the other in the order of `STEPS`; they add up to the whole change.

    kinds      those that are in one of both only
    raises     NoPlan
    """
    found, last = {}, chance(before, seed, years).chance
    now = before
    for step in STEPS:
        new = after if step == "kinds" else _changed(now, after, step)
        then = last if new == now else chance(new, seed, years).chance
        found[step], last, now = then - last, then, new
    return found


FIELDS = {
    "leads": ("leads", "came"),
    "rates": ("rate", "n"),
    "values": ("values",),
    "delays": ("delay",),
    "hours": ("hours",),
}


def _changed(now: Period, after: Period, step: str) -> Period:
    """`now` with what belongs to one step taken from `after`."""
    if step == "goal":
        return replace(now, goal=after.goal)
    new = {kind.name: kind for kind in after.kinds}
    kinds = tuple(
        replace(kind, **{field: getattr(new[kind.name], field) for field in FIELDS[step]}) if kind.name in new else kind
        for kind in now.kinds
    )
    if step == "hours":
        return replace(now, kinds=kinds, hours=after.hours, spread=after.spread)
    return replace(now, kinds=kinds)


@dataclass(frozen=True)
class _Drawn:
    """Of one kind, all [years]: factor of its leads, its rate, factor of its deals' value, and the luck of its count."""

    level: Any
    rate: Any
    worth: Any
    normal: Any
    rng: np.random.Generator


def _draw(kind: Kind, seed: int, years: int) -> _Drawn:
    level, rate, worth, luck, deals = (np.random.default_rng([seed, 1, crc32(kind.name.encode()), k]) for k in range(5))
    hits = kind.rate * (kind.n or 0)
    return _Drawn(
        _about_one(level, None if kind.came is None else kind.came + 0.5, years),
        np.full(years, kind.rate) if kind.n is None else rate.beta(hits + 0.5, kind.n - hits + 0.5, years),
        _about_one(worth, _sure(kind.values), years),
        luck.standard_normal(years),
        deals,
    )


def _about_one(rng: np.random.Generator, shape: float | None, years: int) -> Any:
    """Factors above zero with mean 1 and variance 1 / shape; None: exactly 1."""
    return np.ones(years) if shape is None else rng.standard_gamma(shape, years) / shape


def _sure(values: Sequence[float]) -> float | None:
    """One by the squared relative error of the mean of these deals; None where there is none."""
    amounts = np.asarray(values, float)
    spread = amounts.var(ddof=1) if len(amounts) > 1 else 0.0
    return float(len(amounts) * amounts.mean() ** 2 / spread) if spread > 0 else None


def _worked(period: Period, draws: Mapping[str, _Drawn], room: Any) -> dict[str, Any]:
    """Leads of each kind that are worked so early that their sale still counts, float64[years], each by the share that does."""
    weeks = len(period.kinds[0].leads)
    reach = {kind.name: reached(kind.delay, weeks)[::-1] for kind in period.kinds}
    if period.hours is None:
        return {
            kind.name: draws[kind.name].level * float((np.asarray(kind.leads) * reach[kind.name]).sum())
            for kind in period.kinds
        }
    order = sorted(
        period.kinds, key=lambda k: (-k.rate * float(np.mean(k.values)) / k.hours if k.hours else -np.inf, k.name)
    )
    level = np.stack([draws[kind.name].level for kind in order], axis=1)
    due = np.zeros(level.shape)
    compiled_flow()(
        np.array([kind.leads for kind in order], float).T.copy(), np.array([reach[kind.name] for kind in order]).T.copy(),
        np.array([kind.hours for kind in order], float), np.asarray(period.hours, float), level, room, np.empty(len(order)), due,
    )  # fmt: skip
    return {kind.name: due[:, i] for i, kind in enumerate(order)}


def reached(delay: Sequence[float], weeks: int) -> "NDArray[np.float64]":
    """Share of sales that have come when 0, 1, 2, … further weeks are over; float64[weeks], ascending."""
    out = np.zeros(weeks)
    known = np.asarray(delay[:weeks], float)
    out[: len(known)] = known
    return np.minimum(np.cumsum(out), 1.0)


def flow(leads: Any, reach: Any, need: Any, hours: Any, level: Any, room: Any, line: Any, due: Any) -> None:
    """Sales works what brings most per hour first; what finds no hours stands in line for the next week.

    leads    [weeks, kinds], kinds in that order
    reach    [weeks, kinds], share of the sales of leads worked in that week that still count
    need     [kinds], hours per lead
    hours    [weeks]
    level    [years, kinds], factor of the leads
    room     [years], factor of the hours
    line     [kinds], room for those who wait
    due      [years, kinds], filled: leads that are worked, each by its reach
    """
    for year in range(level.shape[0]):
        for k in range(len(need)):
            line[k] = 0.0
        for week in range(len(hours)):
            left = hours[week] * room[year]
            for k in range(len(need)):
                waits = line[k] + leads[week, k] * level[year, k]
                takes = waits * need[k]
                if takes <= left:
                    left -= takes
                    line[k] = 0.0
                    due[year, k] += waits * reach[week, k]
                else:
                    work = left / need[k]
                    left = 0.0
                    line[k] = waits - work
                    due[year, k] += work * reach[week, k]


def count(due: Any, normal: Any, out: Any) -> Any:
    """How many sales come when so many are due: a Poisson number at the place that a standard normal one says.

    Up to FEW it is exact; above, Cornish and Fisher's expansion, within one of it. On each side more due is never fewer.
    Source: E. A. Cornish, R. A. Fisher, Revue de l'Institut International de Statistique 5 (1938) 307-320
    """
    for i in range(len(due)):
        mean, z = due[i], normal[i]
        if mean > FEW:
            out[i] = floor(max(mean + z * sqrt(mean) + (z * z - 1.0) / 6.0 + 0.5, 0.0))
        else:
            u = 0.5 * erfc(-z / SQRT2)
            term = exp(-mean)
            total, n = term, 0
            while u > total and n < 1000:
                n += 1
                term *= mean / n
                total += term
            out[i] = n
    return out


@cache
def compiled_flow() -> Callable[..., None]:
    """`flow` as machine code."""
    return machine.code((flow,), globals())


@cache
def compiled_count() -> Callable[..., Any]:
    """`count` as machine code."""
    return machine.code((count,), globals())


def _sum(values: Sequence[float], sold: Any, rng: np.random.Generator, years: int) -> Any:
    """What so many deals bring together, float64[years]: a stretch of the shuffled deals from a place drawn for each period."""
    if len(values) == 1:
        return sold * float(values[0])
    size = min(POOL, 1 << max(12, (4 * years - 1).bit_length()))
    pool = rng.permutation(np.resize(np.asarray(values, float), size))
    heap = np.concatenate(([0.0], np.cumsum(np.concatenate((pool, pool)))))
    begin, (laps, rest) = rng.integers(0, size, years), np.divmod(sold, size)
    return laps * heap[size] + heap[begin + rest] - heap[begin]


def _parts(revenue: Any, inputs: Mapping[tuple[str, str], Any]) -> dict[tuple[str, str], float]:
    """Squared correlation of each input with the revenue, less what chance alone gives; the rest is luck.

    Sums, not dot products: those of BLAS depend on how many threads it has.
    """
    apart, n = revenue - revenue.mean(), len(revenue)
    whole = float((apart * apart).sum())
    found = {}
    for name, drawn in inputs.items():
        own = drawn - drawn.mean()
        size, same = float((own * own).sum()), float((own * apart).sum())
        found[name] = max(same * same / (size * whole) - 1 / n, 0.0) if size > 0 and whole > 0 else 0.0
    total = sum(found.values())
    if total > 1:
        found = {name: part / total for name, part in found.items()}
    return found | {("", "luck"): max(1 - total, 0.0) if whole > 0 else 0.0}


def _check(period: Period, years: int) -> None:
    if years < 1:
        raise NoPlan(f"Simulated periods: {years}. Write 1 or more.")
    if not period.kinds or not len(period.kinds[0].leads):
        raise NoPlan("The plan has no kind of lead, or no week. Write one of each at least.")
    if len({kind.name for kind in period.kinds}) < len(period.kinds):
        raise NoPlan("Two kinds of leads have the same name. Give each one of its own.")
    weeks = len(period.kinds[0].leads)
    _all([period.goal], "The goal")
    if not (period.spread == 0 or 1e-6 <= period.spread <= 1):
        raise NoPlan(f"The spread of sales hours is {period.spread}. Write 0, or a share of them up to 1.")
    if period.hours is not None:
        _all(period.hours, "Sales hours")
        if len(period.hours) != weeks:
            raise NoPlan(
                f"There are sales hours for {len(period.hours)} weeks and leads for {weeks}. Write both for each week."
            )
        if not any(period.hours) and any(kind.hours for kind in period.kinds):
            raise NoPlan("Sales has no hours in the whole period, so that no lead can be worked. Write its hours.")
    for kind in period.kinds:
        _check_kind(kind, weeks)


def _check_kind(kind: Kind, weeks: int) -> None:
    for name in ("leads", "values", "delay"):
        _all(getattr(kind, name), f"{kind.name}: {name}")
    _all([kind.hours], f"{kind.name}: hours per lead")
    _all([n for n in (kind.came, kind.n) if n is not None], f"{kind.name}: how many it rests on")
    if len(kind.leads) != weeks:
        raise NoPlan(f"{kind.name}: leads for {len(kind.leads)} weeks, and the period has {weeks}.")
    if not (isfinite(kind.rate) and 0 <= kind.rate <= 1) or (kind.rate == 0 and kind.n is None):
        raise NoPlan(f"{kind.name}: the rate is {kind.rate}. Write a share above 0, at most 1.")
    if not len(kind.values) or sum(kind.values) <= 0:
        raise NoPlan(f"{kind.name}: the value of a sale is missing. Write an amount above 0.")
    if sum(kind.delay) > 1 + 1e-9:
        raise NoPlan(f"{kind.name}: the delays add up to {sum(kind.delay):.3f}, more than all sales.")


def _all(numbers: Sequence[float], name: str) -> None:
    for n in numbers:
        if not (isfinite(n) and 0 <= n <= MOST):
            raise NoPlan(f"{name}: {n} is no number from 0 to {MOST:.0e}.")
