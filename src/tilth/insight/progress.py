"""How far we are towards a goal: what was won in its period and its currency.

Asked of the transaction tables for now; the lake takes over with the backtest, behind these same functions.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from tilth.deals.models import Won

from .period import Period


@dataclass(frozen=True)
class Progress:
    """What was won. `amount` in minor units of `currency`.

    deals       n of deals won in the period in this currency; `customers` of them are different buyers: a deal's company
                counts once, without a company its person, without either the deal itself
    elsewhere   n of deals won in the period in other currencies, which `amount` leaves out
    """

    amount: int
    currency: str
    deals: int
    customers: int
    elsewhere: int


def progress(period: Period, currency: str) -> Progress:
    """What was won in a period, by the moment of winning. One row, zeros when nothing was."""
    ours = Q(deal__currency=currency)
    alone = ours & Q(deal__company=None)
    found = Won.objects.filter(**period.within("at")).aggregate(
        amount=Sum("amount", filter=ours),
        deals=Count("pk", filter=ours),
        firms=Count("deal__company", distinct=True, filter=ours),
        people=Count("deal__person", distinct=True, filter=alone),
        nameless=Count("pk", filter=alone & Q(deal__person=None)),
        elsewhere=Count("pk", filter=~ours),
    )
    customers = found["firms"] + found["people"] + found["nameless"]
    return Progress(found["amount"] or 0, currency, found["deals"], customers, found["elsewhere"])


def won_by_day(period: Period, currency: str) -> list[tuple[date, int]]:
    """Amount won on each day on which something was, in minor units; days ascending, in the period's zone."""
    rows = (
        Won.objects.filter(deal__currency=currency, **period.within("at"))
        .values(day=TruncDate("at", tzinfo=period.zone))
        .annotate(amount=Sum("amount"))
        .order_by("day")
    )
    return [(r["day"], r["amount"]) for r in rows]
