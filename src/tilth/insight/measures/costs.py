"""What leads cost and what came back: money that was spent in a period, beside who became a lead in it.

Grain        one row a cut (campaign, source, offer), and one for what cannot be allocated
Denominator  of each cost the leads, MQLs, SQLs or customers of the cohort of that cut; of the return what was spent on it
Source: docs/algorithms/costs.md
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from tilth.core.apportion import apportion
from tilth.core.rates import LEVEL, counted, quantile
from tilth.insight.engine import Engine
from tilth.insight.period import Period

from .cohort import NONE, bare, newest

if TYPE_CHECKING:
    import ibis

STEPS = ("leads", "mql", "sql", "customers")
BOOKED = ("campaign", "source")  # what a cost can be booked on


class Spent(NamedTuple):
    """Money booked on a campaign, a source, both or neither (""), in minor units; below zero when it came back."""

    campaign: str
    source: str
    amount: int


class Weight(NamedTuple):
    """How much of shared costs a cut takes, among what came through a campaign and a source."""

    campaign: str
    source: str
    cut: str
    weight: int


@dataclass
class Costed:
    """One cut. `direct` of `spend` was booked on it; `squares` are of each deal's revenue, summed."""

    spend: int = 0
    direct: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STEPS, 0))
    deals: int = 0
    revenue: int = 0
    squares: float = 0.0

    def each(self, step: str) -> float | None:
        """Cost of one of a step; None without any."""
        n = self.counts[step]
        return self.spend / n if n else None

    def each_between(self, step: str, level: float = LEVEL) -> tuple[float, float]:
        """The interval of `each`: as many come for this money as `rates.counted` says."""
        low, high = counted(self.counts[step], level)
        return self.spend / high, self.spend / low

    def returned_between(self, level: float = LEVEL) -> tuple[float, float]:
        """The interval of revenue for each unit spent: how many buy and for how much both vary, on the scale of logarithms."""
        spread = exp(quantile(level) * sqrt(self.squares) / self.revenue)
        return self.revenue / spread / self.spend, self.revenue * spread / self.spend


class Allocated(NamedTuple):
    """Cut to minor units, and what is left; together they are what was spent, to the cent."""

    direct: dict[str, int]
    shared: dict[str, int]
    left: int


def allocate(spent: Sequence[Spent], weights: Sequence[Weight], by: str, evenly: bool = False) -> Allocated:
    """Give each cut what was booked on it, and its part of what was booked on something else.

    A cost that says a campaign or a source is shared only among what came through that; one that says neither among all.

    by        what is cut by; costs that say it are booked on that cut
    weights   zero or more each. Empty: nothing is shared
    evenly    each cut with any weight takes the same
    """
    direct, shared, left = defaultdict[str, int](int), defaultdict[str, int](int), 0
    for cost in spent:
        if by in BOOKED and (cut := getattr(cost, by)):
            direct[cut] += cost.amount
            continue
        pool = {cut: 1 if evenly else weight for cut, weight in _pool(cost, weights).items() if weight}
        if not pool:
            left += cost.amount
            continue
        for cut, part in zip(pool, apportion(cost.amount, list(pool.values())), strict=True):
            shared[cut] += part
    return Allocated(dict(direct), dict(shared), left)


def _pool(cost: Spent, weights: Sequence[Weight]) -> dict[str, int]:
    pool: dict[str, int] = defaultdict(int)
    for one in sorted(weights):
        if cost.campaign in {"", one.campaign} and cost.source in {"", one.source}:
            pool[one.cut] += one.weight
    return pool


def spent(engine: Engine, period: Period, currency: str) -> tuple[list[Spent], int]:
    """What was spent on the days of a period in a currency, and how many costs in other currencies are left out."""
    costs = engine.tables().costs
    costs = costs.filter(costs.day >= period.first, costs.day <= period.last)
    ours = costs.filter(costs.currency == currency)
    sums = ours.group_by("campaign", "source").agg(amount=ours.amount.sum())
    others = engine.run(costs.filter(costs.currency != currency).count().name("n").as_table())["n"][0].as_py()
    return sorted(Spent(r["campaign"], r["source"], int(r["amount"])) for r in engine.run(sums).to_pylist()), others


def steps(cohort: "ibis.Table") -> dict[str, Any]:
    """What is true of a person at each of STEPS. Who bought before they became a lead is no customer of what was spent."""
    bought = cohort.customer.notnull() & (cohort.customer >= cohort.lead_at.truncate("D"))
    return {name: cohort[name].notnull() for name in ("mql", "sql")} | {
        "leads": cohort.person.notnull(),
        "customers": bought,
    }


def people(engine: Engine, cohort: "ibis.Table") -> list[dict[str, Any]]:
    """How many at each of STEPS, by campaign, source and cut."""
    sums = {name: step.sum() for name, step in steps(cohort).items()}
    return engine.run(cohort.group_by("campaign", "source", "cut").agg(**sums)).to_pylist()


def weights(engine: Engine, counts: Sequence[Mapping[str, Any]], period: Period, by: str, key: str) -> list[Weight]:
    """What shared costs are shared by.

    key   leads, mql: people of the cohort; touches: of the period, by people, that say the cut; evenly: as leads, whose cuts
          all take the same; direct: nothing is shared
    """
    match key:
        case "direct":
            return []
        case "touches":
            return _touches(engine, period, by)
    people = "mql" if key == "mql" else "leads"
    return [Weight(r["campaign"], r["source"], r["cut"], r[people]) for r in counts]


def _touches(engine: Engine, period: Period, by: str) -> list[Weight]:
    t = engine.tables()
    met = t.touches.filter(t.touches.at >= bare(period.start), t.touches.at < bare(period.end))
    met = met.inner_join(t.whats.filter(t.whats.human).select("id", "offer"), met.what == t.whats.id)
    met = met.mutate(cut=met[by]).filter(lambda m: m.cut != NONE)
    rows = engine.run(met.group_by("campaign", "source", "cut").agg(n=met.count())).to_pylist()
    return [Weight(r["campaign"], r["source"], r["cut"], r["n"]) for r in rows]


def revenue(engine: Engine, cohort: "ibis.Table", currency: str) -> tuple[list[dict[str, Any]], int]:
    """Of each cut, what its people have bought since they became a lead; and how many deals in other currencies are left out."""
    deals = engine.tables().deals
    won = deals.filter(deals.won, deals.revenue.notnull())
    theirs = won.inner_join(cohort.select("person", "lead_at", "cut"), "person")
    theirs = theirs.filter(theirs.closed_at >= theirs.lead_at.truncate("D"))
    ours = theirs.filter(theirs.currency == currency)
    sums = ours.group_by("cut").agg(
        deals=ours.count(), revenue=ours.revenue.sum(), squares=(ours.revenue.cast("float64") ** 2).sum()
    )
    others = engine.run(theirs.filter(theirs.currency != currency).count().name("n").as_table())["n"][0].as_py()
    return engine.run(sums).to_pylist(), others


def costed(
    allocated: Allocated, counts: Sequence[Mapping[str, Any]], bought: Sequence[Mapping[str, Any]]
) -> dict[str, Costed]:
    """Each cut that has people, money or both."""
    found: dict[str, Costed] = defaultdict(Costed)
    for row in counts:
        for step in STEPS:
            found[row["cut"]].counts[step] += row[step]
    for cut, amount in allocated.direct.items():
        found[cut].spend += amount
        found[cut].direct += amount
    for cut, amount in allocated.shared.items():
        found[cut].spend += amount
    for row in bought:
        one = found[row["cut"]]
        one.deals, one.revenue, one.squares = row["deals"], int(row["revenue"]), row["squares"]
    return dict(found)


def together(found: Mapping[str, Costed], left: int) -> Costed:
    """All cuts, and what could not be allocated."""
    every = Costed(spend=left)
    for one in found.values():
        every.spend, every.direct = every.spend + one.spend, every.direct + one.direct
        every.deals, every.revenue = every.deals + one.deals, every.revenue + one.revenue
        every.squares += one.squares
        every.counts = {step: n + one.counts[step] for step, n in every.counts.items()}
    return every


def behind(engine: Engine, cohort: "ibis.Table", step: str) -> list[int]:
    """Who of a cohort is counted at one of STEPS, the newest lead first."""
    return newest(engine, cohort.filter(steps(cohort)[step]))
