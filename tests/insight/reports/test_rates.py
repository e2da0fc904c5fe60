"""Honest rates as they are told: beside the plain count, "too few" last, and people who add up."""

from datetime import UTC, date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.insight.measures.lakes import day, lake_of, lead, outcome
from tilth.insight.drawing import drawn
from tilth.insight.engine import Engine
from tilth.insight.period import Period
from tilth.insight.report import Asked, Figure, as_json, of_json
from tilth.insight.reports.rates import REPORT

pytestmark = pytest.mark.django_db
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))


def lake(folder: Path) -> Engine:
    """100 of search, 30 bought; 2 of 2 from friends; 50 of the fair, of whom half came so lately that nobody knows."""
    people = [lead(p, 0, source="search") for p in range(100)] + [lead(p, 0, source="friends") for p in (200, 201)]
    people += [lead(p, 0 if p < 325 else 90, source="fair") for p in range(300, 350)]
    bought = [*range(30), 200, 201, *range(300, 310)]
    return lake_of(folder, people=people, outcomes=[outcome(p, 20, "won") for p in bought])


def asked(engine: Engine, **chosen: str) -> Asked:
    return Asked(REPORT.chosen(chosen), YEAR, day(100).replace(tzinfo=UTC), None, engine)


def test_it_ranks_by_what_is_sure_and_says_too_few(tmp_path: Path) -> None:
    result = REPORT.work(asked(lake(tmp_path)))
    assert of_json(as_json(result)) == result
    assert [(row["key"], row["believed"].lacks) for row in result.rows] == [("fair", 0), ("search", 0), ("friends", 28)]
    fair, search, friends = result.rows
    assert fair["naive"] == Figure(0.2)
    assert fair["share"].value == pytest.approx(0.4)
    assert fair["unfinished"] == 25
    assert search["share"].value == pytest.approx(0.3)
    assert friends["share"] == Figure(None, n=2, lacks=28)
    assert "Within 90 days 33% of leads become a customer" in REPORT.answer(result)
    assert "Surest to do well: fair" in REPORT.answer(result)
    notes = " ".join(REPORT.notes(result))
    for said in ("worth 60 cases", "25 of 152 are open", "too few for a share: 1."):
        assert said in notes


def test_a_few_leads_have_no_share(tmp_path: Path) -> None:
    engine = lake_of(tmp_path, people=[lead(1, 0), lead(2, 0)], outcomes=[outcome(1, 3, "won")])
    assert REPORT.answer(REPORT.work(asked(engine))) == (
        "1 of 2 leads became a customer within 90 days: too few for a share."
    )
    assert REPORT.answer(REPORT.work(asked(lake_of(tmp_path / "none")))) == "Nobody became a lead in this period."


def test_the_people_add_up_to_every_figure(tmp_path: Path) -> None:
    for chosen in ({}, {"to": "sql", "horizon": "30"}, {"by": "quarter"}):
        wish = asked(lake(tmp_path / "-".join(chosen.values())), **chosen)
        result = REPORT.work(wish)
        for row in (*result.rows, result.together):
            assert row is not None
            for column in ("leads", "reached", "unfinished"):
                assert len(REPORT.people(wish, row["key"], column)) == row[column]


def test_curves_end_with_what_is_told_and_are_dashed_and_end_where_leads_were_not_watched(tmp_path: Path) -> None:
    """Search was watched for 100 days; half of the fair for ten, so its curve goes on dashed; friends are too few for one."""
    people = [lead(p, 0, source="search") for p in range(100)] + [lead(200, 0, source="friends")]
    people += [lead(p, 50 if p < 320 else 90, source="fair") for p in range(300, 380)]
    bought = [(p, 20) for p in range(30)] + [(p, 55) for p in range(300, 310)]
    engine = lake_of(tmp_path, people=people, outcomes=[outcome(p, at, "won") for p, at in bought])
    result = REPORT.work(asked(engine))
    of = {name: [p for p in result.said["courses"] if p["cut"] == name] for name in ("search", "fair", "friends")}
    row = next(row for row in result.rows if row["key"] == "search")
    assert [p["day"] for p in of["search"]] == list(range(91))
    assert of["search"][-1]["share"] == row["share"]
    assert [of["search"][day]["share"].value for day in (19, 20)] == [0, pytest.approx(0.3)]
    assert not any(p["unfinished"] for p in of["search"])
    assert [p["day"] for p in of["fair"]] == list(range(51))
    assert [p["day"] for p in of["fair"] if p["unfinished"]] == list(range(11, 51))
    assert of["friends"] == []
    assert "ends where fewer than ten" in " ".join(REPORT.notes(result))
    plot = str(drawn(REPORT.charts[-1], REPORT, result).plot)
    assert plot.count("dashed") == 1
    assert [f">Day {n}<" in plot for n in (0, 15, 30, 60, 90)] == [True, False, True, True, True]
