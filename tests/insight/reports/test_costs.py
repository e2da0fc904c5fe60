"""What leads cost as it is told: with what each cost, what could not be allocated, and people who add up."""

from datetime import UTC, date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from tests.insight.measures.lakes import day, lake_of, lead, outcome, won
from tilth.insight.engine import Engine
from tilth.insight.period import Period
from tilth.insight.report import Asked, Figure, as_json, of_json
from tilth.insight.reports import cuts
from tilth.insight.reports.costs import LEFT, REPORT

pytestmark = pytest.mark.django_db
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))


def cost(n: int, amount: int, currency: str = "EUR", **more: Any) -> dict[str, Any]:
    return {"id": n, "day": date(2026, 1, 5), "amount": amount, "currency": currency, **more}


def lake(folder: Path) -> Engine:
    """40 leads of spring, of whom 20 were handed off and 10 bought; 5 of no campaign; a campaign without any lead."""
    happened = [outcome(p, 2, "handoff") for p in range(20)] + [outcome(p, 9, "won") for p in range(10)]
    return lake_of(
        folder,
        people=[lead(p, 0, campaign="spring") for p in range(40)] + [lead(p, 1) for p in range(50, 55)],
        outcomes=happened,
        deals=[won(p, 9, 10_000) for p in range(10)] + [won(11, 9, 10_000, "USD")],
        costs=[cost(1, 40_000, campaign="spring"), cost(2, 700, campaign="radio"), cost(3, 900), cost(4, 77, "USD")],
    )  # fmt: skip


def asked(engine: Engine, **told: str) -> Asked:
    return Asked(REPORT.chosen(told), YEAR, day(20).replace(tzinfo=UTC), None, engine)


def test_it_says_what_each_cost_and_what_came_back(tmp_path: Path) -> None:
    result = REPORT.work(asked(lake(tmp_path)))
    assert of_json(as_json(result)) == result
    assert REPORT.answer(result) == (
        "€416 was spent: €9 a lead, €21 an MQL, €42 a customer (€25 to €77). For each €100 spent, €240 came back so far (€143 to €404)."
    )
    spring, radio, nobody = result.rows
    assert (spring["cut"], spring["spend"], spring["direct"]) == ("spring", 40_800, 40_000)
    assert spring["per_lead"] == Figure(
        1_020, pytest.approx(40_800 / 52.0, rel=1e-2), pytest.approx(40_800 / 30.2, rel=1e-2), 40
    )
    assert spring["per_sql"] == Figure(None, n=0, lacks=10)
    assert spring["returned"][:1] == (pytest.approx(100_000 / 40_800),)
    assert (radio["leads"], radio["spend"], radio["per_lead"]) == (0, 700, Figure(None, n=0, lacks=10))
    assert (nobody["key"], nobody["spend"], nobody["leads"]) == (cuts.NOT_SAID, 100, 5)
    notes = " ".join(REPORT.notes(result))
    for said in ("less than 90 days ago: 35", "without any lead: 1.", "Costs in other currencies than EUR, left out: 1.", "Deals won in other currencies than EUR, left out: 1."):  # fmt: skip
        assert said in notes


def test_what_cannot_be_allocated_has_a_row_and_a_word(tmp_path: Path) -> None:
    result = REPORT.work(asked(lake(tmp_path), key="direct"))
    assert result.rows[-1] == {"key": LEFT, "cut": LEFT, "spend": 900}
    assert sum(row["spend"] for row in result.rows) == result.together["spend"] == 41_600  # type: ignore[index]
    assert "€9 could not be allocated" in " ".join(REPORT.notes(result))
    with override("en"):
        assert [row["cut"] for row in REPORT.worded(result).rows] == ["spring", "radio", "", "not allocated"]


@pytest.mark.parametrize("by", ["campaign", "source", "offer"])
def test_the_people_add_up_to_every_figure(tmp_path: Path, by: str) -> None:
    wish = asked(lake(tmp_path), by=by)
    result = REPORT.work(wish)
    for row in (*result.rows, result.together):
        for column in REPORT.columns:
            if column.people and row and row["key"] != LEFT:
                assert len(REPORT.people(wish, row["key"], column.name)) == row[column.name]


def test_without_costs_it_says_what_to_do(tmp_path: Path) -> None:
    result = REPORT.work(asked(lake_of(tmp_path, people=[lead(1, 0, campaign="spring")])))
    assert REPORT.answer(result) == "No costs are recorded in this period. Import them, so that leads have a price."
    assert result.rows[0]["per_lead"] == Figure(None)
    assert REPORT.work(asked(lake_of(tmp_path / "empty"))).rows == []


def test_it_is_a_page(client_of: Any, ann: Any, tmp_path: Path, settings: Any, stopped_clock: Any) -> None:
    settings.HOME = tmp_path
    page = client_of(ann).get("/insight/costs/?by=offer&key=touches").content.decode()
    assert "What does a lead, an MQL, an SQL and a customer cost" in page
    assert "Shared costs by touches" in page
