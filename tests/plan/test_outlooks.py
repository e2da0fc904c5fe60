"""The chance of the plan in force once a day, and why it moved: the parts add up."""

from dataclasses import asdict
from datetime import date, timedelta

import pytest

from tests.conftest import NOW
from tests.plan.test_past import RESULT
from tilth.core import forecast
from tilth.core.planned import read
from tilth.insight.models import Kept
from tilth.insight.report import as_json
from tilth.plan import outlooks, versions
from tilth.plan.models import Goal, Outlook
from tilth.plan.past import known

DAY = timedelta(days=1)
DOCUMENT = {"goal": "1000000", "first": "2026-01-01", "last": "2026-12-31", "hours": "40"}


@pytest.fixture
def goal(agreement, ann, now) -> Goal:
    known(now)  # asks for our history
    Kept.objects.update(result=as_json(RESULT), as_of=now)
    scenario = versions.begin(DOCUMENT, known(now).past, ann, now, "Plan 2026")
    return versions.propose(scenario, known(now).past, ann, now, date(2026, 6, 16))


def test_it_is_looked_at_once_a_day(goal, now):
    assert [outlooks.catch_up(now), outlooks.catch_up(now), outlooks.catch_up(now + DAY)] == [1, 0, 1]
    first, second = Outlook.objects.order_by("day")
    assert (first.day, second.day) == (date(2026, 6, 16), date(2026, 6, 17))
    assert 0 < first.chance < 1
    assert first.low < first.middle < first.high
    assert (first.period, second.period != {}) == ({}, True)
    assert first.because == {}


def test_what_was_simulated_is_kept_to_the_bit(goal, now):
    period = forecast.period(read(goal.told(), known(now).past), date(2026, 6, 16))
    outlooks.catch_up(now)
    assert outlooks.period_of(Outlook.objects.get().period) == outlooks.period_of(asdict(period))


def test_without_history_nothing_is_looked_at_yet(goal, now):
    Kept.objects.update(result=None, as_of=None)
    assert outlooks.catch_up(now) == 0


def test_why_it_moved_adds_up_and_names_what_changed(goal, now):
    outlooks.catch_up(now)
    worse = as_json(RESULT)
    for row in (*worse["rows"], worse["together"]):
        figure = row["map"]["to_won"]["figure"]
        row["map"]["to_won"]["figure"] = [figure[0] and figure[0] / 2, *figure[1:]]
    Kept.objects.update(result=worse)
    outlooks.catch_up(now + 7 * DAY)
    before, after = Outlook.objects.order_by("day")
    assert after.chance - before.chance == pytest.approx(sum(after.because.values()))
    assert after.because["rates"] < -0.05
    moved = outlooks.moved(goal)
    assert (moved.since, moved.now) == (before.day, after.chance)
    assert "rates" in dict(moved.because)


def test_a_chance_that_hardly_moved_says_nothing(goal, now):
    outlooks.catch_up(now)
    assert outlooks.moved(goal) is None


def test_a_period_that_is_over_has_no_outlook(goal):
    Goal.objects.update(first=date(2026, 6, 1), last=date(2026, 6, 15))
    goal.refresh_from_db()
    assert outlooks.look(goal, read(goal.told(), known(NOW).past), NOW) == 0


def test_two_workers_keep_one_outlook_a_day(goal, now) -> None:
    """The second has looked whether there is one before the first kept its own."""
    planned = read(goal.told(), known(now).past)
    assert [outlooks.look(goal, planned, now), outlooks.look(goal, planned, now)] == [1, 0]
    assert Outlook.objects.count() == 1
