"""What pages read from the ledger: clocks, kept and broken weeks, who is late, what went stale."""

from datetime import date, datetime, timedelta

import pytest

from tests.conftest import NOW
from tests.promises.conftest import DUE, WEDNESDAY
from tilth import conveyor
from tilth.deals.verbs import change_amount, open_deal
from tilth.handoff.verbs import accept, hand_back, log_contact, return_lead
from tilth.promises.ledger import clocks, kept, overdue, stale

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


def test_the_clocks_of_a_lead_run_in_working_time(handoff):
    first, verdict, follow_up = clocks([handoff.pk], NOW + HOUR)[handoff.pk]
    assert (first.kind, first.due, first.left, first.late) == ("first_contact", DUE, 3 * HOUR, False)
    assert (verdict.kind, verdict.due, verdict.kept, verdict.settled_at) == ("verdict", WEDNESDAY, None, None)
    assert verdict.left == 14 * HOUR - timedelta(minutes=10)  # 11:40 to 17:30, then 09:00 to 17:00
    assert (follow_up.kind, follow_up.due) == ("follow_up", NOW + 3 * WEEK)  # 15 working days


def test_a_late_clock_says_by_how_much_working_time(handoff):
    first = clocks([handoff.pk], DUE + 24 * HOUR)[handoff.pk][0]
    assert first.late
    assert first.left == -8.5 * HOUR  # 14:40 to 17:30, then 09:00 to 14:40


def test_a_settled_clock_stands_still(handoff, bob):
    log_contact(handoff.person, bob, "call", NOW + HOUR)
    conveyor.run_dry(NOW + HOUR)
    first = clocks([handoff.pk], NOW + 30 * 24 * HOUR)[handoff.pk][0]
    assert (first.kept, first.late, first.left, first.settled_at) == (True, False, 3 * HOUR, NOW + HOUR)


def test_a_void_clock_is_neither_kept_nor_late(handoff, bob):
    return_lead(handoff, bob, "no-fit", "", NOW + HOUR)
    conveyor.run_dry(NOW + HOUR)
    first = clocks([handoff.pk], NOW + 99 * HOUR)[handoff.pk][0]
    assert (first.void, first.kept, first.late) == (True, None, False)


def test_clocks_take_four_queries_for_any_number_of_leads(lead_of, agreement, bob, django_assert_num_queries):
    ids = [lead_of(n, NOW).pk for n in range(5)]
    with django_assert_num_queries(4):
        assert set(clocks(ids, NOW + HOUR)) == set(ids)


def test_kept_and_broken_by_week(lead_of, agreement, bob, django_assert_num_queries):
    zone = agreement.terms.zone
    kept_one, broken, open_late, void, still_open = (lead_of(n, NOW + d * WEEK) for n, d in enumerate([0, 0, 1, 1, 2]))
    log_contact(kept_one.person, bob, "call", NOW + HOUR)
    log_contact(broken.person, bob, "call", DUE + HOUR)
    return_lead(void, bob, "no-fit", "", NOW + WEEK + HOUR)
    now = NOW + 2 * WEEK + HOUR
    conveyor.run_dry(now)
    with django_assert_num_queries(1):
        got = kept("first_contact", NOW - WEEK, now, now, zone)
    assert (got.due, got.kept) == (3, 1)
    assert [(w.first, w.due, w.kept, w.all_kept) for w in got.weeks] == [
        (date(2026, 6, 8), 0, 0, None),
        (date(2026, 6, 15), 2, 1, False),
        (date(2026, 6, 22), 1, 0, False),
        (date(2026, 6, 29), 0, 0, None),
    ]
    assert [w.text for w in got.weeks] == ["nothing due", "1 of 2", "0 of 1", "nothing due"]
    assert kept("first_contact", NOW, now, now, zone, member=agreement.pk + 999).due == 0
    assert open_late.pk in clocks([open_late.pk], now)
    assert still_open.pk in clocks([still_open.pk], now)


def test_marketings_weeks_are_in_the_same_ledger(agreement):
    conveyor.run_dry(NOW)
    got = kept("delivery", datetime.fromisoformat("2026-06-01T00:00+02:00"), NOW, NOW, agreement.terms.zone)
    assert [w.all_kept for w in got.weeks] == [False, False, False]


def test_who_is_late_the_most_comes_first(lead_of, agreement, bob):
    for n in range(3):
        lead_of(n, NOW)
    now = WEDNESDAY + HOUR
    assert [(o.member, o.count, o.oldest) for o in overdue(now)] == [(bob.pk, 6, DUE)]
    assert overdue(NOW + HOUR) == []


# Ten open days are agreed; 16 June plus ten is Tuesday 30 June.
TEN_DAYS_ON = NOW + 14 * timedelta(days=1)


@pytest.fixture
def accepted(handoff, bob):
    accept(handoff, bob, NOW)
    conveyor.run_dry(NOW)
    return handoff


def quiet(now: datetime) -> dict[int | None, datetime]:
    return dict(stale(now).values_list("handoff", "since"))


def test_a_lead_that_nothing_is_heard_of_goes_stale_after_the_agreed_days(accepted):
    assert quiet(TEN_DAYS_ON) == {}
    assert quiet(TEN_DAYS_ON + HOUR) == {accepted.pk: NOW}


@pytest.mark.parametrize("passes", [False, True])
def test_a_call_or_a_changed_deal_keeps_it_fresh(accepted, bob, passes):
    """A moment ago or long ago: the conveyor need not have been by."""
    log_contact(accepted.person, bob, "call", NOW + timedelta(days=3))
    if passes:
        conveyor.run_dry(TEN_DAYS_ON + HOUR)
    assert quiet(TEN_DAYS_ON + HOUR) == {}
    deal = open_deal(accepted.person, bob, "Greenhouse", 1_00, "EUR", NOW + timedelta(days=6)).row
    change_amount(deal, bob, 2_00, NOW + timedelta(days=13))
    if passes:
        conveyor.run_dry(TEN_DAYS_ON + timedelta(days=9))
    assert quiet(TEN_DAYS_ON + timedelta(days=9)) == {}
    conveyor.run_dry(TEN_DAYS_ON + timedelta(days=14))
    assert quiet(TEN_DAYS_ON + timedelta(days=14)) == {accepted.pk: NOW + timedelta(days=13)}


def test_what_is_over_or_not_accepted_does_not_go_stale(accepted, lead_of, bob):
    lead_of(7, NOW)
    hand_back(accepted, bob, "no-need", "", NOW + HOUR)
    assert quiet(TEN_DAYS_ON + 30 * timedelta(days=1)) == {}


def test_staleness_is_one_question_for_any_number_of_leads(lead_of, agreement, bob, django_assert_num_queries):
    for n in range(5):
        accept(lead_of(n, NOW), bob, NOW)
    conveyor.run_dry(NOW)
    with django_assert_num_queries(1):
        assert len(quiet(TEN_DAYS_ON + HOUR)) == 5
