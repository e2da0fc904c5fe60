"""What our own recorded history says about the numbers that a plan starts from (R5), each with its n.

Asked of the transaction tables for now; the lake takes over with the backtest, behind these same functions.
"""

from dataclasses import dataclass

from django.db.models import Avg, Count, Exists, OuterRef, Q, StdDev

from tilth.core.rates import ENOUGH, Rate
from tilth.deals.models import Won
from tilth.handoff.models import Handoff

from .period import Period


@dataclass(frozen=True)
class Average:
    """A mean of `n` amounts in minor units, with the standard error of the mean; None without any."""

    mean: float | None
    error: float | None
    n: int

    @property
    def enough(self) -> bool:
        return self.n >= ENOUGH


@dataclass(frozen=True)
class History:
    """A period's numbers.

    deal       what a won deal brought, in one currency
    to_sql     handed-off leads that became SQL, of all handed off
    to_won     SQLs who bought afterwards, of all SQLs
    """

    deal: Average
    to_sql: Rate
    to_won: Rate


def history(period: Period, currency: str) -> History:
    """The numbers of a period; two queries. Grain of the rates: one handoff, so a lead counts each time it came.

    One that was taken from its owner counts where it went on.
    """
    won = Won.objects.filter(deal__currency=currency, **period.within("at"))
    deal = won.aggregate(mean=Avg("amount"), spread=StdDev("amount"), n=Count("pk"))
    bought = Exists(Won.objects.filter(deal__person=OuterRef("person"), at__gte=OuterRef("at")))
    sql = Q(the_qualified__isnull=False)
    passed = Handoff.objects.filter(the_withdrawal=None, **period.within("at")).aggregate(
        all=Count("pk"), sql=Count("pk", filter=sql), won=Count("pk", filter=sql & Q(bought))
    )
    error = deal["spread"] / deal["n"] ** 0.5 if deal["n"] else None
    return History(
        Average(deal["mean"], error, deal["n"]), Rate(passed["sql"], passed["all"]), Rate(passed["won"], passed["sql"])
    )
