"""When promises fall due and how they end, as values: no database."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.agreement import presets
from tilth.core.agreement import read
from tilth.core.promises import (
    Event,
    Settled,
    delivery,
    delivery_due,
    first_contact,
    first_contact_due,
    status_due,
    too_late_since,
    verdict,
    verdict_due,
)

TERMS = read(presets.load("b2b-software"))
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TERMS.zone)


SINCE, DUE = at("2026-06-15 09:00"), at("2026-06-15 13:00")


def test_T8_what_comes_on_monday_is_judged_by_wednesday():
    assert verdict_due(TERMS, at("2026-06-15 09:00"), level=4) == at("2026-06-17 17:00")


@pytest.mark.parametrize(
    ("level", "expected"), [(4, "2026-06-15 13:00"), (3, "2026-06-15 17:00"), (2, "2026-06-16 16:30")]
)
def test_the_warmer_the_lead_the_sooner_the_first_contact(level, expected):
    assert first_contact_due(TERMS, SINCE, level) == at(expected)


@given(st.integers(0, 400 * 24 * 60), st.sampled_from([1, 2, 3, 4]))
def test_a_verdict_is_never_due_before_the_first_contact(minutes, level):
    since = SINCE + timedelta(minutes=minutes)
    first, judged = first_contact_due(TERMS, since, level), verdict_due(TERMS, since, level)
    assert since < first < judged <= first + timedelta(days=14)


def test_a_first_week_is_no_shorter_than_five_days():
    assert delivery_due(TERMS, at("2026-06-12 15:00"), new=True) == at("2026-06-22 09:00")
    assert delivery_due(TERMS, at("2026-06-09 15:00"), new=True) == at("2026-06-15 09:00")
    assert delivery_due(TERMS, at("2026-06-15 09:00"), new=True) == at("2026-06-22 09:00")


def test_after_easter_monday_the_next_week_is_a_day_shorter():
    assert delivery_due(TERMS, at("2026-03-30 09:00"), new=False) == at("2026-04-07 09:00")
    assert delivery_due(TERMS, at("2026-04-07 09:00"), new=False) == at("2026-04-13 09:00")


def test_the_first_of_several_contacts_counts_whatever_their_order():
    events = [Event(SINCE + 3 * HOUR, "touch 3"), Event(SINCE + HOUR, "touch 1"), Event(SINCE - HOUR, "touch 0")]
    assert first_contact(SINCE, DUE, events, None) == Settled(SINCE + HOUR, "touch 1", kept=True)


def test_an_open_handoff_without_contact_stays_open():
    assert first_contact(SINCE, DUE, [], None) is None
    assert verdict(DUE, []) is None


def test_one_that_ended_in_time_without_contact_is_void_and_later_it_is_broken():
    early, late = Event(DUE, "return 1"), Event(DUE + HOUR, "return 1")
    assert first_contact(SINCE, DUE, [], early) == Settled(DUE, "return 1", kept=False, quantity=0, void=True)
    assert first_contact(SINCE, DUE, [], late) == Settled(DUE + HOUR, "return 1", kept=False, quantity=0)


def test_a_contact_after_the_end_was_no_part_of_it():
    ended = Event(SINCE + HOUR, "return 1")
    assert first_contact(SINCE, DUE, [Event(SINCE + 2 * HOUR, "touch 1")], ended).void
    assert not first_contact(SINCE, DUE, [Event(SINCE + HOUR, "touch 1")], ended).void


def test_the_first_verdict_counts():
    events = [Event(DUE + HOUR, "deal 1"), Event(DUE, "qualified 1")]
    assert verdict(DUE, events) == Settled(DUE, "qualified 1", kept=True)
    assert not verdict(DUE, events[:1]).kept


@pytest.mark.parametrize(
    ("delivered", "good", "kept"), [(50, 30, True), (50, 29, False), (49, 49, False), (60, 35, False), (60, 36, True)]
)
def test_a_delivery_needs_the_number_and_the_share(delivered, good, kept):
    assert delivery(TERMS, DUE, 50, delivered, good).kept is kept


@given(st.integers(0, 1000))
def test_exactly_the_share_is_enough(hundreds):
    assert delivery(TERMS, DUE, 0, hundreds * 5, hundreds * 3).kept  # 60% is promised


def test_stale_is_counted_in_open_days():
    assert status_due(TERMS, at("2026-04-01 10:00")) == at("2026-04-17 10:00")  # two weekends, Easter before and after


def test_a_ripe_lead_may_wait_so_many_working_hours():
    assert TERMS.ripeness.alarm_hours == 16
    assert too_late_since(TERMS, at("2026-06-16 10:40")) == at("2026-06-12 11:10")  # Monday has 8.5 hours, Friday 8
    assert too_late_since(TERMS, at("2026-04-07 10:00")) == at("2026-04-01 11:00")  # Easter in between
