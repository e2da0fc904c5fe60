"""Credit of channels: worked journeys, slow oracles, and sums that hold for any journeys."""

import csv
import itertools
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tilth.core.attribution import DAY, MARKOV, MODELS, Journeys, TooWide, credits, intervals, removal, shares

CHANNELS = 4
journey = st.tuples(
    st.lists(st.integers(0, CHANNELS - 1), min_size=1, max_size=6),
    st.integers(1, 4),
    st.integers(0, 4),
    st.integers(0, 9),
)


def laid(paths, ages=None, milestones=None) -> Journeys:
    """Journeys from (channels, times, won, worth of each that was won); ages in days, milestones as places in the journey."""
    n = len(paths)
    edges = np.cumsum([0] + [len(p) for p, *_ in paths])
    lead, deal = zip(*milestones, strict=True) if milestones else ([-1] * n, [-1] * n)
    won = np.array([min(w, t) for _p, t, w, _v in paths], np.int64)
    channel = np.array([c for p, *_ in paths for c in p], np.uint8)
    at = -np.array(ages if ages is not None else [0.0] * len(channel)) * DAY
    return Journeys(
        edges[:-1], edges[1:], channel, at.astype(np.int64), np.zeros(n, np.int64),
        np.array([t for _p, t, *_ in paths], np.int64), won, won * np.array([float(v) for *_, v in paths]),
        np.array(lead, np.int64), np.array(deal, np.int64), np.arange(n, dtype=np.int32) % 3,
    )  # fmt: skip


def one(path, model, **more) -> list[float]:
    """The credit of each channel in one journey that was won."""
    return list(credits(laid([(path, 1, 1, 0)], **more), CHANNELS, blocks=3).of(model)[0])


@pytest.mark.parametrize(
    ("model", "credit"),
    [
        ("first", [1, 0, 0, 0]),
        ("last", [0, 0, 0, 1]),
        ("linear", [0.4, 0.2, 0.2, 0.2]),
        ("position", [0.4 + 0.2 / 3, 0.2 / 3, 0.2 / 3, 0.4]),
        ("shapley", [0.25, 0.25, 0.25, 0.25]),
    ],
)
def test_a_journey_of_five_touches(model, credit):
    assert one([0, 1, 2, 0, 3], model) == pytest.approx(credit)


def test_the_only_touch_gets_everything_and_two_touches_share_alike():
    assert one([2], "position") == [0, 0, 1, 0]
    assert one([2, 3], "position") == [0, 0, 0.5, 0.5]


def test_w_gives_each_milestone_its_share():
    got = one([0, 1, 2, 3, 3], "w", milestones=[(2, 3)])
    assert got == pytest.approx([0.3, 0.05, 0.3, 0.3 + 0.05])


def test_w_shares_what_an_unknown_milestone_would_have_got():
    assert one([0, 1, 2, 3, 3], "w", milestones=[(2, -1)]) == pytest.approx([0.45, 0.1 / 3, 0.45, 0.2 / 3])


def test_w_gives_a_touch_that_is_two_milestones_both_shares():
    assert one([0, 1, 2], "w", milestones=[(0, 2)]) == pytest.approx([0.6, 0.1, 0.3, 0])


def test_under_time_decay_a_week_halves_the_weight():
    assert one([0, 1], "decay", ages=[7, 0]) == pytest.approx([1 / 3, 2 / 3, 0, 0])


def test_an_outcome_before_which_nothing_was_seen_goes_to_the_last_channel():
    found = credits(laid([([], 2, 2, 50), ([0], 1, 1, 10)]), CHANNELS, blocks=3)
    for model in (*MODELS, MARKOV):
        conversions, worth = found.of(model)
        assert conversions[-1] == pytest.approx(2 if model != MARKOV else conversions.sum() * 2 / 3)
        assert worth.sum() == pytest.approx(110)


def test_markov_of_two_channels_by_hand():
    """From the start always 0; from 0 half to 1 and half away; from 1 always won. Without either, nothing is won."""
    paths = laid([([0, 1], 1, 1, 0), ([0], 1, 0, 0)])
    found = credits(paths, 2, blocks=3)
    assert list(removal(found.steps.sum(0), found.gone.sum(0))) == pytest.approx([1, 1])
    assert list(found.of(MARKOV)[0]) == pytest.approx([0.5, 0.5])


@settings(deadline=None)
@given(paths=st.lists(journey, min_size=1, max_size=12), order=st.integers(1, 3))
def test_all_credit_adds_up_to_all_outcomes_and_all_worth(paths, order):
    journeys = laid(paths)
    found = credits(journeys, CHANNELS, order, blocks=3)
    for model in (*MODELS, MARKOV):
        conversions, worth = found.of(model)
        assert conversions.sum() == pytest.approx(journeys.won.sum())
        assert worth.sum() == pytest.approx(journeys.worth.sum())
        assert (conversions >= -1e-12).all()


@settings(deadline=None)
@given(paths=st.lists(journey, min_size=1, max_size=8))
def test_shapley_is_the_value_by_enumeration(paths):
    """The mean over all orders in which channels join, of what a channel adds to the outcomes inside those there."""
    journeys = laid(paths)
    sets = [(frozenset(p or [CHANNELS - 1]), w) for (p, *_), w in zip(paths, journeys.won, strict=True)]

    def inside(coalition) -> float:
        return sum(w for channels, w in sets if channels <= coalition)

    mean = np.zeros(CHANNELS)
    orders = list(itertools.permutations(range(CHANNELS)))
    for joined in orders:
        for n, c in enumerate(joined):
            mean[c] += inside(frozenset(joined[: n + 1])) - inside(frozenset(joined[:n]))
    assert list(credits(journeys, CHANNELS, blocks=3).of("shapley")[0]) == pytest.approx(list(mean / len(orders)))


def chance_without(paths, order: int, taken: int | None) -> float:
    """The chance of an outcome in the chain of these journeys when whoever touches `taken` is lost: by a dense solve."""
    steps: dict = {}
    for path, times, won, _v in paths:
        path, won = path or [CHANNELS - 1], min(won, times)
        states = [()] + [tuple(path[max(0, i + 1 - order) : i + 1]) for i in range(len(path))]
        for before, after in itertools.pairwise(states):
            steps.setdefault(before, {}).setdefault(after, 0)
            steps[before][after] += times
        last = steps.setdefault(states[-1], {})
        last["won"] = last.get("won", 0) + won
        last["gone"] = last.get("gone", 0) + times - won
    names = [s for s in steps if s == () or s[-1] != taken]
    moves, won = np.zeros((len(names), len(names))), np.zeros(len(names))
    for i, name in enumerate(names):
        total = sum(steps[name].values())
        for to, n in steps[name].items():
            if to in names:
                moves[i, names.index(to)] += n / total
            elif to == "won":
                won[i] = n / total
    return float(np.linalg.solve(np.eye(len(names)) - moves, won)[names.index(())])


@settings(deadline=None)
@given(paths=st.lists(journey, min_size=1, max_size=10), order=st.integers(1, 3))
def test_removal_effects_are_those_of_a_dense_solve_per_channel(paths, order):
    found = credits(laid(paths), CHANNELS, order, blocks=3)
    effects = removal(found.steps.sum(0), found.gone.sum(0), order)
    whole = chance_without(paths, order, None)
    slow = [1 - chance_without(paths, order, c) / whole if whole else 0.0 for c in range(CHANNELS)]
    assert list(effects) == pytest.approx(slow, abs=1e-9)


def test_too_many_channels_for_an_order_are_refused_with_what_to_do():
    with pytest.raises(TooWide, match="lower order"):
        credits(laid([([0], 1, 1, 1)]), 300, order=3)


def test_nothing_won_gives_no_credit():
    found = credits(laid([([0, 1], 3, 0, 0)]), CHANNELS, blocks=3)
    assert not any(found.of(model)[0].any() for model in (*MODELS, MARKOV))
    assert list(shares(np.zeros(2))) == [0, 0]


def many(chance, n: int) -> Journeys:
    """Journeys of one or two touches, of which a third are won; channel 0 has a share of 0.6 of the first touches."""
    paths = [
        ([int(chance.random() > 0.6), 2][: 1 + int(chance.random() < 0.5)], 1, int(chance.random() < 0.3), 5)
        for _ in range(n)
    ]
    return laid(paths)._replace(block=(np.arange(n) % 50).astype(np.int32))


@pytest.mark.parametrize("model", ["first", MARKOV])
def test_nine_intervals_in_ten_hold_the_share(model):
    chance = np.random.default_rng(5)
    truth = credits(many(chance, 30_000), CHANNELS, blocks=50).of(model)[1]
    truth, held = truth / truth.sum(), []
    for _ in range(60):
        low, high = intervals(credits(many(chance, 400), CHANNELS, blocks=50), model, seed=1)
        held += list((low <= truth) & (truth <= high))[: 2 if model == "first" else 3]
    assert 0.83 <= np.mean(held) <= 0.96


def test_the_same_seed_gives_the_same_interval():
    found = credits(many(np.random.default_rng(1), 500), CHANNELS, blocks=50)
    assert all((a == b).all() for a, b in zip(intervals(found, "last", 7), intervals(found, "last", 7), strict=True))


def test_from_too_few_blocks_nothing_is_said():
    low, high = intervals(credits(laid([([0], 1, 1, 1)]), CHANNELS, blocks=3), "last", 7)
    assert (list(low), list(high)) == ([0] * CHANNELS, [1] * CHANNELS)


@pytest.mark.skipif("TILTH_DATA" not in os.environ, reason="TILTH_DATA is not set: no real journeys to attribute")
def test_the_real_journeys_come_out_as_recomputed():
    folder = Path(os.environ["TILTH_DATA"]) / "attribution_pathdata"
    with (folder / "Data.csv").open() as file:
        rows = list(csv.DictReader(file))
    names = sorted({c for row in rows for c in row["path"].split(" > ")})
    won = np.array([int(r["total_conversions"]) for r in rows], np.int64)
    lost = np.array([int(r["total_null"]) for r in rows], np.int64)
    split = [[names.index(c) for c in r["path"].split(" > ")] for r in rows]
    journeys = laid([(p, 1, 0, 0) for p in split])._replace(
        times=won + lost, won=won, worth=np.array([float(r["total_conversion_value"]) for r in rows])
    )
    assert (won.sum(), lost.sum()) == (19_785, 68_602)
    found = credits(journeys, len(names), blocks=3)
    with (folder / "exact_recomputed_by_scout.csv").open() as file:
        exact = {row[""]: row for row in csv.DictReader(file)}
    columns = {"first": "first", "last": "last", "linear": "linear"}
    for model, column in columns.items():
        conversions, worth = found.of(model)
        assert list(conversions) == pytest.approx([float(exact[n][f"{column}_conv"]) for n in names], abs=1e-5)
        assert list(worth) == pytest.approx([float(exact[n][f"{column}_value"]) for n in names], abs=1e-5)
    assert list(found.of("shapley")[0]) == pytest.approx(
        [float(exact[n]["linear_unique_eq_shapley_conv"]) for n in names], abs=1e-5
    )
    assert list(found.of(MARKOV)[0]) == pytest.approx([float(exact[n]["markov1_with_null"]) for n in names], abs=1e-5)
