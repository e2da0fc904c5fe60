"""What a plan reads of our records: the kept report, and hours of sales by its own calendars."""

from datetime import date, timedelta
from fractions import Fraction

import pytest

from tilth.insight import kept
from tilth.insight.models import Kept
from tilth.insight.report import Figure, Result, as_json
from tilth.plan.past import hours, known, past_of
from tilth.team.models import Absence, Week


def figure(value, n=100):
    return Figure(value, value * 0.9, value * 1.1, n)


RESULT = Result(
    [
        {"key": "demo", "to_sql": figure(0.5), "to_won": figure(0.25), "value": figure(40_000_00), "hours": 2.0, "cost": Figure(None)},
        {"key": "new", "to_sql": Figure(None, n=3, lacks=27), "to_won": Figure(None), "value": Figure(None), "hours": 2.0, "cost": Figure(None)},
    ],
    {"key": "", "to_sql": figure(0.4), "to_won": figure(0.2), "value": figure(30_000_00), "hours": 2.0, "cost": figure(120_00)},
    {
        "points": [
            {"key": "demo", "name": "Demo request", "values": [40_000_00], "delay": [0.5, 0.5], "came": 120, "open": 8, "coming": [1.0]},
            {"key": "new", "name": "New", "values": [], "delay": [], "came": 3, "open": 0, "coming": []},
            {"key": "", "name": "", "values": [], "delay": [], "came": 9, "open": 0, "coming": []},
        ],
        "every": {"values": [30_000_00], "delay": [1.0], "came": 132, "open": 8, "coming": [1.0]},
        "season": [],
    },
    "EUR",
)  # fmt: skip


def test_what_is_too_few_is_left_out_and_the_rest_is_exact():
    past = past_of(RESULT)
    assert past.points.keys() == {"demo", "new"}
    assert past.points["demo"].to_sql.value == Fraction(1, 2)
    assert (past.points["new"].to_sql, past.points["new"].value) == (None, None)
    assert past.every.cost.value == 120_00
    assert past.currency == "EUR"


def test_who_asks_first_gets_nothing_and_the_worker_is_asked(agreement, now):
    found = known(now)
    assert (found.as_of, found.past.points) == (None, {})
    row = Kept.objects.get()
    assert row.report == "inputs"
    Kept.objects.update(result=as_json(RESULT), as_of=now)
    again = known(now)
    assert again.as_of == now
    assert again.past.points["demo"].came == 120
    assert kept.result_of(Kept.objects.get()) == RESULT


@pytest.fixture
def bobs_week(bob) -> Week:
    return Week.objects.create(member=bob, room=10)


def test_hours_follow_the_calendars_of_sales(agreement, bob, bobs_week):
    monday = date(2026, 6, 15)
    Absence.objects.create(member=bob, first=monday + timedelta(weeks=1), last=monday + timedelta(weeks=1, days=4))
    found = hours(agreement.terms, monday)
    assert found[monday] == 10
    assert found[monday + timedelta(weeks=1)] == 0
    assert found[date(2026, 12, 21)] < 10  # Christmas


def test_nobody_said_hours(agreement, bob):
    said = agreement.terms.sales.room_hours
    assert hours(agreement.terms, date(2026, 6, 15)).get(date(2026, 6, 15), 0) == said
