"""From lead to MQL to SQL to customer, by where the leads came from (R22, R48).

Two cohorts, which answer two questions. `came_in` follows everyone who became a lead in the period: which source and
which offer brings customers. `handed_off` follows everyone whom marketing passed on in the period: what became of them.
Both count people, not events, and neither forgets who is still open: an open lead is in the denominator.

Asked of the transaction tables for now; the lake takes over with the backtest, behind these same functions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from tilth.core.rates import Rate
from tilth.deals.models import Won
from tilth.handoff.models import Handoff, Qualified
from tilth.touches.models import Origin

from .period import Period

SOURCE = "source"
OFFER = "offer"


@dataclass(frozen=True)
class Funnel:
    """What became of one group of leads. Grain: a person counts once in each column.

    name         the source as it was written, or the offer's name; "" when nobody said, which is not "unknown"
    leads        n of people in the cohort
    handed_off   of these, how many were passed on to sales (MQL)
    sql          of these, how many sales found ready to buy (SQL)
    won          of these, how many bought
    """

    name: str
    leads: int
    handed_off: int
    sql: int
    won: int

    @property
    def to_handoff(self) -> Rate:
        """Share of leads that were handed off."""
        return Rate(self.handed_off, self.leads)

    @property
    def to_sql(self) -> Rate:
        """Share of handed-off leads that became SQL; the ones still open count as not yet."""
        return Rate(self.sql, self.handed_off)

    @property
    def to_won(self) -> Rate:
        """Share of leads that bought."""
        return Rate(self.won, self.leads)


def came_in(period: Period, by: str) -> list[Funnel]:
    """Everyone who became a lead in the period, by SOURCE or OFFER; the largest group first.

    Denominator: people with an `Origin` in the period. Won counts whatever they bought, whenever it was, so a deal
    that was won before the first recorded contact (and is flagged for it) is not lost.
    """
    mine = OuterRef("person")
    return _rows(
        Origin.objects.filter(**period.within("at"))
        .values(name=F(SOURCE) if by == SOURCE else Coalesce("offer__name", Value("")))
        .annotate(
            leads=Count("pk"),
            handed_off=Count("pk", filter=Exists(Handoff.objects.filter(person=mine))),
            sql=Count("pk", filter=Exists(Qualified.objects.filter(handoff__person=mine))),
            won=Count("pk", filter=Exists(Won.objects.filter(deal__person=mine))),
        )
    )


def handed_off(period: Period, by: str) -> list[Funnel]:
    """Everyone who was handed off in the period, by SOURCE or OFFER of how they became a lead; the largest group first.

    Denominator: people with a `Handoff` in the period. SQL counts the verdict on those handoffs; won counts what was
    bought after one of them. In this cohort `leads` equals `handed_off`.
    """
    bought = Won.objects.filter(deal__person=OuterRef("person"), at__gte=OuterRef("at"))
    people = Count("person", distinct=True)
    return _rows(
        Handoff.objects.filter(**period.within("at"))
        .values(name=Coalesce("person__origin__source" if by == SOURCE else "person__origin__offer__name", Value("")))
        .annotate(
            leads=people,
            handed_off=people,
            sql=Count("person", distinct=True, filter=Q(the_qualified__isnull=False)),
            won=Count("person", distinct=True, filter=Exists(bought)),
        )
    )


def together(rows: Iterable[Funnel], name: str = "") -> Funnel:
    """The sum line: groups do not overlap, since everyone has one origin."""
    rows = list(rows)
    return Funnel(name, *(sum(getattr(r, c) for r in rows) for c in ("leads", "handed_off", "sql", "won")))


def _rows(grouped: QuerySet[Any, Any]) -> list[Funnel]:
    return sorted((Funnel(**row) for row in grouped.order_by()), key=lambda r: (-r.leads, r.name))
