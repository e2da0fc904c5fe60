"""Inbound beside outbound as it is told."""

from datetime import UTC, date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.insight.measures.lakes import day, lake_of, lead, outcome, won
from tilth.insight.engine import Engine
from tilth.insight.period import Period
from tilth.insight.report import Asked, Figure, as_json, of_json
from tilth.insight.reports.channels import REPORT

pytestmark = pytest.mark.django_db
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))


def lake(folder: Path) -> Engine:
    """40 who came by themselves, of whom 12 bought after 10 days; 20 whom sales called, of whom none did. 300.00 was spent."""
    spent = {"id": 1, "day": date(2026, 1, 5), "amount": 30_000, "currency": "EUR"}
    return lake_of(
        folder,
        people=[lead(p, 0, door="person") for p in range(40)] + [lead(p, 1, door="sales") for p in range(50, 70)],
        outcomes=[outcome(p, 1, "handoff") for p in range(20)] + [outcome(p, 10, "won") for p in range(12)],
        deals=[won(p, 10, 5_000 + p, opened_at=day(1)) for p in range(12)]
        + [won(p, 20, None, won=False, opened_at=day(1)) for p in range(12, 32)],
        costs=[spent],
    )


def asked(engine: Engine, **told: str) -> Asked:
    return Asked(REPORT.chosen(told), YEAR, day(40).replace(tzinfo=UTC), None, engine)


def test_both_stand_side_by_side(tmp_path: Path) -> None:
    result = REPORT.work(asked(lake(tmp_path)))
    assert of_json(as_json(result)) == result
    assert (
        REPORT.answer(result)
        == "Inbound: 40 leads, of whom 12 bought, 30% (20% to 43%). Outbound: 20 leads, of whom 0 bought, too few for a share."
    )
    inbound, outbound = result.rows
    assert (inbound["way"], inbound["spend"], outbound["spend"]) == ("inbound", 20_000, 10_000)
    assert inbound["to_mql"][0] == 0.5
    assert (inbound["won"][0], inbound["won"].n) == (pytest.approx(12 / 32), 32)
    assert (inbound["days"][0], inbound["days"].n) == (10, 12)
    assert inbound["value"][0] == pytest.approx(5_005.5)
    assert outbound["to_mql"] == Figure(None, n=20, lacks=10)
    assert all(outbound[name].lacks for name in ("won", "value", "days"))
    assert [row["way"] for row in REPORT.worded(result).rows] == ["Inbound", "Outbound"]
    assert "one of ours" in REPORT.notes(result)[0]


@pytest.mark.parametrize("by", ["way", "door"])
def test_the_people_add_up_to_every_figure(tmp_path: Path, by: str) -> None:
    wish = asked(lake(tmp_path), by=by)
    result = REPORT.work(wish)
    for row in (*result.rows, result.together):
        for column in REPORT.columns:
            if column.people and row:
                assert len(REPORT.people(wish, row["key"], column.name)) == row[column.name]


def test_without_leads_it_says_so(tmp_path: Path) -> None:
    assert REPORT.answer(REPORT.work(asked(lake_of(tmp_path)))) == "Nobody became a lead in this period."


def test_it_is_a_page(client_of: Any, ann: Any, tmp_path: Path, settings: Any, stopped_clock: Any) -> None:
    settings.HOME = tmp_path
    assert "from whom we go to" in client_of(ann).get("/insight/channels/?by=door").content.decode()
