"""What both teams put in and bring: hours from their own weeks, money shared, people who add up."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.insight.measures.lakes import day, lake_of, lead, outcome, won
from tilth.agreement.models import Version
from tilth.insight.engine import Engine
from tilth.insight.period import Period
from tilth.insight.report import Asked, Figure, as_json, of_json
from tilth.insight.reports.resources import REPORT
from tilth.team.models import Absence, Member, Week

pytestmark = pytest.mark.django_db
YEAR = Period(date(2026, 1, 5), date(2026, 12, 31), ZoneInfo("UTC"))
FORTNIGHT = Period(date(2026, 1, 5), date(2026, 1, 18), ZoneInfo("UTC"))


def lake(folder: Path) -> Engine:
    return lake_of(
        folder,
        people=[lead(p, 0, door="person") for p in range(30)] + [lead(p, 0, door="marketing") for p in range(30, 40)]
        + [lead(p, 0, door="sales") for p in range(40, 60)],
        outcomes=[outcome(p, 1, "handoff") for p in range(12)] + [outcome(p, 9, "won") for p in (0, 45)],
        deals=[won(0, 9, 5_000), won(45, 9, 7_000)],
        costs=[{"id": 1, "day": date(2026, 1, 6), "amount": 60_001, "currency": "EUR"}],
    )  # fmt: skip


def asked(engine: Engine, version: Version | None = None, period: Period = YEAR) -> Asked:
    return Asked({}, period, day(40).replace(tzinfo=UTC), version, engine)


def test_money_and_people_of_both_teams(tmp_path: Path, ann: Member, bob: Member) -> None:
    wish = asked(lake(tmp_path))
    result = REPORT.work(wish)
    assert of_json(as_json(result)) == result
    marketing, sales = result.rows
    assert [(r["team"], r["members"], r["leads"], r["mql"], r["customers"], r["revenue"]) for r in result.rows] == [
        ("marketing", 1, 40, 12, 1, 5_000), ("sales", 1, 20, 0, 1, 7_000),
    ]  # fmt: skip
    assert (marketing["spend"], sales["spend"]) == (40_001, 20_000)
    assert marketing["hours"] is None
    assert REPORT.answer(result) == (
        "Marketing: 1 person brought 40 leads, of whom 1 bought. Sales: 1 person brought 20 leads, of whom 1 bought. Together they spent €600."
    )
    assert "no agreement yet" in REPORT.notes(result)[3]
    for row in (*result.rows, result.together):
        for column in REPORT.columns:
            if column.people and row:
                assert len(REPORT.people(wish, row["key"], column.name)) == row[column.name]


def test_hours_are_those_of_their_own_weeks(tmp_path: Path, agreement: Version, ann: Member, bob: Member) -> None:
    """Two weeks from 5 January: Ann works three mornings of four hours and was off on one; Bob left after the first week."""
    Member.objects.update(joined_at=datetime(2025, 1, 1, tzinfo=UTC))
    Week.objects.create(member=ann, hours={d: ["09:00-13:00"] for d in ("monday", "tuesday", "wednesday")})
    Absence.objects.create(member=ann, first=date(2026, 1, 13), last=date(2026, 1, 13))
    Week.objects.create(member=bob, hours={"monday": ["09:00-12:00", "13:00-17:30"]}, last_day=date(2026, 1, 9))
    result = REPORT.work(asked(lake(tmp_path), agreement, FORTNIGHT))
    assert [row["hours"] for row in result.rows] == [20, 7.5]
    marketing, sales = result.rows
    assert (marketing["hours_mql"].value, marketing["hours_mql"].n) == (pytest.approx(20 / 12), 12)
    assert sales["hours_customer"] == Figure(None, n=1, lacks=9)


def test_an_empty_firm_is_told_too(tmp_path: Path) -> None:
    result = REPORT.work(asked(lake_of(tmp_path)))
    assert [row["leads"] for row in result.rows] == [0, 0]
    assert REPORT.answer(result).endswith("No costs are recorded in this period.")


def test_it_is_a_page(client_of: Any, ann: Any, tmp_path: Path, settings: Any, stopped_clock: Any) -> None:
    settings.HOME = tmp_path
    assert "What do both teams put in" in client_of(ann).get("/insight/resources/").content.decode()
