"""The scoreboard's figures for two firms whose figures are published."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.capture.importing import real, take_in
from tests.capture.test_olist import BY_ORIGIN, DEALS, LEADS
from tilth.insight import deals, funnel
from tilth.insight.deals import by_quarter
from tilth.insight.funnel import SOURCE, came_in
from tilth.insight.period import Period
from tilth.insight.progress import progress

pytestmark = [pytest.mark.data, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_each_source_brought_to_a_brazilian_marketplace() -> None:
    take_in(real("olist_funnel", LEADS), mapping="olist-leads")
    take_in(real("olist_funnel", DEALS), mapping="olist-deals")
    rows = came_in(Period(date(2017, 1, 1), date(2018, 12, 31), ZoneInfo("America/Sao_Paulo")), SOURCE)
    assert {r.name: (r.leads, r.won) for r in rows} == BY_ORIGIN
    every = funnel.together(rows)
    assert (every.leads, every.won) == (8000, 842)
    assert every.to_won.value == pytest.approx(0.10525)
    assert (every.to_won.low, every.to_won.high) == pytest.approx((0.0997393891897527, 0.11102752386176595))


def test_what_a_computer_hardware_firm_won_by_quarter() -> None:
    take_in(real("maven_crm", "sales_pipeline.csv"), mapping="maven-deals")
    year = Period(date(2017, 1, 1), date(2017, 12, 31), ZoneInfo("America/New_York"))
    ended = by_quarter(year)
    assert [round(100 * e.won / e.win_rate.n, 2) for e in ended.values()] == [82.07, 61.71, 61.41, 60.25]
    every = deals.together(ended.values())
    assert (every.won, every.lost, every.revenue) == (4238, 2473, {"USD": 10_005_534_00})
    assert round(100 * every.won / every.win_rate.n, 2) == 63.15
    won = progress(year, "USD")
    assert (won.amount, won.deals, won.elsewhere) == (10_005_534_00, 4238, 0)
    assert sum(o.n for o in deals.open_now()) == 8800 - 4238 - 2473
