"""Costs add up to what was spent, to the cent, whatever they are shared by; and leads that cost nothing are not invented."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.insight.measures.lakes import day, lake_of, lead, outcome, won
from tilth.insight.engine import Engine
from tilth.insight.measures import costs, currencies
from tilth.insight.measures.cohort import cohort
from tilth.insight.measures.costs import Costed, Spent, Weight, allocate
from tilth.insight.period import Period

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))
SHARED = [Weight("spring", "search", "spring", 30), Weight("", "search", "", 10), Weight("fair", "fair", "fair", 60)]
names = st.sampled_from(["", "a", "b", "c"])
spent = st.lists(st.builds(Spent, names, names, st.integers(-(10**9), 10**9)), max_size=12)
weighed = st.lists(st.builds(Weight, names, names, names, st.integers(0, 1_000)), max_size=12)


@given(spent, weighed, st.sampled_from(["campaign", "source", "offer"]), st.booleans())
def test_what_is_allocated_and_what_is_left_is_what_was_spent_to_the_cent(spent, weights, by, evenly):
    found = allocate(spent, weights, by, evenly)
    whole = sum(cost.amount for cost in spent)
    assert sum(found.direct.values()) + sum(found.shared.values()) + found.left == whole
    every = costs.together(costs.costed(found, [], []), found.left)
    assert every.spend == whole
    assert every.direct == sum(cost.amount for cost in spent if by in costs.BOOKED and getattr(cost, by))


def test_what_is_booked_on_a_source_is_shared_among_what_came_through_it():
    found = allocate([Spent("", "search", 1_001), Spent("", "", 1_000), Spent("fair", "", 500)], SHARED, "campaign")
    assert found.direct == {"fair": 500}
    assert found.shared == {"spring": 751 + 300, "": 250 + 100, "fair": 600}
    assert found.left == 0


def test_without_a_key_only_what_is_booked_is_allocated():
    found = allocate([Spent("spring", "", 700), Spent("", "search", 300)], [], "campaign")
    assert (found.direct, found.shared, found.left) == ({"spring": 700}, {}, 300)


def test_what_nobody_came_through_is_left():
    assert allocate([Spent("", "radio", 900)], SHARED, "campaign").left == 900
    assert allocate([Spent("radio", "", 900)], SHARED, "campaign").direct == {"radio": 900}
    assert allocate([Spent("radio", "", 900)], SHARED, "offer").left == 900


def test_the_interval_of_a_cost_is_that_of_how_many_came():
    """Of 10 that were counted, Garwood's exact 90% interval is 5.425 to 16.962."""
    one = Costed(spend=100_000, counts={"leads": 10, "mql": 0, "sql": 0, "customers": 0})
    assert one.each("leads") == 10_000
    assert one.each_between("leads") == pytest.approx((100_000 / 16.962, 100_000 / 5.425), rel=1e-3)
    assert one.each("mql") is None


def lake(folder: Path) -> Engine:
    """Three came through the spring campaign (two offers), one from a fair; money was spent in two currencies and two years."""
    touch = {"team": "person", "what": 0}
    return lake_of(
        folder,
        people=[
            lead(1, 0, campaign="spring", source="search", offer="book"), lead(2, 1, campaign="spring", source="search", offer="trial"),
            lead(3, 2, campaign="spring", source="mail", offer="book"), lead(4, 3, source="fair"), lead(5, 500, source="fair"),
        ],
        outcomes=[outcome(1, 2, "handoff"), outcome(4, 4, "handoff"), outcome(1, 9, "sql"), outcome(1, 30, "won"), outcome(3, -40, "won")],
        deals=[won(1, 30, 90_000), won(3, -40, 70_000), won(4, 20, 1_000, "USD"), won(5, 510, 5_000)],
        costs=[
            {"id": n, "day": at, "source": source, "campaign": campaign, "amount": amount, "currency": currency}
            for n, (at, source, campaign, amount, currency) in enumerate([
                (date(2026, 1, 1), "", "spring", 10_000, "EUR"), (date(2026, 12, 31), "fair", "", 5_000, "EUR"),
                (date(2026, 3, 1), "", "", 4_000, "EUR"), (date(2026, 3, 1), "", "silent", 700, "EUR"),
                (date(2026, 3, 1), "", "", 999, "USD"), (date(2025, 12, 31), "", "spring", 888, "EUR"),
            ])
        ],
        whats=[{"id": 0, "kind": "view", "offer": "book", "human": True}, {"id": 1, "kind": "view", "offer": "book", "human": False}],
        touches=[
            {"person": 1, "at": day(0), "id": 1, "source": "search", "campaign": "spring", **touch},
            {"person": 1, "at": day(1), "id": 2, "source": "search", "campaign": "spring", **touch, "what": 1},
            {"person": 4, "at": day(1), "id": 3, "source": "fair", "campaign": "autumn", **touch},
            {"person": 4, "at": day(2), "id": 4, "source": "fair", **touch},
        ],
    )  # fmt: skip


def found(engine: Engine, by: str, key: str) -> tuple[dict[str, tuple[int, int]], int]:
    """Cut to what was spent on it and how many leads it brought; and what is left."""
    counts = costs.people(engine, cohort(engine, YEAR, by, None))
    spent, _others = costs.spent(engine, YEAR, "EUR")
    allocated = allocate(spent, costs.weights(engine, counts, YEAR, by, key), by, key == "evenly")
    return {c: (o.spend, o.counts["leads"]) for c, o in costs.costed(allocated, counts, []).items()}, allocated.left


def test_by_each_key_the_same_money_lies_elsewhere(tmp_path: Path) -> None:
    engine = lake(tmp_path)
    assert found(engine, "campaign", "leads") == ({"spring": (13_000, 3), "": (6_000, 1), "silent": (700, 0)}, 0)
    assert found(engine, "campaign", "mql") == ({"spring": (12_000, 3), "": (7_000, 1), "silent": (700, 0)}, 0)
    assert found(engine, "campaign", "evenly") == ({"spring": (12_000, 3), "": (7_000, 1), "silent": (700, 0)}, 0)
    touched = ({"spring": (12_000, 3), "autumn": (2_000 + 5_000, 0), "": (0, 1), "silent": (700, 0)}, 0)
    assert found(engine, "campaign", "touches") == touched
    assert found(engine, "campaign", "direct") == ({"spring": (10_000, 3), "silent": (700, 0), "": (0, 1)}, 9_000)


def test_a_campaign_that_nobody_came_through_cannot_be_shared_among_sources(tmp_path: Path) -> None:
    rows, left = found(lake(tmp_path), "source", "leads")
    assert left == 700
    assert rows == {"search": (6_667 + 2_000, 2), "mail": (3_333 + 1_000, 1), "fair": (5_000 + 1_000, 1)}


def test_what_was_bought_before_they_came_is_no_return(tmp_path: Path) -> None:
    engine = lake(tmp_path)
    people = cohort(engine, YEAR, "source", None)
    bought, others = costs.revenue(engine, people, "EUR")
    assert [(r["cut"], r["deals"], r["revenue"]) for r in bought] == [("search", 1, 90_000)]
    assert others == 1
    assert costs.behind(engine, people, "customers") == [1]
    assert costs.behind(engine, people, "leads") == [4, 3, 2, 1]


def test_other_currencies_are_counted_and_left_out(tmp_path: Path) -> None:
    spent, others = costs.spent(lake(tmp_path), YEAR, "EUR")
    assert (sum(cost.amount for cost in spent), others) == (19_700, 1)
    assert currencies.usual(lake(tmp_path / "again")) == "EUR"
    assert currencies.usual(lake_of(tmp_path / "empty")) == ""
