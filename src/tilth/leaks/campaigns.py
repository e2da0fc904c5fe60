"""Campaigns that run while sales knows nothing of them: their leads come to people who cannot say what they are about."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from tilth.campaigns.models import Briefing, Campaign, Cost
from tilth.core.terms import Terms
from tilth.qualify.models import Standing
from tilth.touches.models import Origin

LIVE = timedelta(days=14)


@dataclass(frozen=True)
class Running:
    """A campaign that cost money or brought leads in the last LIVE days.

    leads     n of people who became a lead through it in this time, and what they are expected to bring, in minor units
    """

    campaign: Campaign
    since: datetime
    leads: int
    worth: int
    briefing: Briefing | None


def running(terms: Terms, now: datetime) -> list[Running]:
    """All that run now, what brought the most money first; four queries."""
    since = now - LIVE
    brought = Origin.objects.filter(campaign=OuterRef("pk"), at__gte=since)
    spent = Cost.objects.filter(campaign=OuterRef("pk"), day__gte=since.date(), day__lte=_day(now, terms))
    rows = list(Campaign.objects.filter(Q(Exists(brought)) | Q(Exists(spent))))
    told = {b.campaign_id: b for b in Briefing.objects.filter(campaign__in=rows).select_related("by").order_by("pk")}
    leads, worth = _brought(rows, terms, since)
    found = [Running(c, c.at, leads.get(c.pk, 0), worth.get(c.pk, 0), told.get(c.pk)) for c in rows]
    return sorted(found, key=lambda r: (-r.worth, -r.leads, r.campaign.pk))


def _brought(rows: list[Campaign], terms: Terms, since: datetime) -> tuple[dict[int, int], dict[int, int]]:
    leads: dict[int, int] = {}
    worth: dict[int, int] = {}
    cells = (
        Standing.objects.filter(person__origin__campaign__in=rows, person__origin__at__gte=since)
        .order_by()
        .values_list("person__origin__campaign", "grade", "level")
        .annotate(n=Count("pk"))
    )
    for campaign, grade, level, n in cells:
        leads[campaign] = leads.get(campaign, 0) + n
        worth[campaign] = worth.get(campaign, 0) + n * (terms.value(grade, level) if grade else 0)
    return leads, worth


def _day(now: datetime, terms: Terms) -> date:
    return now.astimezone(terms.zone).date()
