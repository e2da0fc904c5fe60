"""Attribution as it is told: one sentence, a note where models disagree, and people who add up to the deals."""

from datetime import UTC, date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.insight.measures.lakes import day, lake_of, lead, won
from tilth.campaigns.models import Campaign
from tilth.insight.engine import Engine
from tilth.insight.period import Period
from tilth.insight.report import Asked, Figure, as_json, of_json
from tilth.insight.reports.attribution import MODELS, REPORT

pytestmark = pytest.mark.django_db
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))
WHATS = [{"id": 0, "kind": "page", "url": "https://kasbouw.example/prices", "human": True}]
WHATS += [{"id": 1, "kind": "call", "human": True}]


def touch(person: int, at: float, medium: str = "", what: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "person": person,
        "at": day(at),
        "id": round(at * 10) + 1_000 * person,
        "what": what,
        "medium": medium,
        **more,
    }


def lake(folder: Path, buyers: int) -> Engine:
    """Ten times as many leads as buyers come by a search or an advertisement; all buyers are called before they buy."""
    touches = [
        touch(p, 1, "organic" if p % 3 else "cpc", campaign="fair" if p % 2 else "") for p in range(1, 10 * buyers + 1)
    ]
    touches += [touch(p, 2, what=1, team="sales") for p in range(1, buyers + 1)]
    people = [lead(p, 0, company=1) for p in range(1, 10 * buyers + 1)]
    deals = [won(p, 3, 100_000 + p) for p in range(1, buyers + 1)]
    return lake_of(folder, touches=touches, people=people, whats=WHATS, deals=[*deals, won(9_000, 4, 5, "USD")])


def asked(engine: Engine, **chosen: str) -> Asked:
    return Asked(REPORT.chosen(chosen), YEAR, day(20).replace(tzinfo=UTC), None, engine)


def test_it_says_how_much_is_sure_and_where_models_disagree(tmp_path: Path) -> None:
    result = REPORT.work(asked(lake(tmp_path, 60), model="last"))
    assert of_json(as_json(result)) == result
    assert REPORT.answer(result) == (
        "Of €60,018 won, most is due to call: 0% to 100%, depending on the model; there they disagree most."
    )
    assert [row["key"] for row in result.rows] == ["(call)", "cpc", "organic"]
    assert result.together is not None
    for model in MODELS:
        assert sum(row[model].value for row in result.rows) == result.together[model].value == 6_001_830
    organic = REPORT.work(asked(lake(tmp_path, 60), model="first")).rows[0]
    assert organic["credit"] == Figure(organic["first"].value, organic["credit"].low, organic["credit"].high, 40)
    assert organic["credit"].low < organic["first"].value < organic["credit"].high
    told = " ".join(REPORT.notes(result))
    for said in (
        "most about call: nothing under “First touch”, 100% under “Last touch”", "Deals won: 60.", "count too: 540, of which 540",
        "1 × USD", "The intervals hold 9 times in 10",
    ):  # fmt: skip
        assert said in told


def test_where_models_agree_it_says_so_and_few_deals_have_no_interval(tmp_path: Path) -> None:
    result = REPORT.work(asked(lake(tmp_path, 6), whose="marketing", by="campaign"))
    assert REPORT.answer(result) == "Of €6,000 won, most is due to fair: 50%, whatever the model."
    assert [row["key"] for row in result.rows] == ["fair", "(nothing)"]
    assert result.rows[0]["credit"].low is None
    told = REPORT.notes(result)
    assert "Only 3 deals before which something is known: from 30 on there are intervals." in told
    assert "A touch that says nothing of what gets credit here gets none." in told
    assert not any("disagree" in note for note in told)


def test_a_campaign_is_called_by_its_name(tmp_path: Path) -> None:
    Campaign.objects.create(key="fair", name="The fair in Gorinchem", at=day(0).replace(tzinfo=UTC))
    result = REPORT.work(asked(lake(tmp_path, 6), by="campaign"))
    assert (result.rows[0]["key"], result.rows[0]["name"]) == ("fair", "The fair in Gorinchem")


def test_a_model_that_gives_one_row_several_times_as_much(tmp_path: Path) -> None:
    touches = [touch(p, at, "email" if at < 9 - p % 2 else "cpc") for p in (1, 2) for at in range(1, 10)]
    result = REPORT.work(
        asked(lake_of(tmp_path, touches=touches, whats=WHATS, people=[lead(1, 0)], deals=[won(1, 10, 90)]))
    )
    assert any("times as much" in note or "nothing under" in note for note in REPORT.notes(result))


def test_a_deal_of_nobody_is_said_and_companies_know_who_was_met(tmp_path: Path) -> None:
    engine = lake_of(
        tmp_path, touches=[touch(1, 1, "email")], whats=WHATS, people=[lead(1, 0, company=7)],
        deals=[won(1, 3, 500) | {"person": None, "company": 7}],
    )  # fmt: skip
    result = REPORT.work(asked(engine))
    assert REPORT.answer(result) == "Of €5 won, nothing is known to have come before."
    assert any(note.startswith("Deals that name nobody who bought: 1.") for note in REPORT.notes(result))
    by_company = REPORT.work(asked(engine, unit="companies"))
    assert REPORT.answer(by_company) == "Of €5 won, most is due to email: 100%, whatever the model."


def test_the_people_add_up_to_the_deals(tmp_path: Path) -> None:
    wish = asked(lake(tmp_path, 40), model="first")
    result = REPORT.work(wish)
    for row in result.rows:
        assert len(REPORT.people(wish, row["key"], "deals")) == row["deals"]
        assert bool(REPORT.people(wish, row["key"], "credit")) == bool(row["first"].value)
    assert result.together is not None
    assert len(REPORT.people(wish, "", "deals")) == result.together["deals"] == 40
    assert REPORT.people(wish, "(call)", "first") == []
    assert len(REPORT.people(wish, "(call)", "last")) == 40


def test_without_a_deal_it_says_so(tmp_path: Path) -> None:
    result = REPORT.work(asked(lake_of(tmp_path, touches=[touch(1, 1)], whats=WHATS, people=[lead(1, 0)])))
    assert REPORT.answer(result) == "Nothing was won in this period."
    assert not any("disagree" in note for note in REPORT.notes(result))


def test_it_is_a_page(client_of: Any, ann: Any, tmp_path: Path, settings: Any, stopped_clock: Any) -> None:
    settings.HOME = tmp_path
    page = client_of(ann).get("/insight/attribution/?by=campaign&unit=groups").content.decode()
    assert "What did people meet before they bought" in page
    assert "Who decides" in page
