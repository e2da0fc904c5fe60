"""T6 on the page: a goal against velocity, with the levers that close the gap."""

from datetime import date

import pytest

from tilth.core.velocity import MONTH
from tilth.insight.models import Kept
from tilth.insight.report import Figure, Result, as_json
from tilth.plan.models import Goal

pytestmark = pytest.mark.usefixtures("stopped_clock")


def figure(value, low, high):
    return Figure(value, low, high, 40)


def page_of_goal(client, amount, agreement, carla, now) -> str:
    Goal.objects.create(
        amount=amount, currency="EUR", first=date(2026, 1, 1), last=date(2026, 12, 31), set_by=carla, set_at=now
    )
    client.get("/plan/")  # asks for what history says
    together = {
        "key": "", "deals": figure(10.0, 6.0, 12.0), "value": figure(600_000.0, 5e5, 7e5), "win": figure(0.25, 0.2, 0.4),
        "cycle": figure(0.3 * MONTH, 7.0, 15.0), "velocity": figure(5_000_000.0, 4e6, 6e6),
    }  # fmt: skip
    found = Result([], together, {"velocity": 5_000_000.0, "levers": []}, "EUR")
    Kept.objects.filter(report="velocity").update(result=as_json(found), as_of=now)
    return " ".join(client.get("/plan/").content.decode().split())


def test_t6_a_goal_of_100000_at_a_velocity_of_50000(client_of, ann, agreement, carla, now) -> None:
    months = 365 / MONTH
    page = page_of_goal(client_of(ann), round(10_000_000 * months), agreement, carla, now)
    assert (
        "The goal takes €100,000 a month, at today’s velocity sales brings €50,000: a gap of €50,000, a factor of 2.00."
        in page
    )
    levers = [
        page.index(said)
        for said in ("Conversion: 50.0% of deals won instead of 25.0% (never", "Speed: 4.6 days", "Volume: 20.0 deals")
    ]
    assert levers == sorted(levers)  # the nearest first
    assert "Or together, nearest to what was seen: 11.5 deals open at a time, 35.6% of them won, in 7.5 days." in page


def test_a_goal_below_velocity_is_within_reach(client_of, ann, agreement, carla, now) -> None:
    assert "it is within reach" in page_of_goal(client_of(ann), 1_000_000, agreement, carla, now)
