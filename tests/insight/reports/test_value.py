"""What a lead is worth, as it is told: best first, as far as sales can work them, and people who add up."""

from datetime import UTC, date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.insight.measures.lakes import day, lake_of, lead, outcome, won
from tilth.insight.engine import Engine
from tilth.insight.period import Period
from tilth.insight.report import Asked, Result, as_json, of_json
from tilth.insight.reports.value import REPORT

pytestmark = pytest.mark.django_db
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))


def lake(folder: Path) -> Engine:
    """330 demos, 10 sold; 1,000 e-books, 10 sold; two calls that both sold, one without an amount."""
    people = [lead(n, 0, offer="demo" if n < 330 else "ebook") for n in range(1_330)] + [
        lead(n, 0, offer="call") for n in (5_000, 5_001)
    ]
    bought = [*range(10), *range(330, 340), 5_000]
    happened = [outcome(n, 30, "won") for n in (*bought, 5_001)]
    return lake_of(folder, people=people, outcomes=happened, deals=[won(n, 30, 100_000_00) for n in bought])


def told(engine: Engine, **chosen: str) -> tuple[Asked, Result]:
    asked = Asked(REPORT.chosen(chosen), YEAR, day(400).replace(tzinfo=UTC), None, engine)
    return asked, REPORT.work(asked)


def test_it_says_what_leads_are_worth_and_of_how_few_nothing(tmp_path: Path) -> None:
    _asked, result = told(lake(tmp_path), room="20")
    assert of_json(as_json(result)) == result
    assert result.currency == "EUR"
    demo, ebook, call = result.rows
    assert [row["key"] for row in result.rows] == ["demo", "ebook", "call"]
    assert [round(row["value"].value / 100) for row in (demo, ebook)] == [3_030, 1_000]
    assert [round(row["needed"].value) for row in (demo, ebook)] == [33, 100]
    assert [round(row["worked"] / 100) for row in (demo, ebook)] == [60_606, 20_000]
    assert (call["value"].value, call["value"].lacks > 0, call["worked"], call["revenue"]) == (
        None,
        True,
        None,
        100_000_00,
    )
    assert REPORT.answer(result).endswith("Most: demo, €3,030.")
    notes = " ".join(REPORT.notes(result))
    for said in ("for 20 leads, as asked for", "too few for a value: 1.", "without an amount in EUR: 1."):
        assert said in notes


def test_what_sales_took_up_is_what_it_can_work_where_nothing_is_agreed(tmp_path: Path) -> None:
    _asked, result = told(lake(tmp_path))
    assert "so many did it take up" in REPORT.notes(result)[0]
    assert result.said["room"] == 22


def test_without_sales_it_says_so(tmp_path: Path) -> None:
    _asked, result = told(lake_of(tmp_path, people=[lead(1, 0)]))
    assert REPORT.answer(result) == "1 lead came in: too few bought to say what a lead is worth."
    assert "is not known" in REPORT.notes(result)[0]
    _asked, result = told(lake_of(tmp_path / "none"))
    assert REPORT.answer(result) == "Nobody became a lead in this period."


def test_the_people_add_up_to_every_figure(tmp_path: Path) -> None:
    asked, result = told(lake(tmp_path))
    for row in (*result.rows, result.together):
        assert row is not None
        for column in ("leads", "customers"):
            assert len(REPORT.people(asked, row["key"], column)) == row[column]
