"""Steps in order as they are told: a sentence, notes that say what is unfinished, and people who add up to the figures."""

from datetime import UTC, date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.insight.measures.lakes import day, lake_of, lead, touch, what
from tilth.content.models import Offer
from tilth.insight.engine import Engine
from tilth.insight.period import Period
from tilth.insight.report import Asked, Figure, as_json, of_json
from tilth.insight.reports.steps import REPORT

pytestmark = pytest.mark.django_db
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))
VISIT, BOOK, FORM = range(3)


def lake(folder: Path) -> Engine:
    """40 visit, 35 of them read the book two days later, 12 send a form after that, of whom 2 in the wrong order; 3 visit again."""
    happened = [(p, 0, VISIT) for p in range(1, 41)] + [(p, 2, BOOK) for p in range(1, 36)]
    happened += (
        [(p, 7, FORM) for p in range(1, 11)] + [(p, 1, FORM) for p in (11, 12)] + [(p, 50, VISIT) for p in (38, 39, 40)]
    )
    whats = [
        what("page", url="https://kasbouw.example/prices"),
        what("download", offer="ebook"),
        what("form", offer="demo"),
    ]
    return lake_of(
        folder, people=[lead(p, 0) for p in range(1, 41)], whats=whats, touches=[touch(*one) for one in happened]
    )


def asked(engine: Engine, **told: str) -> Asked:
    steps = {"step3": "form", "step4": "nothing"} | told
    return Asked(REPORT.chosen(steps), YEAR, day(60).replace(tzinfo=UTC), None, engine)


def test_it_says_how_far_they_came_and_where_most_stop(tmp_path: Path) -> None:
    result = REPORT.work(asked(lake(tmp_path)))
    assert of_json(as_json(result)) == result
    assert REPORT.answer(result) == (
        "Of 40 people who began with “Page visited”, 10 came to “Form sent” within 30 days. That is 25% (16% to 38%). Most stop before “Form sent”: 25."
    )
    assert [row["people"] for row in result.rows] == [40, 35, 10]
    _visit, book, form = result.rows
    assert (form["before"].value, form["before"].n, form["first"].value, form["first"].n) == (10 / 35, 35, 0.25, 40)
    assert (book["days"].value, form["days"]) == (2, Figure(5, 5, 5, 10))
    assert [(row["stopped"], row["unfinished"]) for row in result.rows[:2]] == [(5, 3), (25, 0)]
    assert "may still go on: 3." in " ".join(REPORT.notes(result))


def test_the_people_add_up_to_every_figure(tmp_path: Path) -> None:
    wish = asked(lake(tmp_path))
    for row in REPORT.work(wish).rows:
        for column in REPORT.columns:
            if column.people and column.name in row:
                assert len(REPORT.people(wish, row["key"], column.name)) == row[column.name]
    assert REPORT.people(wish, "1", "unfinished") == [38, 39, 40]


def test_a_step_can_be_narrowed_and_is_called_so_in_every_language(tmp_path: Path) -> None:
    """By a part of an address, or of the name of an offer."""
    Offer.objects.create(key="ebook", name="Energy in the greenhouse", at=day(0).replace(tzinfo=UTC))
    result = REPORT.work(asked(lake(tmp_path), of1="/prices", of2="energy", of3="quote"))
    assert [row["people"] for row in result.rows] == [40, 35, 0]
    assert [row["step"] for row in REPORT.worded(result).rows] == [
        "Page visited: /prices", "Content met: energy", "Form sent: quote",
    ]  # fmt: skip
    assert "came to “Form sent: quote”" in REPORT.answer(REPORT.worded(result))
    assert "Nothing of this sort was ever recorded: Form sent: quote." in REPORT.notes(result)


def test_steps_can_be_left_out(tmp_path: Path) -> None:
    only = REPORT.work(asked(lake(tmp_path), step2="nothing", step3="nothing"))
    assert REPORT.answer(only) == "People who took the step “Page visited”: 40."
    two = REPORT.work(asked(lake(tmp_path / "two"), step2="nothing"))
    assert [(row["step"], row["people"]) for row in two.rows] == [("page", 40), ("form", 12)]


def test_a_hand_needs_an_agreement(tmp_path: Path) -> None:
    result = REPORT.work(asked(lake(tmp_path), step3="hand"))
    assert result.rows[2]["people"] == 0
    assert "what the agreement that runs now says" in REPORT.notes(result)[-1]


def test_without_touches_it_says_so(tmp_path: Path) -> None:
    result = REPORT.work(asked(lake_of(tmp_path)))
    assert REPORT.answer(result) == "Nobody took the first step in this period."
    assert result.rows == []


def test_it_is_a_page(client_of: Any, ann: Any, tmp_path: Path, settings: Any, stopped_clock: Any) -> None:
    settings.HOME = tmp_path
    page = client_of(ann).get("/insight/steps/?step2=form&of1=/prices&window=7").content.decode()
    assert "where do they stop?" in page
    assert 'value="/prices"' in page
    assert '<option value="7" selected>' in page
