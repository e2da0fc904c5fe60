"""The way back from the goal: customers, SQLs, leads, and what one lead is worth (R2-R5).

Each number is typed, or comes from the last twelve months where there are enough; else it is asked for.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from tilth.core.plan import Need, average_lead_value, backward, whole
from tilth.insight.history import History
from tilth.plan.models import Goal

WEEK = 7


@dataclass(frozen=True)
class Start:
    """The numbers to start from; `typed` names the ones that somebody typed over our history."""

    deal: int | None
    to_sql: Fraction | None
    to_won: Fraction | None
    typed: frozenset[str]

    @property
    def complete(self) -> bool:
        return None not in (self.deal, self.to_sql, self.to_won)


@dataclass(frozen=True)
class Way:
    """What a goal takes. Counts are shown as whole numbers, and nothing is rounded before they are shown."""

    need: Need
    goal: Goal
    start: Start

    @property
    def rates(self) -> dict[str, float]:
        """The two rates as shares, for showing only."""
        to_sql, to_won = self.need.rates
        return {"to_sql": float(to_sql), "to_won": float(to_won)}

    @property
    def customers(self) -> int:
        return whole(self.need.customers)

    @property
    def sqls(self) -> int:
        return whole(self.need.steps[1])

    @property
    def leads(self) -> int:
        return whole(self.need.leads)

    @property
    def lead_value(self) -> float:
        """Average value of one lead, in minor units."""
        return float(average_lead_value(self.goal.amount, self.need.leads))

    def leads_a_week(self, today: date) -> float:
        """So many from now on, if none had come yet, or from the first day of a goal that lies ahead."""
        days = (self.goal.last - max(today, self.goal.first)).days + 1
        return float(self.need.leads) / max(days / WEEK, 1)


def start(typed: dict[str, Any], history: History) -> Start:
    """What was typed goes before our history, and history counts where there is enough of it."""
    deal = round(history.deal.mean) if history.deal.enough and history.deal.mean else None
    rates = {"to_sql": history.to_sql, "to_won": history.to_won}
    known = {k: Fraction(r.hits, r.n) if r.hits and not r.lacks else None for k, r in rates.items()}
    given = {k for k in ("deal", "to_sql", "to_won") if typed.get(k)}
    return Start(
        typed.get("deal") or deal, typed.get("to_sql") or known["to_sql"], typed.get("to_won") or known["to_won"],
        frozenset(given),
    )  # fmt: skip


def way(goal: Goal, start: Start) -> Way | None:
    """The way back; None while a number is lacking."""
    if start.deal is None or start.to_sql is None or start.to_won is None:
        return None
    return Way(backward(goal.amount, start.deal, start.to_sql, start.to_won), goal, start)
