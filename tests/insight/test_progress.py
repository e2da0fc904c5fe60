from datetime import date, datetime

import pytest

from tests.insight.conftest import NOON, YEAR, ZONE
from tilth.insight.period import Period, quarter, twelve_months, week, year
from tilth.insight.progress import Progress, progress, won_by_day
from tilth.people.models import Company


@pytest.mark.django_db
def test_nothing_won_is_zero_not_none() -> None:
    assert progress(YEAR, "EUR") == Progress(0, "EUR", 0, 0, 0)
    assert won_by_day(YEAR, "EUR") == []


@pytest.mark.django_db
def test_two_deals_of_one_company_are_one_customer(lead) -> None:
    firm = Company.objects.create(name="Zonneveld", at=NOON)
    lead(won=1_000, company=firm)
    lead(won=2_000, company=firm)
    lead(won=4_000)
    assert progress(YEAR, "EUR") == Progress(7_000, "EUR", 3, 2, 0)


@pytest.mark.django_db
def test_other_currencies_and_other_years_are_left_out_and_said(lead) -> None:
    lead(won=1_000)
    lead(won=2_000, currency="USD")
    lead(won=4_000, at=NOON.replace(year=2025))
    assert progress(YEAR, "EUR") == Progress(1_000, "EUR", 1, 1, 1)


@pytest.mark.django_db
def test_days_are_those_of_the_firms_zone(lead) -> None:
    lead(won=300, at=datetime(2026, 1, 1, 0, 10, tzinfo=ZONE), won_after=0)
    lead(won=100, won_after=0)
    lead(won=50, won_after=0)
    assert won_by_day(YEAR, "EUR") == [(date(2026, 1, 1), 300), (date(2026, 3, 10), 150)]


def test_periods_are_whole_days_in_the_zone() -> None:
    assert year(date(2026, 6, 16), ZONE) == YEAR
    assert quarter(date(2026, 12, 31), ZONE) == Period(date(2026, 10, 1), date(2026, 12, 31), ZONE)
    assert twelve_months(date(2026, 6, 16), ZONE) == Period(date(2025, 6, 17), date(2026, 6, 16), ZONE)
    assert twelve_months(date(2024, 2, 29), ZONE) == Period(date(2023, 3, 1), date(2024, 2, 29), ZONE)
    assert week(date(2026, 6, 16), ZONE) == Period(date(2026, 6, 15), date(2026, 6, 21), ZONE)


def test_half_a_day_passed_is_half() -> None:
    day = Period(date(2026, 6, 16), date(2026, 6, 16), ZONE)
    assert day.passed(datetime(2026, 6, 16, 12, tzinfo=ZONE)) == 0.5
    assert day.passed(datetime(2026, 6, 1, tzinfo=ZONE)) == 0
    assert day.passed(datetime(2026, 7, 1, tzinfo=ZONE)) == 1
