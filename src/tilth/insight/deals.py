"""Deals that ended: won or lost, by the quarter in which they closed; and what is open now.

Asked of the transaction tables for now; the lake takes over with the backtest, behind these same functions.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Sum
from django.db.models.functions import TruncQuarter

from tilth.core.rates import Rate
from tilth.deals.models import Deal, Lost, Won

from .period import Period


@dataclass(frozen=True)
class Ended:
    """Deals that closed. `revenue` maps currency to minor units; currencies are never added up."""

    won: int = 0
    lost: int = 0
    revenue: Mapping[str, int] = field(default_factory=dict)

    @property
    def win_rate(self) -> Rate:
        """Won of won and lost. Open deals are in neither: see `open_now` for how many there are."""
        return Rate(self.won, self.won + self.lost)


@dataclass(frozen=True)
class Open:
    """Deals that are neither won nor lost, in one currency. `unpriced` of the n have no amount yet."""

    currency: str
    n: int
    amount: int
    unpriced: int


def by_quarter(period: Period) -> dict[date, Ended]:
    """First day of the quarter to what closed in it; ascending, quarters without any are absent.

    Grain: one deal counts once, in the quarter (of the period's zone) in which it was won or lost.
    """
    quarter = TruncQuarter("at", tzinfo=period.zone)
    won = (
        Won.objects.filter(**period.within("at"))
        .values("deal__currency", quarter=quarter)
        .annotate(n=Count("pk"), amount=Sum("amount"))
        .order_by("quarter")
    )
    lost = (
        Lost.objects.filter(**period.within("at")).values(quarter=quarter).annotate(n=Count("pk")).order_by("quarter")
    )
    wins: Counter[date] = Counter()
    losses = Counter({r["quarter"].date(): r["n"] for r in lost})
    revenue: dict[date, dict[str, int]] = {}
    for r in won:
        day = r["quarter"].date()
        wins[day] += r["n"]
        revenue.setdefault(day, {})[r["deal__currency"]] = r["amount"]
    return {day: Ended(wins[day], losses[day], revenue.get(day, {})) for day in sorted({*wins, *losses})}


def together(ended: Iterable[Ended]) -> Ended:
    """The sum line of several quarters."""
    ended = list(ended)
    revenue: Counter[str] = Counter()
    for e in ended:
        revenue.update(e.revenue)
    return Ended(sum(e.won for e in ended), sum(e.lost for e in ended), dict(revenue))


def open_now() -> list[Open]:
    """What is open at this moment, one row per currency; the largest amount first."""
    rows = (
        Deal.objects.filter(won=None, lost=None)
        .values("currency")
        .annotate(n=Count("pk"), total=Sum("amount"), priced=Count("amount"))
        .order_by()
    )
    found = [Open(r["currency"], r["n"], r["total"] or 0, r["n"] - r["priced"]) for r in rows]
    return sorted(found, key=lambda o: (-o.amount, o.currency))


def lost_by_reason(period: Period) -> list[tuple[str, int]]:
    """Reason and n of deals lost in the period; the commonest first. Denominator: all deals lost in it."""
    rows = Lost.objects.filter(**period.within("at")).values("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    return [(r["reason"], r["n"]) for r in rows]
