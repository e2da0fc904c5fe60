"""Who came to us beside whom we went to: inbound against outbound (R16).

Grain        one row a way, or a door; everybody counts once, by the touch that made them a lead
Denominator  of shares the leads of that way; of the win rate its deals; of the time to a sale and of the value its customers and won deals
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tilth.core.rates import LEVEL, quantile
from tilth.core.survival import Incidence, incidence
from tilth.insight.engine import Engine
from tilth.insight.period import Period

from .cohort import cohort, in_days
from .dealt import Dealt, dealt

if TYPE_CHECKING:
    from datetime import datetime

    import ibis

INBOUND, OUTBOUND = "inbound", "outbound"
THEMSELVES = "person"  # the door of who came by themselves; every other door is a team of ours
HORIZON = 180  # days in which a deal is won, for its win rate


class Typical(NamedTuple):
    """A mean with its interval, of n."""

    mean: float
    low: float
    high: float
    n: int


def leads(engine: Engine, period: Period, by: str) -> "ibis.Table":
    """The cohort of a period, `cut` by "way" or by "door"; see `cohort.cohort` for its columns."""
    import ibis

    everybody = cohort(engine, period, "source", None).drop("cut")
    people = engine.tables().people
    doors = people.select("person", "door")
    joined = everybody.left_join(doors, "person").drop("person_right")
    way = ibis.ifelse(joined.door == THEMSELVES, INBOUND, OUTBOUND)
    return joined.mutate(cut=way if by == "way" else joined.door)


def days_to_sale(engine: Engine, people: "ibis.Table") -> dict[str, np.ndarray]:
    """Cut to how many days each of its customers took from lead to purchase, ascending; who bought before is left out."""
    bought = people.filter(people.customer >= people.lead_at)
    days = in_days(bought.lead_at, bought.customer)
    rows = engine.run(bought.select("cut", days=days))
    return _by_cut(rows)


def deals(engine: Engine, people: "ibis.Table", currency: str, until: "datetime") -> dict[str, Dealt]:
    """Cut to the deals of its people that were opened since they became a lead."""
    return dealt(engine, currency, until, people.select("person", "cut", "lead_at"))


def win_rate(deals: Dealt) -> Incidence:
    """Won within HORIZON days since a deal was opened; open ones are censored, lost ones can win no more."""
    known = ~np.isnan(deals.days)
    return incidence(deals.days[known], deals.ended[known], HORIZON)


def mean(values: np.ndarray) -> Typical | None:
    """A mean, with the interval of a normal; None without two values."""
    if len(values) < 2:
        return None
    middle, spread = float(values.mean()), quantile(LEVEL) * float(values.std(ddof=1)) / len(values) ** 0.5
    return Typical(middle, max(middle - spread, 0.0), middle + spread, len(values))


def _by_cut(rows: Any) -> dict[str, np.ndarray]:
    cuts = np.array(rows["cut"].to_pylist(), dtype=object)
    days = np.sort(rows["days"].to_numpy()) if not len(cuts) else rows["days"].to_numpy()
    return {str(cut): np.sort(days[cuts == cut]) for cut in sorted(set(cuts.tolist()))}
