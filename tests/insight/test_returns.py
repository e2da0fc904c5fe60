import pytest

from tests.insight.conftest import NOON, YEAR
from tilth.insight.returns import Because, by_reason

pytestmark = pytest.mark.django_db


def test_no_returns_is_an_empty_list(lead) -> None:
    lead(handed=1, sql=True)
    assert by_reason(YEAR) == []


def test_returned_and_handed_back_stay_apart_and_share_the_denominator(lead) -> None:
    for _ in range(3):
        lead(handed=1, returned="too_small")
    lead(handed=1, back="too_small")
    lead(handed=1, back="no_budget")
    lead(handed=1)
    lead(handed=1, returned="too_small", at=NOON.replace(year=2025))
    assert by_reason(YEAR) == [Because("too_small", 3, 1, 6), Because("no_budget", 0, 1, 6)]
