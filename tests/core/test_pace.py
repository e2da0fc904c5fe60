"""Where a plan stands: what came beside what was due, what of it is sold in time, and hours of this week and the next."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.pace import due_by, pace
from tilth.core.planned import read
from tilth.core.planning import Past

PLAN = read(
    {
        "goal": "520000", "value": "10000", "first": "2027-01-04", "last": "2028-01-02", "hours": "30",
        "points": [
            {"key": "demo", "name": "Demo", "sale_rate": "1/5", "hours": "3", "days": "7"},
            {"key": "ebook", "name": "E-book", "sale_rate": "1/50", "hours": "1", "days": "400"},
        ],
    },
    Past(),
)  # fmt: skip
NOON = date(2027, 7, 7)


def test_what_came_counts_by_what_its_kind_is_worth():
    found = pace(PLAN, [(NOON, "demo", 10), (NOON, "ebook", 5)], NOON)
    assert (found.came, found.leads) == (10 * 2_000_00 + 5 * 200_00, 15)
    assert found.gap == found.due - found.came
    assert found.line == ((NOON, found.came),)


def test_an_unknown_kind_counts_as_the_average_lead_of_the_plan():
    assert pace(PLAN, [(NOON, "fair", 1)], NOON).came == round(float(PLAN.together.lead_value))


def test_late_leads_are_worth_less_to_this_period():
    early, late = (pace(PLAN, [(day, "ebook", 100)], NOON) for day in (date(2027, 1, 4), date(2027, 9, 1)))
    assert early.came == late.came
    assert 0 < late.in_time < early.in_time < early.came


def test_what_is_due_grows_to_the_target_and_no_further():
    assert due_by(PLAN, date(2027, 1, 3)) == 0
    assert due_by(PLAN, date(2028, 6, 1)) == pytest.approx(PLAN.lead_value)
    assert 0.4 < due_by(PLAN, date(2027, 7, 4)) / PLAN.lead_value < 0.6


def test_this_week_and_the_next_have_their_hours():
    this, following = pace(PLAN, [(NOON, "demo", 4), (NOON - timedelta(weeks=1), "demo", 9)], NOON).rooms
    assert (this.first, this.came, this.has) == (date(2027, 7, 5), 12.0, 30.0)
    assert (following.first, following.came) == (date(2027, 7, 12), 0.0)
    assert this.planned == pytest.approx(float(PLAN.together.hours) / 52)


@given(
    st.lists(st.tuples(st.integers(0, 363), st.sampled_from(["demo", "ebook", "x"]), st.integers(1, 20)), max_size=30)
)
def test_more_leads_never_make_it_less(drawn):
    rows = [(date(2027, 1, 4) + timedelta(days=day), key, n) for day, key, n in drawn]
    found, more = pace(PLAN, rows, NOON), pace(PLAN, [*rows, (NOON, "demo", 1)], NOON)
    assert more.came > found.came
    assert found.in_time <= found.came
    assert [value for _day, value in found.line] == sorted(value for _day, value in found.line)
