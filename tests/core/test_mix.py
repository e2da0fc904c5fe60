"""The mix: the articles' examples to the cent, the laws of more, and the exact answer against HiGHS and brute force."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tilth.core.mix import Limits, best, limits, own
from tilth.core.plan import NoPlan
from tilth.core.points import History, Input, forward, point

EBOOK = point("e-book", "5%", "1/100", 100_000, hours=1)
DEMO = point("demo", "1%", "1/33", 100_000, hours=1)
BOTH = [EBOOK, DEMO]


def cents(exact):
    return f"{float(exact):,.2f}"


def test_t4_one_sale_is_100_ebooks_or_33_demos():
    assert (EBOOK.leads_per_sale, EBOOK.lead_value) == (100, 1_000)
    assert (DEMO.leads_per_sale, cents(DEMO.lead_value)) == (33, "3,030.30")


def test_t5_a_visitor_becomes_an_ebook_lead_five_times_as_easily():
    assert EBOOK.lead_rate / DEMO.lead_rate == 5
    assert (EBOOK.leads(1_000), DEMO.leads(1_000)) == (50, 10)


def test_with_unlimited_room_ebooks_win():
    within = limits(visitors=1_000)
    assert best(BOTH, within).made.leads == {"e-book": 50, "demo": 0}
    assert [cents(own(BOTH, {p.name: 1_000}, within).value) for p in BOTH] == ["50,000.00", "30,303.03"]


def test_with_room_for_20_leads_demos_win():
    within = limits(visitors=1_000, hours=20)
    assert [cents(own(BOTH, {p.name: 1_000}, within).value) for p in BOTH] == ["20,000.00", "30,303.03"]


def test_with_room_for_20_leads_a_mix_of_both_is_better_than_either():
    found = best(BOTH, limits(visitors=1_000, hours=20))
    assert found.made.leads == {"e-book": Fraction(25, 2), "demo": Fraction(15, 2)}
    assert found.made.value == Fraction(25, 2) * 1_000 + Fraction(15, 2) * Fraction(100_000, 33)
    assert found.binds == ("visitors", "hours")
    assert found.worth["hours"] > 0 < found.worth["visitors"]


def test_one_more_demo_that_is_there_takes_an_hour_of_an_ebook():
    found = best(BOTH, limits(visitors=1_000, hours=20))
    assert found.lead_worth["demo"] == DEMO.lead_value - found.worth["hours"]


def test_hours_to_spare_are_worth_nothing():
    found = best(BOTH, limits(visitors=1_000, hours=1_000))
    assert found.worth == {"visitors": 50, "hours": 0, "budget": 0}
    assert found.binds == ("visitors",)


def test_no_hours_bring_nothing():
    assert best(BOTH, limits(visitors=1_000, hours=0)).made.value == 0


def test_what_nothing_limits_is_named():
    with pytest.raises(NoPlan, match="Nothing limits e-book"):
        best(BOTH, Limits())


def test_a_split_of_more_visitors_than_there_are_is_named():
    with pytest.raises(NoPlan, match=r"takes 2,000.00 of visitors, and there are 1,000.00"):
        own(BOTH, {"demo": 2_000}, limits(visitors=1_000))
    with pytest.raises(NoPlan, match="There is no conversion point fair"):
        own(BOTH, {"fair": 1}, limits(visitors=1_000))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (("demo", 0, 1, 1), "demo: the rate from visitor to lead is 0"),
        (("demo", 1, "101%", 1), "demo: the rate from lead to sale is 101%"),
        (("demo", 1, 1, 0), "demo: the value of a sale is 0"),
        (("demo", 1, 1, "1.000,50"), "demo: the value of a sale is '1.000,50', which is not a number"),
        (("demo", 1, 1, 1, -1), "demo: hours per lead: -1 is below zero"),
        (("demo", 1, 1, 1, 0, "nan"), "demo: cost per lead is 'nan'"),
    ],
)
def test_a_field_that_is_no_plan_is_named_with_its_point(typed, says):
    with pytest.raises(NoPlan, match=says):
        point(*typed)


def test_typed_over_history_is_visible():
    seen = History(Fraction(1, 50), 400, 0.011, 0.035)
    assert Input("rate", history=seen).source == "history"
    over = Input("rate", typed=Fraction(1, 20), history=seen, usual=Fraction(1, 3))
    assert (over.value, over.source, over.over_history) == (Fraction(1, 20), "typed", True)
    assert Input("rate", usual=Fraction(1, 3)).source == "usual"
    assert Input("rate").source == ""
    with pytest.raises(NoPlan, match="rate is missing"):
        _ = Input("rate").value


share = st.fractions(min_value=Fraction(1, 50), max_value=1, max_denominator=50)
amount = st.integers(0, 500)
made = st.builds(
    point,
    st.just(""),
    share,
    share,
    st.integers(1, 10_000),
    st.integers(0, 5),
    st.integers(0, 50),
    st.none() | st.integers(0, 30),
)
several = st.lists(made, min_size=1, max_size=5).map(
    lambda found: [replace(p, name=str(i)) for i, p in enumerate(found)]
)
within = st.builds(limits, amount, amount, amount)


@settings(deadline=None)
@given(several, within, st.sampled_from(["visitors", "hours", "budget"]), st.integers(1, 100))
def test_more_of_anything_never_lowers_the_best_result(points, within, name, more):
    before = best(points, within)
    after = best(points, replace(within, **{name: getattr(within, name) + more}))
    assert after.made.value >= before.made.value
    assert min(before.worth.values()) >= 0 <= min(before.lead_worth.values())


@settings(deadline=None)
@given(several, within)
def test_the_mix_adds_up_and_stays_within_every_limit(points, within):
    made = best(points, within).made
    assert made == forward(points, made.leads)
    assert made.visitors <= within.visitors
    assert made.hours <= within.hours
    assert made.cost <= within.budget
    assert all(made.leads[p.name] >= 0 and (p.most is None or made.leads[p.name] <= p.most) for p in points)


@settings(deadline=None)
@given(several, within)
def test_it_is_what_highs_finds(points, within):
    rows = [[float(1 / p.lead_rate) for p in points], [float(p.hours) for p in points], [float(p.cost) for p in points]]
    found = linprog(
        [-float(p.lead_value) for p in points], rows, [float(within.visitors), float(within.hours), float(within.budget)],
        bounds=[(0, None if p.most is None else float(p.most)) for p in points], method="highs",
    )  # fmt: skip
    assert float(best(points, within).made.value) == pytest.approx(-found.fun, rel=1e-7, abs=1e-6)


@settings(deadline=None, max_examples=25)
@given(several.filter(lambda found: len(found) <= 2), within)
def test_no_split_of_a_fine_grid_is_better(points, within):
    top = best(points, within).made.value
    steps = range(21)
    for i in steps:
        for k in steps if len(points) > 1 else (0,):
            n = [Fraction(i, 20) * within.visitors * points[0].lead_rate]
            if len(points) > 1:
                n.append(Fraction(k, 20) * within.visitors * points[1].lead_rate)
            made = forward(points, {p.name: count for p, count in zip(points, n, strict=True)})
            fits = made.visitors <= within.visitors and made.hours <= within.hours and made.cost <= within.budget
            if fits and all(p.most is None or made.leads[p.name] <= p.most for p in points):
                assert made.value <= top


@settings(deadline=None)
@given(several, within)
def test_the_users_own_split_is_never_better_than_the_best(points, within):
    part = within.visitors / len(points)
    free = replace(within, budget=None)
    assert own(points, {p.name: part for p in points}, free).value <= best(points, free).made.value
