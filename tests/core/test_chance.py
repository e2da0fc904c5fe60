"""The chance of a goal: bits, laws, an independent slow simulation, and firms whose truth is known."""

from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core import chance as module
from tilth.core.chance import Kind, Period, because, chance, count, flow
from tilth.core.plan import NoPlan

DEALS = [float(v) for v in np.random.default_rng(5).lognormal(9, 0.8, 60)]
DELAY = [0, 0.1, 0.2, 0.3, 0.2, 0.1, 0.1]
DEMO = Kind("demo", [4.0] * 26, 0.2, DEALS, DELAY, came=104, n=80, hours=3)
BOOK = Kind("e-book", [20.0] * 26, 0.02, DEALS, DELAY, came=500, n=400, hours=1)
PERIOD = Period(250_000, (DEMO, BOOK))
FULL = replace(PERIOD, hours=[16.0] * 26, spread=0.1)


def test_the_same_seed_gives_the_same_to_the_bit():
    for period in (PERIOD, FULL):
        one, other = chance(period, 7, 3_000), chance(period, 7, 3_000)
        assert one.revenue.tobytes() == other.revenue.tobytes()
        assert one.parts == other.parts
    assert chance(PERIOD, 8, 3_000).revenue.tobytes() != chance(PERIOD, 7, 3_000).revenue.tobytes()


def test_machine_code_says_what_plain_python_says(monkeypatch):
    fast = chance(FULL, 3, 200)
    monkeypatch.setattr(module, "compiled_flow", lambda: flow)
    monkeypatch.setattr(module, "compiled_count", lambda: count)
    assert chance(FULL, 3, 200).revenue.tolist() == pytest.approx(fast.revenue.tolist(), rel=1e-12)


def slow(period, seed, years):
    """Lead by lead and week by week, written anew; deals are drawn one by one, hours go to whole leads in the order of their worth."""
    rng = np.random.default_rng(seed)
    out = []
    weeks = len(period.kinds[0].leads)
    for _ in range(years):
        total, line = 0.0, {kind.name: 0 for kind in period.kinds}
        state = {}
        for kind in period.kinds:
            level = rng.gamma(kind.came + 0.5) / (kind.came + 0.5)
            hits = kind.rate * kind.n
            spread = np.var(kind.values, ddof=1) / len(kind.values) / np.mean(kind.values) ** 2
            state[kind.name] = level, rng.beta(hits + 0.5, kind.n - hits + 0.5), rng.gamma(1 / spread) * spread
        room = rng.gamma(1 / period.spread**2) * period.spread**2 if period.spread else 1.0
        left = 0.0
        for week in range(weeks):
            left = inf if period.hours is None else min(left, 0.0) + period.hours[week] * room
            for kind in sorted(period.kinds, key=lambda k: -k.rate * np.mean(k.values) / k.hours):
                level, rate, worth = state[kind.name]
                waits = line[kind.name] + rng.poisson(kind.leads[week] * level)
                work = min(waits, max(int(np.ceil(left / kind.hours)), 0)) if left < inf else waits
                left -= work * kind.hours
                line[kind.name] = waits - work
                late = rng.choice(
                    len(kind.delay) + 1, rng.binomial(work, rate), p=[*kind.delay, max(1 - sum(kind.delay), 0)]
                )
                counts = int(((week + late < weeks) & (late < len(kind.delay))).sum())
                total += worth * rng.choice(kind.values, counts).sum()
        out.append(total)
    return np.array(out)


@pytest.mark.parametrize(("period", "within"), [(PERIOD, 0.03), (FULL, 0.05)])
def test_quantiles_are_those_of_an_independent_slow_simulation(period, within):
    quick, sure = chance(period, 1, 40_000), slow(period, 2, 2_500)
    for share in (0.1, 0.25, 0.5, 0.75, 0.9):
        assert quick.quantile(share) == pytest.approx(np.quantile(sure, share), rel=within)
    assert quick.expected == pytest.approx(sure.mean(), rel=within)


def test_of_firms_that_are_said_to_have_70_percent_between_65_and_75_make_it():
    rng, made, firms = np.random.default_rng(11), 0, 1_200
    for firm in range(firms):
        rate, worth, weekly = rng.beta(2, 10), rng.lognormal(9, 0.5), rng.gamma(4, 2)
        past, n = rng.poisson(weekly * 52), int(rng.integers(30, 300))
        hits, deals = rng.binomial(n, rate), worth * rng.lognormal(-0.18, 0.6, 25)
        kind = Kind("lead", [(past + 0.5) / 52] * 26, hits / n, list(deals), DELAY, came=int(past), n=n)
        goal = chance(Period(0, (kind,)), firm, 1_000).quantile(0.3)
        come = sum(rng.poisson(weekly * rate * min(sum(DELAY[: 26 - week]), 1)) for week in range(26))
        made += worth * rng.lognormal(-0.18, 0.6, come).sum() >= goal
    assert 0.65 <= made / firms <= 0.75


def test_what_is_certain_leaves_only_luck():
    found = chance(Period(1_000, (Kind("lead", [10.0] * 4, 0.5, [100.0]),)), 1, 20_000)
    assert found.expected == pytest.approx(2_000, rel=0.01)
    assert found.revenue.var() == pytest.approx(20 * 100**2, rel=0.05)
    assert found.parts[("", "luck")] > 0.99


def test_parts_add_up_to_one_and_the_least_known_is_the_largest():
    vague = replace(PERIOD, kinds=(replace(DEMO, n=10, leads=[40.0] * 26), BOOK))
    found = chance(vague, 1, 5_000).parts
    assert sum(found.values()) == pytest.approx(1)
    assert max(found, key=found.get) == ("demo", "rate")


def test_the_error_of_the_chance_is_that_of_so_many_periods():
    found = chance(PERIOD, 1, 10_000)
    assert found.error == pytest.approx((found.chance * (1 - found.chance) / 10_000) ** 0.5)
    several = [chance(PERIOD, seed, 2_000).chance for seed in range(40)]
    assert np.std(several) == pytest.approx(chance(PERIOD, 1, 2_000).error, rel=0.4)


def test_why_the_chance_moved_adds_up():
    after = replace(FULL, goal=260_000, kinds=(replace(DEMO, rate=0.15, leads=[5.0] * 26), BOOK))
    found = because(PERIOD, after, 1, 5_000)
    assert sum(found.values()) == pytest.approx(chance(after, 1, 5_000).chance - chance(PERIOD, 1, 5_000).chance)
    assert found["rates"] < 0 < found["leads"]
    assert found["goal"] <= 0
    assert found["values"] == found["delays"] == found["kinds"] == 0


def test_a_kind_that_is_new_is_a_part_of_its_own():
    assert because(replace(PERIOD, kinds=(DEMO,)), PERIOD, 1, 2_000)["kinds"] > 0


@settings(deadline=None, max_examples=30)
@given(st.floats(0, 50), st.floats(0, 20), st.integers(0, 1_000))
def test_more_leads_never_lower_the_chance_with_the_same_seed(leads, more, seed):
    def of(n):
        return chance(Period(100_000, (replace(DEMO, leads=[n] * 26), BOOK)), seed, 300)

    assert (of(leads + more).revenue >= of(leads).revenue * (1 - 1e-9)).all()
    assert of(leads + more).chance >= of(leads).chance


@settings(deadline=None, max_examples=20)
@given(st.floats(0, 20), st.floats(0, 20), st.integers(0, 1_000))
def test_more_leads_of_one_kind_never_lower_it_when_hours_run_short(leads, more, seed):
    few, many = (
        chance(Period(100_000, (replace(DEMO, leads=[n] * 26),), [20.0] * 26, 0.1), seed, 300)
        for n in (leads, leads + more)
    )
    assert many.chance >= few.chance


@settings(deadline=None, max_examples=20)
@given(st.floats(0, 20), st.floats(0, 20), st.integers(0, 1_000))
def test_more_hours_never_lower_the_chance_with_the_same_seed(hours, more, seed):
    few, many = (chance(replace(FULL, hours=[h + 0.1] * 26), seed, 300) for h in (hours, hours + more))
    assert many.chance >= few.chance


@settings(deadline=None)
@given(st.lists(st.floats(0, 190), min_size=2, max_size=2), st.floats(-5, 5))
def test_the_count_is_that_of_poisson(means, z):
    from scipy.stats import norm, poisson

    few, many = sorted(means)
    found = count(np.array([few, many]), np.array([z, z]), np.empty(2, np.int64))
    assert found[0] <= found[1]
    for mean, n in zip((few, many), found, strict=True):
        assert poisson.cdf(n, mean) >= norm.cdf(z) - 1e-9
        assert n == 0 or poisson.cdf(n - 1, mean) <= norm.cdf(z) + 1e-9


@pytest.mark.parametrize("mean", [201.0, 1_000.0, 1e6])
def test_a_large_count_is_that_of_poisson_within_one(mean):
    from scipy.stats import norm, poisson

    z = np.linspace(-4, 4, 41)
    found = count(np.full(41, mean), z, np.empty(41, np.int64))
    assert (np.abs(found - poisson.ppf(norm.cdf(z), mean)) <= 1).all()


@pytest.mark.parametrize(
    ("period", "says"),
    [
        (Period(1, ()), "no kind of lead"),
        (Period(1, (DEMO, DEMO)), "same name"),
        (Period(nan, (DEMO,)), "The goal: nan"),
        (Period(-1, (DEMO,)), "The goal: -1"),
        (Period(1e16, (DEMO,)), r"The goal: 1e\+16 is no number from 0 to"),
        *(
            (Period(1, (DEMO,), [1.0] * 26, spread), "The spread of sales hours is")
            for spread in (nan, 2.0, 1e-200, -0.1)
        ),
        (Period(1, (DEMO,), [0.0] * 26), "Sales has no hours"),
        (Period(1, (DEMO,), [1.0]), "hours for 1 weeks and leads for 26"),
        (Period(1, (replace(DEMO, rate=1.1),)), "demo: the rate is 1.1"),
        (Period(1, (replace(DEMO, rate=0, n=None),)), "demo: the rate is 0"),
        (Period(1, (replace(DEMO, rate=nan),)), "demo: the rate is nan"),
        (Period(1, (replace(DEMO, values=[]),)), "demo: the value of a sale is missing"),
        (Period(1, (replace(DEMO, values=[inf]),)), "demo: values: inf"),
        (Period(1, (replace(DEMO, delay=[0.9, 0.9]),)), "demo: the delays add up to 1.8"),
        (Period(1, (replace(DEMO, leads=[-1.0] * 26),)), "demo: leads: -1"),
        (Period(1, (DEMO, replace(BOOK, leads=[1.0]))), "e-book: leads for 1 weeks"),
    ],
)
def test_what_cannot_be_simulated_is_named(period, says):
    with pytest.raises(NoPlan, match=says):
        chance(period, 1, 10)


def test_the_largest_numbers_give_no_infinity():
    kind = Kind("lead", [1e15] * 26, 1.0, [1e15, 1.0], came=0, n=0, hours=1e15)
    for hours in (None, [1e15] * 26):
        found = chance(Period(1e15, (kind,), hours, 1.0), 1, 500)
        assert np.isfinite(found.revenue).all()
        assert np.isfinite([found.expected, found.chance, found.error, *found.parts.values()]).all()


def test_no_period_is_no_chance():
    with pytest.raises(NoPlan, match="Simulated periods: 0"):
        chance(PERIOD, 1, 0)
