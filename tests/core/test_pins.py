"""Forwards and backwards by pins, and pins that contradict each other."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.pins import RELATIONS, follow
from tilth.core.plan import NoPlan


def test_t1_backwards_ten_thousand_takes_500_leads():
    found = follow({"revenue": 10_000, "value": 1_000, "sale_rate": "2%"})
    assert found["customers"].value == 10
    assert found["leads"].value == 500
    assert found["leads"].of == ("customers", "sale_rate")


def test_t3_the_value_of_a_lead_follows():
    assert follow({"revenue": 1_000_000, "leads": 90})["lead_value"].value == Fraction(100_000, 9)


def test_hours_that_we_have_say_how_much_we_can_earn():
    found = follow({"hours": 40, "hours_per_lead": 2, "sale_rate": "1/4", "value": 1_000, "margin": "20%"})
    assert found["leads"].value == 20
    assert found["revenue"].value == 5_000
    assert found["profit"].value == 1_000


def test_leads_that_we_can_get_say_which_rate_the_goal_needs():
    assert follow({"revenue": 10_000, "value": 1_000, "leads": 40})["sale_rate"].value == Fraction(1, 4)


def test_what_does_not_follow_is_missing():
    assert "visitors" not in follow({"leads": 10})


@pytest.mark.parametrize(
    ("pinned", "says"),
    [
        (
            {"hours": 100, "leads": 90, "hours_per_lead": 2},
            r"90 leads times 2 hours per lead makes 180 sales hours, not 100\.",
        ),
        (
            {"revenue": 10_000, "value": 1_000, "leads": 4},
            r"rate from lead to sale would have to be 250%.*10 customers and 4 leads",
        ),
        ({"margin": "-5%", "profit": 10}, "Margin is -5%: no revenue"),
        ({"sale_rate": 0}, "Rate from lead to sale is 0"),
        ({"sale_rate": "130%"}, "more than 100%"),
        ({"revenue": "1.000,50"}, "Revenue is '1.000,50', which is not a number"),
        ({"revenue": "1,000.50"}, "Revenue is '1,000.50', which is not a number"),
        ({"leads": -1}, "Leads is -1"),
        ({"value": 0}, "Value of a customer is 0"),
        ({"luck": 1}, "luck is no figure of a plan"),
        ({"leads": 0, "customers": 5, "sale_rate": "1/2"}, "0.50 rate from lead to sale makes 0 customers, not 5"),
    ],
)
def test_what_cannot_hold_is_named(pinned, says):
    with pytest.raises(NoPlan, match=says):
        follow(pinned)


share = st.fractions(min_value=Fraction(1, 100), max_value=1, max_denominator=100)
some = st.fractions(min_value=Fraction(1, 10), max_value=1_000, max_denominator=10)


@given(some, some, share, share, some, some)
def test_any_figures_that_follow_give_the_same_plan_when_pinned(revenue, value, sale_rate, lead_rate, hours, cost):
    whole = follow({
        "revenue": revenue, "value": value, "sale_rate": sale_rate, "lead_rate": lead_rate, "hours_per_lead": hours, "cost_per_lead": cost,
        "margin": Fraction(1, 5),
    })  # fmt: skip
    again = follow({name: figure.value for name, figure in whole.items()})
    assert {n: f.value for n, f in again.items()} == {n: f.value for n, f in whole.items()}
    for product, one, other in RELATIONS:
        assert whole[product].value == whole[one].value * whole[other].value
