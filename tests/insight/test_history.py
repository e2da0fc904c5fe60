import pytest

from tests.insight.conftest import YEAR
from tilth.insight.history import history

pytestmark = pytest.mark.django_db


def test_the_average_deal_has_its_n_and_its_error(lead) -> None:
    """2, 4, 9 and 5: mean 5, spread of the population √6.5, error √6.5/2."""
    for amount in (200, 400, 900, 500):
        lead(won=amount)
    lead(won=7_000, currency="USD")
    deal = history(YEAR, "EUR").deal
    assert (deal.mean, deal.n, deal.enough) == (500, 4, False)
    assert deal.error == pytest.approx(100 * 6.5**0.5 / 2)


def test_rates_follow_handoffs_from_sql_to_customer(lead) -> None:
    lead(handed=1, sql=True, won=100)
    lead(handed=1, sql=True)
    lead(handed=1, sql=True, won=100, won_after=0)
    lead(handed=1)
    found = history(YEAR, "EUR")
    assert (found.to_sql.hits, found.to_sql.n) == (3, 4)
    assert (found.to_won.hits, found.to_won.n) == (1, 3)


def test_without_history_nothing_is_known() -> None:
    found = history(YEAR, "EUR")
    assert (found.deal.mean, found.deal.error, found.deal.n) == (None, None, 0)
    assert found.to_sql.value is None
