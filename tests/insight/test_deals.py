from datetime import date, datetime

import pytest

from tests.insight.conftest import NOON, YEAR, ZONE
from tilth.deals.models import Deal
from tilth.insight.deals import Ended, Open, by_quarter, lost_by_reason, open_now, together

pytestmark = pytest.mark.django_db


def test_the_win_rate_leaves_open_deals_out(lead) -> None:
    lead(won=1_000)
    lead(lost=True)
    lead(lost=True)
    Deal.objects.create(name="Open", currency="EUR", amount=900, learned_at=NOON)
    rows = by_quarter(YEAR)
    assert rows == {date(2026, 1, 1): Ended(1, 2, {"EUR": 1_000})}
    assert (together(rows.values()).win_rate.hits, together(rows.values()).win_rate.n) == (1, 3)


def test_a_deal_belongs_to_the_quarter_of_its_own_zone(lead) -> None:
    """22:30 UTC on 31 March is 00:30 on 1 April in Amsterdam."""
    lead(won=500, at=datetime(2026, 4, 1, 0, 30, tzinfo=ZONE), won_after=0)
    assert list(by_quarter(YEAR)) == [date(2026, 4, 1)]


def test_currencies_stay_apart(lead) -> None:
    lead(won=500)
    lead(won=700, currency="USD")
    assert by_quarter(YEAR)[date(2026, 1, 1)] == Ended(2, 0, {"EUR": 500, "USD": 700})
    twice = together([*by_quarter(YEAR).values(), *by_quarter(YEAR).values()])
    assert twice == Ended(4, 0, {"EUR": 1_000, "USD": 1_400})


def test_a_quarter_with_only_losses_is_shown(lead) -> None:
    lead(lost=True, at=datetime(2026, 8, 1, tzinfo=ZONE))
    assert by_quarter(YEAR) == {date(2026, 7, 1): Ended(0, 1, {})}
    assert lost_by_reason(YEAR) == [("price", 1)]


def test_open_deals_say_how_many_have_no_amount() -> None:
    for amount in (900, 100, None):
        Deal.objects.create(name="Open", currency="EUR", amount=amount, learned_at=NOON)
    assert open_now() == [Open("EUR", 3, 1_000, 1)]
