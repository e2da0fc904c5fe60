"""The articles' worked examples by name, the laws behind them, and every number that is no plan."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.plan import (
    NoPlan,
    average_lead_value,
    backward,
    customers_needed,
    leads_needed,
    number,
    rate,
    whole,
)


def test_T1_ten_thousand_at_a_thousand_each_and_two_percent_takes_500_leads():
    need = backward(10_000, 1_000, "2%")
    assert need.customers == 10
    assert need.leads == 500


def test_T2_a_million_through_a_third_and_a_third_takes_90_leads():
    need = backward(1_000_000, 100_000, "1/3", "1/3")
    assert need.customers == 10
    assert need.steps == (90, 30)
    assert need.leads == 90


def test_T2_with_a_third_as_0_33_it_is_91_83_and_shown_as_92():
    need = backward(1_000_000, 100_000, 0.33, "33%")
    assert need.leads == Fraction(100_000, 1089)
    assert f"{float(need.leads):.2f}" == "91.83"
    assert whole(need.leads) == 92


def test_T3_an_average_lead_is_worth_11_111():
    value = average_lead_value(1_000_000, backward(1_000_000, 100_000, "1/3", "1/3").leads)
    assert value == Fraction(100_000, 9)
    assert whole(value) == 11_111


def test_nothing_is_rounded_between_the_steps():
    need = backward(100, 30, "1/3", "1/7")
    assert need.customers == Fraction(10, 3)
    assert need.leads == 70


def test_no_rate_means_that_every_lead_is_a_customer():
    assert backward(500, 100).leads == 5


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("1/3", Fraction(1, 3)),
        ("2%", Fraction(1, 50)),
        (" 33.3 % ", Fraction(333, 1000)),
        ("0,33", Fraction(33, 100)),
        (0.33, Fraction(33, 100)),
        (0.1, Fraction(1, 10)),
        (1, Fraction(1)),
        ("100%", Fraction(1)),
        (Fraction(2, 7), Fraction(2, 7)),
    ],
)
def test_a_rate_is_what_was_typed_exactly(typed, expected):
    assert rate(typed) == expected


@pytest.mark.parametrize("typed", ["", "a third", "1/0", "%", None, True, float("nan"), float("inf"), "1.000,5", [1]])
def test_what_is_no_number_is_named(typed):
    with pytest.raises(NoPlan, match=r"The rate is .* not a number"):
        rate(typed)


@pytest.mark.parametrize("typed", [0, "0%", "-1/3", -0.5])
def test_a_rate_of_zero_or_less_is_named(typed):
    with pytest.raises(NoPlan, match=r"Rate 2 is .*nobody would ever get through"):
        backward(1_000, 10, "1/3", typed)


@pytest.mark.parametrize("typed", [1.01, "101%", "33", "4/3"])
def test_a_rate_above_100_percent_is_named(typed):
    with pytest.raises(NoPlan, match=r"Rate 1 is .*more than 100%"):
        leads_needed(10, typed)


def test_a_customer_who_brings_nothing_makes_no_plan():
    with pytest.raises(NoPlan, match="What a customer brings is 0"):
        customers_needed(1_000, 0)
    with pytest.raises(NoPlan, match="The number of leads is 0"):
        average_lead_value(1_000, 0)
    with pytest.raises(NoPlan, match="The goal is -5"):
        customers_needed(-5, 1)


@pytest.mark.parametrize("typed", ["1,000", "1,000,000", "1e999999999"])
def test_an_amount_that_could_be_read_in_two_ways_is_refused(typed):
    with pytest.raises(NoPlan, match=r"The goal is .* not a number"):
        customers_needed(typed, 1)


def test_a_half_is_shown_as_the_next_whole_number():
    assert [whole(Fraction(n, 2)) for n in range(6)] == [0, 1, 1, 2, 2, 3]


rates = st.fractions(min_value=Fraction(1, 1000), max_value=1)


@given(st.integers(0, 10**12), st.integers(1, 10**9), st.lists(rates, max_size=4))
def test_going_forward_again_gives_the_goal(goal, per_customer, rates):
    need = backward(goal, per_customer, *rates)
    count = need.leads
    for r in rates:
        count *= r
    assert count * per_customer == goal
    assert need.leads == leads_needed(customers_needed(goal, per_customer), *rates)


@given(st.integers(1, 10**9), st.lists(rates, min_size=2, max_size=4), st.randoms())
def test_the_order_of_the_rates_does_not_change_the_leads(goal, rates, random):
    assert backward(goal, 7, *random.sample(rates, len(rates))).leads == backward(goal, 7, *rates).leads


@given(st.floats(min_value=0, max_value=1e15, allow_nan=False))
def test_a_float_means_the_decimal_that_it_shows(typed):
    assert float(number(typed, "It")) == typed
