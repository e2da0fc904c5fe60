"""When a lead that came back may go to sales again."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tilth.agreement import presets
from tilth.core.agreement import read
from tilth.core.recycling import DATE, EVENT, NEWS, ROUNDS, End, Rest, Since, rests

END = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
DAY = timedelta(days=1)


def terms(rounds: int = 0, rest_days: float = 0):
    return read(presets.load("b2b-software") | {"recycling": {"rounds": rounds, "rest_days": rest_days}})


def test_without_rules_anything_newer_that_counted_brings_it_back():
    assert rests(terms(), End(END), Since(), 1, END + DAY) == Rest(NEWS)
    assert rests(terms(), End(END), Since(counted_at=END), 1, END + DAY) == Rest(NEWS)
    assert rests(terms(), End(END), Since(counted_at=END + DAY), 1, END + DAY) is None


def test_a_day_comes_by_itself_and_nothing_but_a_raised_hand_comes_before_it():
    end = End(END, DATE, date(2026, 6, 20))
    midnight = datetime(2026, 6, 19, 22, tzinfo=UTC)
    assert rests(terms(), end, Since(), 1, midnight) is None
    assert rests(terms(), end, Since(counted_at=END + DAY), 1, END + DAY) == Rest(NEWS, midnight)
    assert rests(terms(), end, Since(raised_hand=True), 1, END + DAY) is None


def test_an_event_and_not_before_a_day():
    end = End(END, EVENT, date(2026, 6, 20))
    assert rests(terms(), end, Since(counted_at=END + DAY), 1, END + 9 * DAY) == Rest(NEWS)
    rest = rests(terms(), end, Since(event_at=END + DAY), 1, END + DAY)
    assert rest is not None
    assert rest.until == datetime(2026, 6, 19, 22, tzinfo=UTC)
    assert rests(terms(), end, Since(event_at=END + DAY), 1, END + 9 * DAY) is None


def test_it_rests_for_the_agreed_days_unless_it_raises_its_hand():
    rules, since = terms(rest_days=30), Since(counted_at=END + DAY)
    assert rests(rules, End(END), since, 1, END + 29 * DAY) == Rest(NEWS, END + 30 * DAY)
    assert rests(rules, End(END), since, 1, END + 30 * DAY) is None
    assert rests(rules, End(END), Since(raised_hand=True), 1, END + DAY) is None


@pytest.mark.parametrize(("rounds", "stays"), [(1, False), (2, False), (3, True), (4, True)])
def test_after_its_rounds_it_stays_with_marketing(rounds: int, stays: bool):
    rest = rests(terms(rounds=3), End(END), Since(counted_at=END + DAY), rounds, END + DAY)
    assert rest == (Rest(ROUNDS) if stays else None)
    assert rests(terms(rounds=3), End(END), Since(raised_hand=True), rounds, END + DAY) is None
