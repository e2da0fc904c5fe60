"""Leads that came in a plan's period, by day and conversion point."""

from datetime import UTC, date, datetime

from tilth.plan.arrived import arrived
from tilth.plan.models import Goal
from tilth.touches.record import offer, record


def test_leads_count_on_the_day_where_the_firm_is(agreement, anouk, carla, now):
    goal = Goal.objects.create(
        amount=1, currency="EUR", first=date(2026, 1, 1), last=date(2026, 12, 31), set_by=carla, set_at=now
    )
    late = datetime(2026, 6, 1, 22, 30, tzinfo=UTC)  # in Amsterdam it is 2 June
    record("form", late, now, person=anouk, offer=offer("demo", now))
    assert arrived(goal, agreement.terms.zone) == [(date(2026, 6, 2), "demo", 1)]
    goal.first = date(2026, 6, 3)
    assert arrived(goal, agreement.terms.zone) == []
