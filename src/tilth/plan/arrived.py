"""Which leads came in a plan's period, by day and conversion point. One question."""

from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.db.models.functions import TruncDate

from tilth.insight.period import Period
from tilth.touches.models import Origin

from .models import Goal


def arrived(goal: Goal, zone: ZoneInfo) -> list[tuple[date, str, int]]:
    """Day, key of the offer ("" where nobody said) and number of people who became a lead by it, ascending."""
    rows = (
        Origin.objects.filter(**Period(goal.first, goal.last, zone).within("at"))
        .annotate(day=TruncDate("at", tzinfo=zone))
        .values_list("day", "offer__key")
        .annotate(n=Count("pk"))
        .order_by("day", "offer__key")
    )
    return [(day, key or "", n) for day, key, n in rows]
