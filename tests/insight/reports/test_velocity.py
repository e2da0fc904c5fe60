"""Velocity as it is told: T6 by name, with its levers."""

from datetime import UTC, date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.insight.measures.lakes import day, lake_of, lead, won
from tilth.insight.engine import Engine
from tilth.insight.period import Period
from tilth.insight.report import Asked, as_json, of_json
from tilth.insight.reports.velocity import REPORT

pytestmark = pytest.mark.django_db
HUNDRED = Period(date(2026, 1, 5), date(2026, 4, 14), ZoneInfo("UTC"))
WORTH = 16_427_105  # of each deal, in cents: with 4 open, a quarter won and ten days, that is 500,000.00 a month


def lake(folder: Path, worth: int = WORTH) -> Engine:
    deals = [won(p, 10, worth if p < 10 else None, won=p < 10, opened_at=day(0), product="A") for p in range(40)]
    return lake_of(folder, people=[lead(p, 0) for p in range(40)] + [lead(99, 99)], deals=deals)


def asked(engine: Engine, **told: str) -> Asked:
    return Asked(REPORT.chosen(told), HUNDRED, day(100).replace(tzinfo=UTC), None, engine)


def test_t6_a_goal_of_twice_the_velocity_has_a_factor_of_two(tmp_path: Path) -> None:
    result = REPORT.work(asked(lake(tmp_path, WORTH // 10), by="product", goal="100,000"))
    assert of_json(as_json(result)) == result
    assert result.said["velocity"] == pytest.approx(50_000_00, abs=100)
    told = REPORT.answer(result)
    assert told.startswith("€50,000 a month comes from the deals that are worked (€")
    assert told.endswith("). The gap to the goal is €50,000: a factor of 2.0.")
    assert {lever["name"]: round(lever["needed"], 2) for lever in result.said["levers"]} == {
        "deals": 8, "value": pytest.approx(2 * (WORTH // 10)), "win": 0.5, "cycle": 5,
    }  # fmt: skip
    notes = REPORT.notes(result)
    assert sum(note.startswith("Lever") for note in notes) == 4
    assert any("cycle alone: from 10.0 days to 5.0 days; the best so far is 10.0 days." in note for note in notes)
    reach = [lever["reach"] for lever in result.said["levers"]]
    assert reach == sorted(reach)
    [row] = result.rows
    assert (row["cut"], row["opened"], row["won"], row["win"].n) == ("A", 40, 10, 40)
    assert row["velocity"].low < row["velocity"].value < row["velocity"].high


def test_a_goal_that_is_reached_or_cannot_be_read_has_no_levers(tmp_path: Path) -> None:
    engine = lake(tmp_path)
    reached = REPORT.work(asked(engine, goal="1000"))
    assert REPORT.answer(reached).endswith("That is the goal, or more.")
    unread = REPORT.work(asked(engine, goal="much"))
    assert "The goal could not be read" in REPORT.notes(unread)[0]
    for goal in ("nan", "inf", "-5", ""):
        assert REPORT.work(asked(engine, goal=goal)).said["levers"] == []


def test_the_people_of_the_deals(tmp_path: Path) -> None:
    wish = asked(lake(tmp_path), by="product")
    result = REPORT.work(wish)
    for row in (*result.rows, result.together):
        assert row is not None
        assert len(REPORT.people(wish, row["key"], "opened")) == row["opened"] == 40
        assert len(REPORT.people(wish, row["key"], "won")) == row["won"] == 10
    assert REPORT.people(wish, "nothing", "won") == []


def test_too_few_deals_say_so(tmp_path: Path) -> None:
    empty = REPORT.work(asked(lake_of(tmp_path)))
    assert REPORT.answer(empty).startswith("Too few deals")
    assert REPORT.notes(empty)
    few = REPORT.work(asked(lake_of(tmp_path / "few", deals=[won(1, 10, 5, opened_at=day(0))])))
    assert few.rows[0]["velocity"].lacks == 29
    assert REPORT.answer(few).startswith("Too few deals")


def test_it_is_a_page(client_of: Any, ann: Any, tmp_path: Path, settings: Any, stopped_clock: Any) -> None:
    settings.HOME = tmp_path
    assert "How much money a month" in client_of(ann).get("/insight/velocity/?goal=100000").content.decode()
