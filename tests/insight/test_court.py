"""The court's figures, from rows that are written straight into the tables."""

from datetime import timedelta

import pytest

from tests.insight.conftest import NOON, YEAR
from tilth.core.rates import Rate
from tilth.deals.models import Deal, Won
from tilth.handoff.models import Acceptance, Handoff, Holding, Return, Review
from tilth.insight.court import court, decided, false_accepts, false_returns
from tilth.insight.returns import Because, by_reason
from tilth.people.models import Company
from tilth.touches.models import Evidence, Team
from tilth.touches.record import record

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = NOON + 60 * DAY


def review(person, carla, verdict, **found) -> Review:
    returned = Return.objects.get(handoff__person=person)
    return Review.objects.create(returned=returned, reviewer=carla, at=returned.at, verdict=verdict, **found)


def test_an_empty_court_has_no_figures() -> None:
    board = court(YEAR, None, NOW)
    assert (board.returned, board.waiting, board.overturned) == (0, 0, Rate(0, 0))
    assert board.agreement.value is None


def test_overturned_charged_and_agreement_are_over_what_was_decided(lead, carla) -> None:
    for _ in range(3):
        review(lead(handed=1, returned="no-fit"), carla, "upheld", reason="no-fit", charged_to="definition")
    review(lead(handed=1, returned="no-fit"), carla, "upheld", reason="wrong-data", charged_to="data")
    review(lead(handed=1, returned="not-ready"), carla, "overturned")
    lead(handed=1, returned="not-ready")
    board = court(YEAR, None, NOW)
    assert (board.returned, board.waiting) == (6, 1)
    assert board.overturned == Rate(1, 5)
    assert board.charged == {"definition": 3, "data": 1}
    assert (board.agreement.n, board.agreement.observed) == (5, 0.6)
    assert decided(YEAR, "overturned").count() == 1


def test_who_bought_afterwards_through_any_door_was_falsely_returned(lead, carla, bob) -> None:
    firm, other = Company.objects.create(name="Zonneveld", at=NOON), Company.objects.create(name="Poot", at=NOON)
    bought = lead(handed=1, returned="no-fit", won=5_000)
    before = lead(handed=10, returned="no-fit", won=5_000, won_after=2)  # had bought already when it was returned
    colleague = lead(handed=1, returned="no-fit", company=firm)
    lead(won=9_000, company=firm)
    lead(handed=1, returned="no-fit", company=other)
    put_right = lead(handed=1, returned="no-fit", won=5_000)
    review(put_right, carla, "overturned")
    found = {row.handoff.person for row in false_returns(YEAR)}
    assert found == {bought, colleague}
    assert before not in found
    assert court(YEAR, None, NOW).false_returns == Rate(2, 4)


def test_accepted_and_never_contacted_is_a_false_accept_once_the_time_is_over(lead, bob) -> None:
    def accepted(person, at=NOON + 2 * DAY, held=True):
        handoff = Handoff.objects.get(person=person)
        Acceptance.objects.create(handoff=handoff, member=bob, at=at)
        if held:
            Holding.objects.create(person=person, handoff=handoff, owner=bob, since=handoff.at)
        return person

    silent = accepted(lead(handed=1), held=False)
    called = accepted(lead(handed=1), held=False)
    record("call", NOON + 3 * DAY, NOON + 3 * DAY, person=called, team=Team.SALES, evidence=Evidence.DECLARED)
    accepted(lead(handed=1))  # still open, and nobody said how long that may take
    assert [row.handoff.person for row in false_accepts(YEAR, None, NOW)] == [silent]
    assert court(YEAR, None, NOW).false_accepts == Rate(1, 2)


def test_an_open_acceptance_counts_once_its_days_for_follow_up_are_over(lead, bob, preset) -> None:
    from tilth.core.agreement import read

    terms, person = read(preset), lead(handed=1)
    handoff = Handoff.objects.get(person=person)
    Acceptance.objects.create(handoff=handoff, member=bob, at=NOON + 2 * DAY)
    Holding.objects.create(person=person, handoff=handoff, owner=bob, since=handoff.at)
    assert court(YEAR, terms, NOON + 10 * DAY).false_accepts == Rate(0, 0)
    assert court(YEAR, terms, NOW).false_accepts == Rate(1, 1)


def test_an_overturned_return_is_none_in_the_rates(lead, carla, bob, version) -> None:
    stands, put_right = lead(handed=1, returned="no-fit"), lead(handed=1, returned="no-fit")
    review(put_right, carla, "overturned")
    first = Handoff.objects.get(person=put_right)
    Handoff.objects.create(
        person=put_right, owner=bob, version=version, at=first.at + 2 * DAY, grade="A", level=3, value=1, why={}, routing={}, continues=first,
    )  # fmt: skip
    assert by_reason(YEAR) == [Because("no-fit", 1, 0, 2)]
    assert stands.pk


def test_the_figures_cost_a_fixed_number_of_questions(lead, carla, django_assert_max_num_queries) -> None:
    for _ in range(5):
        review(lead(handed=1, returned="no-fit", won=1), carla, "upheld", reason="no-fit", charged_to="data")
    with django_assert_max_num_queries(5):
        court(YEAR, None, NOW)


def test_a_deal_without_a_person_counts_through_its_company(lead, bob) -> None:
    firm = Company.objects.create(name="Zonneveld", at=NOON)
    lead(handed=1, returned="no-fit", company=firm)
    deal = Deal.objects.create(name="Deal", company=firm, currency="EUR", learned_at=NOON)
    Won.objects.create(deal=deal, at=NOON + 30 * DAY, amount=1)
    assert false_returns(YEAR).count() == 1
