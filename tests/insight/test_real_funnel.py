"""A real firm's leads and deals through the lake: its funnel, honest rates and what a lead was worth, against what is published."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.capture.importing import real, take_in
from tests.capture.test_olist import BY_ORIGIN, DEALS, LEADS
from tests.conftest import NOW
from tilth.deals.models import Deal, Won
from tilth.insight import export
from tilth.insight.engine import Engine
from tilth.insight.period import Period
from tilth.insight.report import Asked, Report, Result
from tilth.insight.reports import funnel, rates, value
from tilth.insight.reports.cuts import cut_of

pytestmark = [pytest.mark.data, pytest.mark.django_db(transaction=True)]
ZONE = ZoneInfo("America/Sao_Paulo")
ALL = Period(date(2017, 1, 1), date(2018, 12, 31), ZONE)
REVENUE = "seller_performance_delivered__derived_josebustamante.csv"
BY_REVENUE = {
    "unknown": 209_651, "organic_search": 204_510, "paid_search": 151_444, "social": 43_394, "direct_traffic": 21_853,
    "referral": 16_578, "email": 8_485, "other": 6_777, "": 1_243, "display": 923, "other_publicities": 0,
}  # fmt: skip
END = datetime(2018, 11, 14, 23, 59, tzinfo=UTC)  # the day of the last deal


@pytest.fixture
def engine(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.chdir(tmp_path)
    settings.HOME = tmp_path
    take_in(real("olist_funnel", LEADS), mapping="olist-leads")
    take_in(real("olist_funnel", DEALS), mapping="olist-deals")
    with real("olist_funnel", REVENUE).open() as file:
        realised = {row["seller_id"]: round(100 * float(row["product_revenue"])) for row in csv.DictReader(file)}
    deals = dict(Deal.objects.values_list("external_id", "won"))
    Won.objects.update(amount=0)  # who sold nothing brought nothing
    Won.objects.bulk_update([Won(pk=deals[s], amount=n) for s, n in realised.items() if s in deals], ["amount"])
    export.catch_up(NOW)
    return Engine()


def found(report: Report, engine: Engine, **chosen: str) -> Result:
    return report.work(Asked(report.chosen(chosen), ALL, END, None, engine))


def test_a_brazilian_marketplace(engine: Engine) -> None:
    by_origin(engine)
    years_apart(engine)
    worth(engine)


def by_origin(engine: Engine) -> None:
    """As published; three of 65 are too few for a rate."""
    rows = found(funnel.REPORT, engine, by="source").rows
    assert {cut_of(row["key"]): (row["leads"], row["customers"]) for row in rows} == BY_ORIGIN
    rows = found(rates.REPORT, engine, to="customer", horizon="365").rows
    told = {cut_of(row["key"]): row for row in rows}
    assert {key for key, row in told.items() if row["believed"].lacks} == {"other_publicities", "other"}
    assert told["other_publicities"]["believed"].n == 65
    for key, row in told.items():
        n, won = BY_ORIGIN[key]
        if not row["share"].lacks:
            assert row["share"].low <= won / n <= row["share"].high


def years_apart(engine: Engine) -> None:
    """The first deal is of December 2017: leads of before have a gap that those of 2018 are not judged by."""
    result = found(rates.REPORT, engine, horizon="90", by="quarter")
    told = {row["key"]: row["believed"] for row in result.rows}
    assert list(told) == ["2018-04-01", "2018-01-01", "2017-10-01", "2017-07-01", "2017-04-01"]
    assert [told[q].value for q in list(told)[:3]] == pytest.approx([0.105, 0.119, 0.013], abs=1e-3)
    assert told["2017-07-01"].lacks


def worth(engine: Engine) -> None:
    """Of 664,858.00 in all, what a lead of each origin brought; a lead of 2018 is still watched for less than two years."""
    result = found(value.REPORT, engine, by="source", horizon="730")
    assert result.currency == "BRL"
    assert sum(row["revenue"] for row in result.rows) == 664_858_00
    told = {cut_of(row["key"]): row for row in result.rows}
    assert {key: round(row["revenue"] / 100) for key, row in told.items()} == pytest.approx(BY_REVENUE, abs=1)
    few = {key for key, row in told.items() if row["value"].lacks}
    assert few == {
        "other",
        "other_publicities",
        "display",
    }  # of which six bought, and nobody else was watched for two years
    for key in told.keys() - few:
        each, (n, _won) = told[key]["value"], BY_ORIGIN[key]
        assert each.value >= told[key]["revenue"] / n - 1e-6
        assert each.low <= each.value <= each.high
    assert next(iter(told)) == "unknown"
