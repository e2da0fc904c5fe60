"""In which currency amounts are told: one for all reports, whoever asks."""

from datetime import UTC, date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.insight.measures.lakes import day, lake_of, lead, outcome, won
from tilth.insight.period import Period
from tilth.insight.report import Asked
from tilth.insight.reports import REPORTS, amounts

pytestmark = pytest.mark.django_db
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))


def test_without_an_agreement_every_report_tells_amounts_in_the_currency_of_most_deals_and_costs(
    tmp_path: Path,
) -> None:
    """Most sales are in dollars, but most of what is dealt and spent is in euros."""
    sales = [(1, "USD"), (2, "USD"), (3, "EUR")]
    deals = [won(p, 9, 100, currency) for p, currency in sales]
    deals += [won(4, 9, None, won=False), won(5, 9, None, won=False)]
    engine = lake_of(
        tmp_path,
        people=[lead(p, 0) for p in range(1, 6)],
        outcomes=[outcome(p, 9, "won") for p, _currency in sales],
        deals=deals,
        costs=[{"id": 1, "day": date(2026, 1, 9), "amount": 5, "currency": "EUR", "what": "ads"}],
    )
    of_money = [report for report in REPORTS.values() if any(column.kind == "money" for column in report.columns)]
    wishes = [Asked(report.chosen({}), YEAR, day(20).replace(tzinfo=UTC), None, engine) for report in of_money]
    results = {report.name: report.work(asked) for report, asked in zip(of_money, wishes, strict=True)}
    told = {name: result.currency for name, result in results.items() if result.rows}
    assert told == dict.fromkeys(told, "EUR")
    assert {"value", "costs", "attribution"} <= told.keys()
    assert {amounts.currency(asked) for asked in wishes} == {"EUR"}
