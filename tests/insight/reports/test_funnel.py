"""The funnel as it is told: one sentence, notes that say what is unfinished, and people who add up to the figures."""

from datetime import UTC, date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.insight.measures.lakes import day, lake_of, lead, outcome
from tilth.content.models import Offer
from tilth.insight.engine import Engine
from tilth.insight.period import Period
from tilth.insight.report import Asked, Figure, as_json, of_json
from tilth.insight.reports.cuts import EVERYBODY, NOT_SAID
from tilth.insight.reports.funnel import REPORT

pytestmark = pytest.mark.django_db
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))


def lake(folder: Path) -> Engine:
    """40 leads of the e-book, of whom 32 became an MQL, 8 an SQL and 2 bought; two of another way, who were given back."""
    handed = [outcome(p, 2, "handoff") for p in range(32)]
    sqls = [outcome(p, 5, "sql") for p in range(8)]
    rest = [outcome(0, 9, "won"), outcome(1, 9, "won"), outcome(31, 9, "returned"), outcome(31, 12, "handoff")]
    others = [outcome(p, 3, kind) for p in (50, 51) for kind in ("handoff", "returned")] + [outcome(60, 3, "won")]
    people = [lead(p, 0, offer="ebook") for p in range(40)] + [lead(p, 1) for p in (50, 51, 60)]
    return lake_of(folder, people=people, outcomes=handed + sqls + rest + others)


def asked(engine: Engine, by: str, at: float = 20) -> Asked:
    return Asked(REPORT.chosen({"by": by}), YEAR, day(at).replace(tzinfo=UTC), None, engine)


@pytest.fixture
def book() -> Offer:
    return Offer.objects.create(key="ebook", name="E-book", at=day(0).replace(tzinfo=UTC))


def test_it_says_how_far_they_came_and_what_is_unfinished(tmp_path: Path, book: Offer) -> None:
    result = REPORT.work(asked(lake(tmp_path), "offer"))
    assert of_json(as_json(result)) == result
    assert (
        REPORT.answer(result)
        == "Of 43 leads, 34 became an MQL, 8 an SQL and 3 a customer; 38 are still open. So far 7% have bought (2.8% to 16%)."
    )
    first, second = result.rows
    assert (first["key"], first["cut"], second["key"], second["cut"]) == ("ebook", "E-book", NOT_SAID, "")
    assert [first[n] for n in ("leads", "mql", "sql", "customers", "open", "young")] == [40, 32, 8, 2, 38, 38]
    assert first["to_mql"] == Figure(0.8, pytest.approx(0.678, abs=1e-3), pytest.approx(0.884, abs=1e-3), 40)
    assert first["to_customer"] == Figure(None, n=8, lacks=22)
    notes = " ".join(REPORT.notes(result))
    for said in ("less than 90 days ago: 38", "more than once: 1.", "never were an SQL: 1."):
        assert said in notes


def test_records_that_ended_are_said_to_have(tmp_path: Path) -> None:
    result = REPORT.work(asked(lake(tmp_path), "week", at=200))
    assert "Nothing is recorded after 2026-01-17" in REPORT.notes(result)[-1]
    assert result.rows[0]["cut"] == date(2026, 1, 5)


def test_the_people_add_up_to_every_figure(tmp_path: Path, book: Offer) -> None:
    for by in ("offer", "week"):
        wish = asked(lake(tmp_path / by), by)
        result = REPORT.work(wish)
        for row in (*result.rows, result.together):
            assert row is not None
            for column in REPORT.columns:
                if column.people:
                    assert len(REPORT.people(wish, row["key"], column.name)) == row[column.name]
    assert len(REPORT.people(wish, EVERYBODY, "leads")) == 43


def test_without_leads_it_says_so(tmp_path: Path) -> None:
    result = REPORT.work(asked(lake_of(tmp_path), "source"))
    assert REPORT.answer(result) == "Nobody became a lead in this period."
    assert result.rows == []


def test_it_is_a_page(client_of: Any, ann: Any, tmp_path: Path, settings: Any, stopped_clock: Any) -> None:
    settings.HOME = tmp_path
    page = client_of(ann).get("/insight/funnel/?by=source").content.decode()
    assert "How far do leads come" in page
    assert "Cut by" in page
