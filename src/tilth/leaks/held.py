"""Leaks among the leads that somebody has: the owner is gone, a promise is overdue, sales went quiet, nothing comes next.

Who has said what they do next, and by which day from today on, has the lead in hand: that is no leak.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from tilth.core.terms import Terms
from tilth.deals.models import Deal
from tilth.handoff.models import Holding
from tilth.promises.ledger import stale
from tilth.promises.models import Obligation
from tilth.team.models import AT_MOST_AWAY, Absence, Member
from tilth.touches.models import NextStep

from .kinds import Kind


def leaking(terms: Terms, now: datetime) -> QuerySet[Any, Any]:
    """Holdings with their `kind` of leak and what they are `worth` in minor units of the house's currency."""
    today = now.astimezone(terms.zone).date()
    planned = NextStep.objects.filter(person=OuterRef("person"), done_at=None, on__gte=today)
    open_ones = Obligation.objects.filter(handoff=OuterRef("handoff"), open=True).exclude(kind=Obligation.Kind.STATUS)
    taken = Q(handoff__the_acceptance__isnull=False)
    kind = Case(
        When(owner__in=gone(today), then=Value(Kind.OWNER_GONE)),
        When(Exists(planned), then=Value("")),
        When(Exists(open_ones.filter(due_at__lt=now)), then=Value(Kind.OVERDUE)),
        When(handoff__in=stale(now).values("handoff"), then=Value(Kind.STALE)),
        When(taken & ~Exists(open_ones), then=Value(Kind.NO_STEP)),
        default=Value(""),
        output_field=CharField(),
    )
    return Holding.objects.annotate(kind=kind, worth=_worth(terms.currency)).exclude(kind="")


def gone(today: date) -> list[int]:
    """Members who cannot see to a lead: closed account, last day over, or away for longer than a promise waits."""
    left = Member.objects.filter(Q(is_active=False) | Q(week__last_day__lt=today))
    long = Absence.objects.filter(first__lte=today, last__gt=today + timedelta(days=AT_MOST_AWAY.days))
    return [*left.values_list("pk", flat=True), *long.values_list("member", flat=True)]


def _worth(currency: str) -> Any:
    """The open deals' amount, where there is one; else the lead's expected value."""
    deals = Deal.objects.filter(handoff=OuterRef("handoff"), won=None, lost=None, currency=currency)
    amount = deals.order_by().values("handoff").annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(amount), "handoff__value")
