"""How long stages take and where deals wait, as it is told."""

from datetime import UTC, date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.insight.measures.lakes import day, lake_of, lead, stage
from tests.insight.measures.test_durations import lake as deals_of
from tilth.insight.engine import Engine
from tilth.insight.period import Period
from tilth.insight.report import Asked, Report, as_json, of_json
from tilth.insight.reports.durations import REPORT
from tilth.insight.reports.waiting import REPORT as WAITING

pytestmark = pytest.mark.django_db
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))


def asked(engine: Engine, report: Report = REPORT, **told: str) -> Asked:
    return Asked(report.chosen(told), YEAR, day(100).replace(tzinfo=UTC), None, engine)


def test_it_names_the_slowest_stage(tmp_path: Path) -> None:
    stages = [stage(p, 0, "lead", "") for p in range(40)] + [stage(p, 12, "mql") for p in range(30)]
    wish = asked(lake_of(tmp_path, people=[lead(p, 100) for p in range(40)], stages=stages))
    result = REPORT.work(wish)
    assert of_json(as_json(result)) == result
    assert REPORT.answer(result) == "Lead takes longest: half had left it after 12.0 days (12.0 to 12.0)."
    lead_row, mql = result.rows
    assert (lead_row["entered"], lead_row["still"], lead_row["half"].value) == (40, 10, 12)
    assert mql["half"].lacks == 10
    assert REPORT.worded(result).rows[0]["stage"] == "Lead"
    for row in result.rows:
        for column in ("entered", "still"):
            assert len(REPORT.people(wish, row["key"], column)) == row[column]
    assert REPORT.answer(REPORT.work(asked(lake_of(tmp_path / "empty")))).startswith("Too few people")


def test_the_longest_wait_comes_first(tmp_path: Path) -> None:
    wish = asked(deals_of(tmp_path), WAITING)
    result = WAITING.work(wish)
    assert of_json(as_json(result)) == result
    assert [row["cut"] for row in result.rows] == ["call", "offer"]
    assert WAITING.answer(result) == "2 of 3 open deals had no sign of life for 30 days or more; €50 waits with them."
    assert "without an amount, or in other currencies: 1" in WAITING.notes(result)[1]
    for row in (*result.rows, result.together):
        for column in ("n", "silent"):
            assert row is not None
            assert len(WAITING.people(wish, row["key"], column)) == row[column]
    by = WAITING.work(asked(deals_of(tmp_path / "again"), WAITING, by="person"))
    assert [row["n"] for row in by.rows] == [3]
    assert WAITING.answer(WAITING.work(asked(lake_of(tmp_path / "empty"), WAITING))) == "No deal is open."


def test_they_are_pages(client_of: Any, ann: Any, tmp_path: Path, settings: Any, stopped_clock: Any) -> None:
    settings.HOME = tmp_path
    for name, question in (("durations", "in each stage"), ("waiting", "have not moved")):
        assert question in client_of(ann).get(f"/insight/{name}/").content.decode()
