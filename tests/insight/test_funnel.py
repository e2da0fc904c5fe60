import pytest

from tests.insight.conftest import NOON, YEAR
from tilth.insight.funnel import OFFER, SOURCE, Funnel, came_in, handed_off, together
from tilth.insight.period import Period

pytestmark = pytest.mark.django_db


def test_an_empty_tilth_has_no_groups() -> None:
    assert came_in(YEAR, SOURCE) == []
    assert handed_off(YEAR, OFFER) == []
    assert together([]) == Funnel("", 0, 0, 0, 0)


def test_not_said_is_not_unknown(lead) -> None:
    lead("", won=100)
    lead("unknown")
    lead("unknown")
    assert came_in(YEAR, SOURCE) == [Funnel("unknown", 2, 0, 0, 0), Funnel("", 1, 0, 0, 1)]


def test_every_step_counts_the_people_who_came_in(lead) -> None:
    lead("fair", "Card", handed=1, sql=True, won=5_000)
    lead("fair", "Card", handed=1, sql=True)
    lead("fair", "E-book", handed=1, returned="too_small")
    lead("search", "E-book")
    rows = came_in(YEAR, SOURCE)
    assert rows == [Funnel("fair", 3, 3, 2, 1), Funnel("search", 1, 0, 0, 0)]
    assert [(r.name, r.leads) for r in came_in(YEAR, OFFER)] == [("Card", 2), ("E-book", 2)]
    assert together(rows, "Together") == Funnel("Together", 4, 3, 2, 1)


def test_a_person_who_was_handed_off_twice_is_one_lead(lead, bob, version) -> None:
    person = lead("fair", handed=0, returned="no_reply")
    first = person.handoffs.get()
    first.pk, first.at = None, NOON.replace(month=5)
    first.save()
    assert handed_off(YEAR, SOURCE) == [Funnel("fair", 1, 1, 0, 0)]


def test_a_deal_from_before_the_handoff_is_not_its_merit(lead) -> None:
    lead("fair", handed=30, won=100, won_after=3)
    assert handed_off(YEAR, SOURCE)[0].won == 0
    assert came_in(YEAR, SOURCE)[0].won == 1


def test_somebody_without_origin_counts_as_not_said(lead) -> None:
    lead(None, handed=1, sql=True)
    assert handed_off(YEAR, SOURCE) == [Funnel("", 1, 1, 1, 0)]
    assert handed_off(YEAR, OFFER) == [Funnel("", 1, 1, 1, 0)]


def test_a_lead_of_another_year_is_left_out(lead) -> None:
    lead("fair", at=NOON.replace(year=2025), handed=0)
    assert came_in(YEAR, SOURCE) == []
    assert handed_off(YEAR, SOURCE) == []


def test_each_figure_is_one_query(lead, django_assert_num_queries) -> None:
    for name in ("fair", "search", ""):
        lead(name, handed=1, sql=True, won=5)
    with django_assert_num_queries(1):
        came_in(YEAR, SOURCE)
    with django_assert_num_queries(1):
        handed_off(YEAR, OFFER)


def test_the_rates_carry_their_n(lead) -> None:
    row = Funnel("fair", 40, 30, 10, 4)
    assert (row.to_sql.hits, row.to_sql.n) == (10, 30)
    assert (row.to_won.hits, row.to_won.n) == (4, 40)
    assert Period(YEAR.first, YEAR.last, YEAR.zone).days == 365
