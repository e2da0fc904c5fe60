"""A plan as a document: the articles' numbers by name, history behind what was typed, limits, and what is refused."""

import re
from contextlib import suppress
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.forecast import OPEN, left, levers, more, period, told
from tilth.core.forecast import told as told_period
from tilth.core.plan import NoPlan, whole
from tilth.core.planned import Planned, read
from tilth.core.planning import Past, PointPast, Unsound, delays
from tilth.core.points import History

YEAR = {"first": "2027-01-01", "last": "2027-12-31"}


def plan(past: Past | None = None, **told) -> Planned:
    return read({"goal": "1000000", "value": "100000", **YEAR, **told}, past or Past())


def one(**point) -> dict:
    return {"points": [{"name": "Leads", **point}]}


# The articles


def test_t1_500_leads_for_10_customers():
    found = plan(goal="10,000", value="1,000", **one(sale_rate="2%"))
    assert (found.together.customers, found.together.leads, found.together.sqls) == (10, 500, None)


def test_t2_90_leads_through_two_rates_of_a_third():
    found = plan(**one(to_sql="1/3", to_won="1/3"))
    assert (found.together.leads, found.together.sqls, found.together.customers) == (90, 30, 10)


def test_t2_92_leads_when_a_third_is_typed_as_033():
    found = plan(**one(to_sql="0.33", to_won="0,33"))
    assert (f"{float(found.together.leads):.2f}", whole(found.together.leads)) == ("91.83", 92)


def test_t3_a_lead_is_worth_11111():
    assert whole(plan(**one(to_sql="1/3", to_won="1/3")).together.lead_value / 100) == 11_111


def test_t4_one_sale_is_100_ebooks_or_33_demos():
    points = [{"name": "e-book", "sale_rate": "1%", "share": "1"}, {"name": "demo", "sale_rate": "1/33", "share": "0"}]
    assert plan(points=points, goal="100000").together.leads == 100
    points[0]["share"], points[1]["share"] = "0", "1"
    assert plan(points=points, goal="100000").together.leads == 33


def test_t5_a_visitor_becomes_an_ebook_lead_five_times_as_easily():
    points = [
        {"name": "e-book", "sale_rate": "1%", "lead_rate": "5%"},
        {"name": "demo", "sale_rate": "1/33", "lead_rate": "1%"},
    ]
    ebook, demo = plan(points=points).rows
    assert (ebook.leads / ebook.visitors) / (demo.leads / demo.visitors) == 5


def test_r9_with_room_for_20_leads_the_best_mix_is_neither_alone():
    points = [
        {"name": "e-book", "sale_rate": "1%", "lead_rate": "5%", "hours": "1"},
        {"name": "demo", "sale_rate": "1/33", "lead_rate": "1%", "hours": "1"},
    ]
    found = plan(points=points, visitors="1000", hours="20", first="2027-01-04", last="2027-01-10").mix
    assert [float(n) for n in found.made.leads.values()] == [12.5, 7.5]
    assert f"{float(found.made.value) / 100:,.2f}" == "35,227.27"


# The split and its limits


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 99), st.integers(1, 99)), min_size=1, max_size=6))
def test_the_split_brings_the_goal_to_the_cent_and_keeps_its_shares(drawn):
    points = [
        {"name": f"{i}", "share": str(share), "to_sql": f"{sql}%", "to_won": f"{won}%"}
        for i, (share, sql, won) in enumerate(drawn)
    ]
    if not any(share for share, _sql, _won in drawn):
        with pytest.raises(Unsound, match="Some leads must come"):
            plan(points=points)
        return
    found = plan(points=points)
    assert found.together.revenue == 100_000_000
    weights = sum(share for share, _sql, _won in drawn)
    assert [row.leads / found.together.leads for row in found.rows] == [Fraction(s, weights) for s, _sql, _won in drawn]


def test_profit_asks_for_as_much_revenue_as_its_margin_says():
    assert plan(basis="profit", margin="40%").together.revenue == 250_000_000


def test_what_each_week_owes_adds_up_to_the_plan():
    found = plan(**one(to_sql="1/3", to_won="1/3"), season=["1"] * 6 + ["0"] + ["2"] * 5)
    assert (
        sum(week.value for week in found.owed) == found.lead_value == sum(month.total for _day, month in found.months)
    )
    assert sum(week.leads["Leads"] for week in found.owed) == 90
    assert sum(found.needed) == found.together.hours
    (july,) = (month.weeks for day, month in found.months if day.month == 7)
    assert july[:-1] == (0, 0, 0)
    assert july[-1] > 0  # it ends in August


def test_weeks_cover_the_period_and_those_at_its_ends_are_as_short_as_they_are():
    weeks = plan(hours="40", first="2027-01-01", last="2027-12-31").weeks
    assert sum(week.days for week in weeks) == 365
    assert (weeks[0].first, weeks[0].days, weeks[0].hours) == (date(2027, 1, 1), 3, 8)
    assert (weeks[-1].first, weeks[-1].days) == (date(2027, 12, 27), 5)


def test_more_lead_value_must_come_than_the_goal_since_late_leads_close_next_year():
    assert plan(**one(days="60")).lead_value > 100_000_000
    assert plan(**one(days="400"), last="2027-01-05").lead_value is None


def test_a_plan_that_takes_more_than_there_is_says_so_at_the_field():
    found = plan(**one(to_sql="1/3", to_won="1/3", hours="10", most="50"), hours="10", visitors="100")
    assert found.troubles.keys() == {"most.Leads", "hours", "visitors", "goal"}
    assert found.troubles["hours"] == "The plan takes 900 hours of sales, and there are 522."
    assert plan(**one(to_sql="1/3", to_won="1/3")).troubles == {}


def test_pinned_figures_say_what_follows_and_contradictions_are_named():
    found = plan(**one(to_sql="1/3", to_won="1/3", hours="2"), pins={"leads": "45"})
    assert (found.pinned().revenue, found.pinned().hours) == (50_000_000, 90)
    assert plan().pinned() is None
    with pytest.raises(NoPlan, match="Leave one of them open"):
        plan(**one(hours="2"), pins={"leads": "45", "hours": "100"}).pinned()


# History


PAST = Past(
    {
        "demo": PointPast(
            "demo", "Demo request", History(Fraction(1, 200), 2000, 0.004, 0.006), History(Fraction(1, 2), 120, 0.4, 0.6),
            History(Fraction(1, 4), 60, 0.2, 0.3), History(Fraction(4_000_000), 15, 3e6, 5e6), values=(3_000_000, 5_000_000),
            delay=(0, 0.5, 0.5), came=120, open=10, coming=(1.0, 0.5),
        )
    },
    PointPast("", "", value=History(Fraction(3_000_000), 40, 2e6, 4e6), delay=(0.0, 0.0, 1.0), came=300),
    "EUR",
)  # fmt: skip


def test_what_nobody_typed_comes_from_history():
    (demo,) = read({"goal": "800000", **YEAR}, PAST).sheet.ways
    assert (demo.name, demo.sale_rate, demo.value.value, demo.delay_from) == (
        "Demo request", Fraction(1, 8), 4_000_000, "history",
    )  # fmt: skip
    assert (demo.to_sql.source, demo.hours.source) == ("history", "usual")


def test_what_is_typed_over_history_is_visible():
    (demo,) = read({"goal": "800000", **YEAR, "points": [{"key": "demo", "to_won": "1/3"}]}, PAST).sheet.ways
    assert demo.to_won.over_history
    assert not demo.to_sql.over_history
    assert demo.sale_rate == Fraction(1, 6)


def test_a_point_without_history_takes_that_of_all():
    (new,) = read({"goal": "800000", **YEAR, "points": [{"key": "new", "name": "New"}]}, PAST).sheet.ways
    assert (new.value.value, new.delay) == (3_000_000, (0.0, 0.0, 1.0))


def test_open_leads_are_kinds_of_their_own_and_take_no_new_hours():
    found = period(read({"goal": "800000", **YEAR, "hours": "30"}, PAST), date(2027, 6, 1), won=10_000_000)
    new, there = found.kinds
    assert there.name == OPEN.format(name="Demo request")
    assert (there.leads[0], sum(there.leads), there.hours) == (10.0, 10.0, 0.0)
    assert there.rate == 0.15
    assert found.goal == 70_000_000
    assert new.n == 120  # of whom 60 became SQLs, of whom 15 bought: as sure as 15 of 120


def test_what_open_leads_bring_before_the_plan_begins_is_not_the_plans():
    planned = read({"goal": "800000", **YEAR, "hours": "30"}, PAST)
    _new, there = period(planned, date(2026, 12, 24)).kinds  # a week and a day before it: one of the two weeks is gone
    assert (there.rate, there.delay) == (0.05, (1.0,))
    assert len(period(planned, date(2026, 12, 1)).kinds) == 1
    assert period(planned, date(2026, 12, 1)).kinds[0].leads == period(planned, date(2027, 1, 1)).kinds[0].leads


def test_a_plan_under_way_counts_the_days_that_are_left():
    planned = plan(hours="40")
    weeks = left(planned, date(2027, 12, 29))
    assert [(week.hours, float(week.season)) for week in weeks] == [(Fraction(40 * 3, 5), 3 / 7)]
    with pytest.raises(NoPlan, match="over"):
        period(planned, date(2028, 1, 1))


@settings(deadline=None)
@given(st.integers(5, 60), st.integers(0, 300))
def test_more_hours_and_more_won_never_lower_the_chance(hours, day):
    today = date.fromordinal(date(2027, 1, 1).toordinal() + day)
    some, more = (
        told(plan(hours=str(h), **one(to_sql="1/3", to_won="1/3", hours="9")), today, 1, 0, 300)
        for h in (hours, hours + 5)
    )
    assert some.chance <= more.chance
    won = told(plan(hours=str(hours), **one(to_sql="1/3", to_won="1/3", hours="9")), today, 1, 20_000_000, 300)
    assert some.chance <= won.chance


def test_levers_say_what_each_would_give_by_itself_the_best_first():
    points = [
        {"name": "demo", "sale_rate": "1/5", "hours": "5"}, {"name": "e-book", "sale_rate": "1/50", "hours": "2", "share": "4"},
    ]  # fmt: skip
    planned = plan(points=points, hours="20", value="20000")
    found = levers(planned, date(2027, 1, 1), 1, years=2_000)
    assert {(lever.name, lever.kind) for lever in found} == {
        ("leads", "demo"), ("leads", "e-book"), ("swap", "demo"), ("win", ""), ("faster", ""), ("hours", ""),
    }  # fmt: skip
    assert [lever.chance for lever in found] == sorted((lever.chance for lever in found), reverse=True)
    by = {(lever.name, lever.kind): lever for lever in found}
    assert by["swap", "demo"].instead[0] == "e-book"
    assert by["win", ""].chance >= told(planned, date(2027, 1, 1), 1, years=2_000).chance


def test_one_more_of_each_brings_what_binds_lets_it():
    points = [{"name": "demo", "sale_rate": "1/5", "hours": "5", "cost": "200"}]
    few, many = (
        {
            one.what: one
            for one in more(
                plan(points=points, hours=hours, value="20000"), date(2027, 1, 1), 1, 2, 2, 10_000_00, years=2_000
            )
        }
        for hours in ("12", "400")
    )
    assert few.keys() == {"salesperson", "marketer", "media"}
    assert few["salesperson"].gain.expected > 0
    assert few["salesperson"].gain.expected > few["media"].gain.expected  # hours bind: more leads only wait
    assert many["salesperson"].gain.expected == pytest.approx(0, abs=1)
    assert many["marketer"].gain.low <= many["marketer"].gain.expected <= many["marketer"].gain.high
    assert (few["salesperson"].by, many["media"].by) == (pytest.approx(6, rel=0.05), 50)
    assert "media" not in {one.what for one in more(plan(hours="9"), date(2027, 1, 1), 1, 1, 1, 1, years=200)}


def test_delays_have_their_median_where_it_was_typed():
    shares = delays(70)
    assert sum(shares[:10]) == pytest.approx(0.5)
    assert 0.98 < sum(shares) <= 1


# What is refused


@pytest.mark.parametrize(
    ("told", "at", "says"),
    [
        ({"goal": ""}, "goal", "above zero"),
        ({"goal": "0"}, "goal", "above zero"),
        ({"goal": "abc"}, "goal", "not a number"),
        ({"goal": "1e999"}, "goal", "out of range|not a number"),
        ({"goal": "NaN"}, "goal", "not a number"),
        ({"value": ""}, "value", "what a customer brings"),
        ({"value": "0"}, "value", "above zero"),
        ({"currency": "Euros"}, "currency", "such as EUR"),
        ({"basis": "profit"}, "margin", "such as 40%"),
        ({"basis": "profit", "margin": "-5%"}, "margin", "above 0"),
        ({"basis": "luck"}, "basis", "revenue or profit"),
        ({"first": "yesterday"}, "first", "such as"),
        ({"last": "2026-01-01"}, "last", "after the first"),
        ({"last": "2099-01-01"}, "last", "five years"),
        ({"hours": "0"}, "hours", "above 0"),
        ({"hours": "-3"}, "hours", "below zero"),
        ({"hours": "1e999"}, "hours", "no plan has"),
        ({"visitors": "1e-99"}, "visitors", "no plan has"),
        ({"first": "0001-01-01", "last": "0001-12-31"}, "first", "2000 to 2100"),
        ({"first": "9999-01-01", "last": "9999-12-31"}, "last", "2000 to 2100"),
        ({"spread": "300%"}, "spread", "at most 100%"),
        ({"season": ["1"] * 11}, "season", "twelve"),
        ({"season": ["0"] * 12}, "season", "one month"),
        ({"pins": {"luck": "7"}}, "pins.luck", "no such field"),
        ({"colour": "red"}, "colour", "no such field"),
        ({"points": "demo"}, "points", "a list"),
        (one(to_sql="0%"), "points.0.to_sql", "above 0"),
        (one(to_won="101%"), "points.0.to_won", "more than 100%"),
        (one(to_sql="10%", sale_rate="20%"), "points.0.sale_rate", "smaller"),
        (one(hours="two"), "points.0.hours", "not a number"),
        (one(share="0"), "points.0.share", "above 0"),
        ({"points": [{"name": "a"}, {"name": "a"}]}, "points.1.name", "another"),
    ],
)
def test_bad_input_is_named_at_its_field(told, at, says):
    with pytest.raises(Unsound) as why:
        plan(**told)
    assert re.search(says, why.value.errors[at])


NASTY = st.sampled_from(
    ["", " ", "0", "1", "-1", "1/3", "1/0", "33%", "0,5", "1.000", "1,000.50", "1e9", "1e-9", "1e999", "NaN", "inf", "abc", "٣", "½", "5 hours", None, 7, 0.1, True, [], {}]
)  # fmt: skip
NASTY_POINT = st.dictionaries(
    st.sampled_from(["name", "key", "share", "lead_rate", "to_sql", "to_won", "sale_rate", "value", "hours", "cost", "most", "days", "x"]), NASTY,
    max_size=6,
)  # fmt: skip
NASTY_PLAN = st.dictionaries(
    st.sampled_from(
        ["goal", "value", "hours", "spread", "visitors", "budget", "margin", "basis", "currency", "season", "y"]
    ),
    NASTY,
    max_size=6,
)


@settings(deadline=None)
@given(
    NASTY_PLAN,
    st.lists(NASTY_POINT, max_size=3),
    st.dictionaries(st.sampled_from(["leads", "hours", "luck"]), NASTY, max_size=2),
)
def test_whatever_is_typed_is_a_plan_or_says_what_to_mend(told, points, pins):
    found, errors = None, {}
    try:
        found = plan(**told, points=points, pins=pins)
    except Unsound as why:
        errors = why.errors
    if found is None:
        assert errors
        assert all(errors.values())
        return
    assert found.together.revenue == found.sheet.revenue
    assert sum(week.value for week in found.owed) == (found.lead_value or whole(found.sheet.revenue))
    assert len(found.last_weeks) == len(found.rows)
    assert all(float(row.leads) >= 0 for row in (*found.rows, *found.best_rows))
    assert isinstance(found.troubles, dict)
    with suppress(NoPlan):
        found.pinned()
    with suppress(NoPlan):
        assert 0 <= told_chance(found) <= 1


def told_chance(found: Planned) -> float:
    return told_period(found, date(2027, 1, 1), 1, 0, 50).chance


def test_points_of_history_with_one_name_are_told_apart_by_their_keys():
    twice = Past({k: PointPast(k, "Guide", came=5) for k in ("a", "b")}, PAST.every, "EUR")
    assert [way.name for way in read({"goal": "1", **YEAR}, twice).sheet.ways] == ["Guide (a)", "Guide (b)"]


def test_amounts_are_read_as_they_are_written_at_home():
    assert plan(goal="1.000,50").sheet.goal == plan(goal="1,000.50").sheet.goal == 100_050


def test_another_currency_than_the_deals_and_a_period_that_is_over_are_refused():
    with pytest.raises(Unsound, match="Our deals are in EUR"):
        plan(PAST, currency="USD")
    with pytest.raises(Unsound, match="is over"):
        read({"goal": "1", "value": "1", **YEAR}, Past(), today=date(2028, 1, 1))
