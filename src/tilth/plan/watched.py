"""The figures that a plan B can watch, of a goal or of a campaign. A new one is one line in `FIGURES`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from tilth.agreement.models import house_zone, running
from tilth.campaigns.models import Campaign, Cost
from tilth.core.figures import DIGITS
from tilth.deals.models import Won
from tilth.handoff.models import Handoff, Review
from tilth.insight import compliance, promises
from tilth.insight.period import Period
from tilth.insight.progress import progress
from tilth.insight.words import number, percent
from tilth.promises.models import Obligation
from tilth.touches.models import Origin

from .models import Contingency, Goal

LATELY = 4  # weeks that are looked back on
FEW = 5  # cases below which a share says nothing
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Figure:
    """One watched figure.

    of       goal or campaign
    share    it is a percentage, else a plain number
    value    from what it belongs to, at a moment; None when nothing can be said
    """

    title: Any
    of: str
    share: bool
    value: Callable[[Any, datetime, ZoneInfo], float | None]

    def said(self, value: float | None) -> str:
        if value is None:
            return "–"
        return percent(value / 100) if self.share else number(value, 0 if value >= 100 else 1)


def _won(goal: Goal, now: datetime, zone: ZoneInfo) -> float | None:
    """Revenue won, by what an even pace through the period would have won by now."""
    period = Period(goal.first, goal.last, zone)
    due = goal.amount * period.passed(now)
    return progress(period, goal.currency).amount / due * 100 if due else None


def _delivered(goal: Goal, now: datetime, zone: ZoneInfo) -> float | None:
    """Leads that marketing delivered in the goal's period, by what it had promised by now."""
    found = promises.deliveries(Period(goal.first, goal.last, zone), now)
    promised = sum(one.promised for one in found)
    return sum(one.came for one in found) / promised * 100 if promised else None


def _worth(goal: Goal, now: datetime, zone: ZoneInfo) -> float | None:
    """What the leads delivered in the goal's period are worth, by what marketing had promised by now, in the goal's currency."""
    rows = (
        Obligation.objects.filter(kind=Obligation.Kind.DELIVERY, due_at__lt=now, value__gt=0)
        .filter(**Period(goal.first, goal.last, zone).within("due_at"))
        .exclude(settlement__void=True)
        .select_related("settlement", "version")
    )
    owed = [row for row in rows if row.version.terms.currency == goal.currency]
    came = sum(row.settlement.value or 0 for row in owed if hasattr(row, "settlement"))
    return came / sum(row.value for row in owed) * 100 if owed else None


def _chance(goal: Goal, now: datetime, zone: ZoneInfo) -> float | None:
    """As it was last looked at, within a week: that of a plan which another has replaced is looked at no more."""
    since = now.astimezone(zone).date() - WEEK
    row = goal.outlooks.filter(day__gt=since).order_by("-day").first()
    return row.chance * 100 if row else None


def _kept(goal: Goal, now: datetime, zone: ZoneInfo) -> float | None:
    """Promises of sales that were kept, of those that fell due lately."""
    lines = [line for line in compliance.by_kind(_lately(now, zone), now) if line.debtor == compliance.SALES]
    rate = compliance.total(lines)
    return None if rate.n < FEW or rate.value is None else rate.value * 100


def _returned(goal: Goal, now: datetime, zone: ZoneInfo) -> float | None:
    """Leads handed over lately that sales returned, counted as the report on returns does: one that was overturned is none."""
    rows = Handoff.objects.filter(the_withdrawal=None, **_lately(now, zone).within("at")).exclude(
        the_return__the_review__verdict=Review.Verdict.OVERTURNED
    )
    n = rows.count()
    return rows.exclude(the_return=None).count() / n * 100 if n >= FEW else None


def _leads(campaign: Campaign, now: datetime, zone: ZoneInfo) -> float | None:
    return float(Origin.objects.filter(campaign=campaign, **_lately(now, zone).within("at")).count())


def _cost(campaign: Campaign, now: datetime, zone: ZoneInfo) -> float | None:
    """What a lead of the campaign cost so far, in whole units of money of the agreement."""
    version = running(now)
    leads = Origin.objects.filter(campaign=campaign).count()
    if version is None or not leads:
        return None
    spent = Cost.objects.filter(campaign=campaign, currency=version.terms.currency).aggregate(n=Sum("amount"))["n"] or 0
    return spent / leads / 10 ** DIGITS.get(version.terms.currency, 2)


def _deals(campaign: Campaign, now: datetime, zone: ZoneInfo) -> float | None:
    return float(Won.objects.filter(deal__person__origin__campaign=campaign).count())


FIGURES: dict[str, Figure] = {
    "won": Figure(_("Revenue won, by an even pace"), "goal", True, _won),
    "delivered": Figure(_("Leads delivered, of those promised"), "goal", True, _delivered),
    "worth": Figure(_("Value of leads delivered, of that promised"), "goal", True, _worth),
    "chance": Figure(_("Chance of the goal"), "goal", True, _chance),
    "kept": Figure(_("Promises of sales kept, of the last four weeks"), "goal", True, _kept),
    "returned": Figure(_("Leads returned, of the last four weeks"), "goal", True, _returned),
    "leads": Figure(_("Leads of the last four weeks"), "campaign", False, _leads),
    "cost": Figure(_("Cost of a lead"), "campaign", False, _cost),
    "deals": Figure(_("Deals won"), "campaign", False, _deals),
}


def value_of(rule: Contingency, now: datetime) -> float | None:
    """What a rule's figure is now."""
    figure = FIGURES[rule.figure]
    return figure.value(rule.goal or rule.campaign, now, house_zone(running(now)))


def _lately(now: datetime, zone: ZoneInfo) -> Period:
    """The last whole weeks, up to yesterday."""
    last = now.astimezone(zone).date() - DAY
    return Period(last - timedelta(weeks=LATELY) + DAY, last, zone)
