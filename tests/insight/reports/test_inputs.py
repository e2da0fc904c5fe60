"""What a plan starts from, as our history has it: rates and delays against hand-computed ones, and what open leads still bring."""

from dataclasses import replace
from datetime import UTC, date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.insight.measures.lakes import day, lake_of, lead, outcome, won
from tilth.core.survival import LOST, OPEN, WON, curve
from tilth.insight.engine import Engine
from tilth.insight.measures.inputs import coming, delays, quarters, season
from tilth.insight.period import Period
from tilth.insight.report import Asked, Result, as_json, of_json
from tilth.insight.reports import value
from tilth.insight.reports.inputs import REPORT

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))
ways = st.lists(st.tuples(st.integers(0, 900), st.sampled_from([OPEN, WON, LOST])), min_size=1, max_size=60)


def arrays(cases):
    return np.array([float(d) for d, _e in cases]), np.array([e for _d, e in cases])


def curves(days, ended):
    return curve(days, ended, WON), curve(days, ended, LOST)


def lake(folder: Path) -> Engine:
    """200 demos, of whom 100 become SQLs on day 10 and 40 buy on day 30, for 40,000 or 60,000; 100 e-books, of whom 2 buy; 50 demos are new."""
    people = [lead(n, 0, offer="demo" if n < 200 else "ebook") for n in range(300)]
    people += [lead(n, 395, offer="demo") for n in range(300, 350)]
    happened = [outcome(n, 10, "sql") for n in range(100)] + [outcome(n, 30, "won") for n in (*range(40), 200, 201)]
    happened += [outcome(n, 60, "lost") for n in (*range(40, 200), *range(202, 300))]
    deals = [won(n, 30, 40_000_00 if n % 2 else 60_000_00) for n in (*range(40), 200, 201)]
    return lake_of(folder, people=people, outcomes=happened, deals=deals)


def told(engine: Engine) -> tuple[Asked, Result]:
    period = Period(date(2026, 1, 1), date(2027, 12, 31), ZoneInfo("UTC"))
    asked = Asked(REPORT.chosen({}), period, day(400).replace(tzinfo=UTC), None, engine)
    return asked, REPORT.work(asked)


@pytest.mark.django_db
def test_it_says_what_is_known_of_each_point_and_of_all(tmp_path: Path) -> None:
    _asked, result = told(lake(tmp_path))
    assert of_json(as_json(result)) == result
    demo, ebook = result.rows
    assert (demo["key"], demo["leads"], demo["open"]) == ("demo", 250, 50)
    assert demo["to_sql"].value == pytest.approx(0.5, abs=0.001)
    assert demo["sale_rate"].value == pytest.approx(0.2, abs=0.001)
    assert demo["to_won"].value == pytest.approx(0.4, abs=0.001)
    assert demo["value"].value == pytest.approx(50_000_00)
    assert demo["value"].low < 50_000_00 < demo["value"].high
    assert demo["days"].value == 30
    assert (ebook["sale_rate"].value, ebook["sale_rate"].lacks > 0) == (None, True)
    assert "350 leads" in REPORT.answer(result)
    assert "too few leads for a rate of their own: 1" in " ".join(REPORT.notes(result))


@pytest.mark.django_db
def test_a_point_with_few_sales_takes_deals_and_delays_from_all(tmp_path: Path) -> None:
    _asked, result = told(lake(tmp_path))
    demo, ebook = sorted(result.said["points"], key=lambda p: p["key"])
    assert (demo["of"], ebook["of"]) == ("own", "all")
    assert demo["delay"] == [0, 0, 0, 0, 1.0]
    assert ebook["values"] == result.said["every"]["values"]
    assert len(demo["values"]) == 40
    assert (demo["open"], sum(demo["coming"])) == (50, pytest.approx(50 * 0.2, rel=0.01))
    assert demo["coming"][3] == pytest.approx(
        10, rel=0.01
    )  # they are 5 days old, and half of 30 days is 25 days from now


@pytest.mark.django_db
def test_a_lead_is_worth_here_what_it_is_worth_elsewhere(tmp_path: Path) -> None:
    """Also where somebody buys again after the horizon."""
    people = [lead(n, 0, offer="demo") for n in range(60)]
    happened = [outcome(n, 30, "won") for n in range(20)] + [outcome(n, 40, "lost") for n in range(20, 60)]
    deals = [won(n, 30, 10_000_00 + n) for n in range(20)]
    deals += [won(n, 380, 90_000_00, deal=100 + n) for n in range(10)]
    asked, result = told(lake_of(tmp_path, people=people, outcomes=happened, deals=deals))
    there = value.REPORT.work(replace(asked, chosen=value.REPORT.chosen({"by": "offer"})))
    (row,), (same,) = result.rows, there.rows
    assert row["lead_value"] == same["value"]
    assert row["lead_value"].value == pytest.approx(sum(10_000_00 + n for n in range(20)) / 60)
    assert row["value"].value == pytest.approx(10_000_09.5)


@pytest.mark.django_db
def test_the_people_behind_add_up(tmp_path: Path) -> None:
    asked, result = told(lake(tmp_path))
    for row in result.rows:
        for column in ("leads", "open"):
            assert len(REPORT.people(asked, row["key"], column)) == row[column]


@pytest.mark.django_db
def test_without_leads_it_says_that_a_plan_starts_from_what_is_expected(tmp_path: Path) -> None:
    _asked, result = told(lake_of(tmp_path))
    assert REPORT.answer(result).startswith("Nobody became a lead")
    assert result.said["points"] == []


@given(ways)
def test_delays_add_up_and_the_half_is_where_half_have_bought(cases) -> None:
    days, ended = arrays(cases)
    sold, _lost = curves(days, ended)
    found = delays(sold)
    if not found:
        assert not quarters(sold) or days[ended == WON].min() > 104 * 7
        return
    assert sum(found) == pytest.approx(1, abs=1e-6)
    assert all(part >= 0 for part in found)


@given(ways)
def test_what_is_coming_is_never_more_than_is_open(cases) -> None:
    days, ended = arrays(cases)
    assert sum(coming(days[ended == OPEN], *curves(days, ended))) <= (ended == OPEN).sum() + 1e-6


def test_nobody_who_is_older_than_any_sale_still_brings_one() -> None:
    days, ended = np.array([10.0, 20.0, 400.0]), np.array([WON, LOST, OPEN])
    assert coming(days[ended == OPEN], *curves(days, ended)) == []


def test_a_season_needs_each_month_twice() -> None:
    two = {(year, month): 30 * month for year in (2024, 2025) for month in range(1, 13)}
    assert season(two)[11] == pytest.approx(12 / 6.5, abs=1e-3)
    assert sum(season(two)) == pytest.approx(12, abs=1e-2)
    assert season(two | {(2024, 3): 29}) == []
    del two[2024, 3]
    assert season(two) == []
