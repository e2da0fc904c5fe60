"""Handoffs and what came back of them, by hand; and the court's charge, from the database to the lake."""

from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.insight.measures.lakes import lake_of, lead, outcome
from tilth.insight.engine import Engine
from tilth.insight.measures.returns import Wish, behind, came_back, counted
from tilth.insight.period import Period

WINTER = Period(date(2026, 1, 1), date(2026, 3, 31), ZoneInfo("UTC"))


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """The fair's 1 came back twice, 2 once; google's 3 is still with sales; 4 was handed off before the period."""
    people = [lead(p, 0, source="fair" if p < 3 else "google") for p in range(1, 5)]
    outcomes = [
        outcome(1, 1, "handoff"), outcome(1, 2, "returned", reason="no-fit", charged="content", handoff=1),
        outcome(1, 30, "handoff"), outcome(1, 95, "handed_back", reason="silent", handoff=77),
        outcome(2, 5, "handoff"), outcome(2, 5, "returned", reason="no-fit"), outcome(3, 5, "handoff"),
        outcome(4, -20, "handoff"), outcome(4, 3, "returned", reason="no-fit"),
    ]  # fmt: skip
    return lake_of(tmp_path, people=people, outcomes=outcomes)


def told(engine: Engine, **wish: Any) -> tuple[dict[str, int], set[tuple[Any, ...]]]:
    of, rows = counted(
        engine, Wish(WINTER, wish.get("by", "source"), None, wish.get("source", "")), wish.get("each", True)
    )
    columns = ("cut", "reason", "back", "returned", "definition", "content", "data", "waiting")
    return of, {tuple(row[c] for c in columns) for row in rows}


def test_by_source_and_reason_of_the_handoffs_of_the_period(engine: Engine) -> None:
    of, rows = told(engine)
    assert of == {"fair": 3, "google": 1}
    assert rows == {("fair", "no-fit", 2, 2, 0, 1, 0, 1), ("fair", "silent", 1, 0, 0, 0, 0, 0)}


def test_together_over_quarters_and_of_one_source(engine: Engine) -> None:
    assert told(engine, each=False)[1] == {("fair", "", 3, 2, 0, 1, 0, 1)}
    assert told(engine, by="quarter")[0] == {"2026-01-01": 4}
    assert told(engine, source="google") == ({"google": 1}, set())


def test_the_people_behind(engine: Engine) -> None:
    back = came_back(engine, Wish(WINTER, "source", None))
    assert behind(engine, back, "back") == [1, 2, 1]
    assert behind(engine, back, "content") == [1]
    assert behind(engine, back, "waiting") == [2]
