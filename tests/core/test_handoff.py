"""Order of the queue and choice of the owner: worked cases, then laws that any case must keep."""

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.agreement import Pool
from tilth.core.handoff import Routing, Seller, cost_of_waiting, priority, route

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BOB, BEA, BEN = Seller(1, "bob@firm.test", "Bob"), Seller(2, "bea@firm.test", "Bea"), Seller(3, "ben@firm.test", "Ben")
EVERYONE = Pool("all", "Everyone", {})
GERMANY = Pool("de", "Germany", {"bea@firm.test": 2, "ben@firm.test": 1}, "person.country", "is", "DE")


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def stored(routing: Routing) -> dict:
    return {(routing.pool, seller): ahead for seller, ahead in routing.turns.items()}


def deal(pools, sellers, n, about=None, absent=frozenset(), turns=None, company_owner=None) -> tuple[dict, dict]:
    """Route n leads one after the other; returns leads per owner and the turns afterwards."""
    turns, got = dict(turns or {}), {}
    for _ in range(n):
        routing = route(pools, sellers, turns, about or {}, absent, company_owner)
        got[routing.owner] = got.get(routing.owner, 0) + 1
        turns |= stored(routing)
    return got, turns


def test_half_of_the_value_is_gone_after_the_half_life():
    fresh = cost_of_waiting(100_000, NOW, NOW, 72)
    assert cost_of_waiting(100_000, NOW - hours(72), NOW, 72) == pytest.approx(fresh / 2)
    assert fresh == pytest.approx(100_000 - 100_000 * 0.5 ** (1 / 72))


def test_the_hours_of_a_half_life_cost_half_of_the_value():
    assert sum(cost_of_waiting(100_000, NOW, NOW + hours(h), 72) for h in range(72)) == pytest.approx(50_000)


def test_the_more_valuable_lead_comes_first():
    small = priority(1, 100_00, NOW, None, NOW, 72)
    large = priority(2, 900_00, NOW, None, NOW, 72)
    assert sorted([small, large]) == [large, small]


def test_a_late_promise_comes_before_any_value():
    late = priority(1, 100_00, NOW - hours(9), NOW - hours(1), NOW, 72)
    rich = priority(2, 900_000_00, NOW, NOW + hours(1), NOW, 72)
    assert sorted([rich, late]) == [late, rich]
    assert not late.in_time
    assert rich.in_time


def test_a_promise_is_not_late_at_the_very_moment_that_it_is_due():
    assert priority(1, 1, NOW, NOW, NOW, 72).in_time


def test_equal_costs_go_by_due_moment_then_by_id():
    a = priority(7, 500, NOW, NOW + hours(2), NOW, 72)
    b = priority(3, 500, NOW, NOW + hours(3), NOW, 72)
    c = priority(4, 500, NOW, NOW + hours(3), NOW, 72)
    d = priority(1, 500, NOW, None, NOW, 72)
    assert sorted([d, c, b, a]) == [a, b, c, d]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-3, 3), st.integers(0, 2)), min_size=1, max_size=8), st.randoms()
)
def test_the_queue_is_the_same_however_it_was_read(leads, random):
    queue = [priority(i, v, NOW - hours(a), NOW + hours(d), NOW, 72) for i, (v, d, a) in enumerate(leads)]
    shuffled = random.sample(queue, len(queue))
    assert sorted(shuffled) == sorted(queue)


def test_the_first_pool_whose_condition_holds_decides():
    assert route([GERMANY, EVERYONE], [BOB, BEA, BEN], {}, {"person.country": "DE"}, set(), None).pool == "de"
    assert route([GERMANY, EVERYONE], [BOB, BEA, BEN], {}, {"person.country": "NL"}, set(), None).pool == "all"
    assert route([GERMANY, EVERYONE], [BOB, BEA, BEN], {}, {}, set(), None).why["passed"] == ["de"]


def test_turns_follow_the_weights():
    got, _ = deal([GERMANY], [BOB, BEA, BEN], 30, {"person.country": "DE"})
    assert got == {BEA.id: 20, BEN.id: 10}


def test_thirty_leads_over_three_equals_are_ten_each():
    assert deal([EVERYONE], [BOB, BEA, BEN], 30)[0] == {1: 10, 2: 10, 3: 10}


def test_nobody_in_the_pool_means_that_the_lead_waits():
    assert route([GERMANY, EVERYONE], [BOB, BEA, BEN], {}, {"person.country": "DE"}, {2, 3}, None) is None
    assert route([EVERYONE], [], {}, {}, set(), None) is None


def test_who_has_the_company_gets_its_next_lead_and_uses_no_turn():
    routing = route([EVERYONE], [BOB, BEA, BEN], {("all", 3): 0.9}, {}, set(), company_owner=3)
    assert (routing.owner, routing.turns, routing.why["rule"]) == (3, {}, "same company")


def test_the_companys_owner_who_is_away_does_not_get_it_and_the_record_says_so():
    routing = route([EVERYONE], [BOB, BEA, BEN], {}, {}, {3}, company_owner=3)
    assert routing.owner == 1
    assert {"id": 3, "name": "Ben", "why": "absent"} in routing.why["skipped"]


def test_the_companys_owner_who_left_sales_does_not_get_it():
    assert route([EVERYONE], [BOB, BEA], {}, {}, set(), company_owner=3).owner == 1


def test_the_record_answers_why_me_and_why_not_her():
    routing = route(
        [GERMANY], [BOB, BEA, BEN], {("de", 2): -0.25, ("de", 3): 0.25}, {"person.country": "DE"}, {9}, None
    )
    assert routing == Routing(
        owner=2,
        pool="de",
        weight=2.0,
        turns={2: pytest.approx(1 / 12), 3: pytest.approx(-1 / 12)},
        why={
            "rule": "weighted turns",
            "pool": "de",
            "passed": [],
            "candidates": [
                {"id": 2, "name": "Bea", "weight": 2.0, "ahead": -0.25},
                {"id": 3, "name": "Ben", "weight": 1.0, "ahead": 0.25},
            ],
            "skipped": [],
            "chosen": 2,
        },
    )
    assert json.loads(json.dumps(routing.why)) == routing.why


def test_a_member_of_the_pool_who_is_not_in_sales_is_named():
    pool = Pool("p", "P", {"gone@firm.test": 5, "Bob@Firm.test": 1})
    routing = route([pool], [BOB], {}, {}, set(), None)
    assert routing.owner == BOB.id
    assert routing.why["skipped"] == [{"id": None, "name": "gone@firm.test", "why": "not in sales"}]


def test_after_two_weeks_off_there_is_no_echo():
    _, turns = deal([EVERYONE], [BOB, BEA, BEN], 30)
    _, turns = deal([EVERYONE], [BOB, BEA, BEN], 100, absent={3}, turns=turns)
    got, _ = deal([EVERYONE], [BOB, BEA, BEN], 30, turns=turns)
    assert got[3] in (10, 11)


def test_somebody_new_does_not_get_all_that_the_others_once_had():
    _, turns = deal([EVERYONE], [BOB, BEA], 400)
    got, _ = deal([EVERYONE], [BOB, BEA, BEN], 30, turns=turns)
    assert got[3] in (10, 11)


weights = st.lists(st.integers(1, 100), min_size=1, max_size=9)


@given(weights, st.integers(1, 150))
def test_at_every_lead_the_shares_follow_the_weights_within_one(weights, n):
    sellers = [Seller(i, f"{i}@firm.test", f"S{i}") for i in range(len(weights))]
    pool = Pool("p", "P", {s.email: w for s, w in zip(sellers, weights, strict=True)})
    turns, got = {}, [0] * len(weights)
    for k in range(1, n + 1):
        routing = route([pool], sellers, turns, {}, set(), None)
        turns |= stored(routing)
        got[routing.owner] += 1
        for count, weight in zip(got, weights, strict=True):
            assert abs(count - Fraction(k * weight, sum(weights))) < 1


@given(weights, st.lists(st.sets(st.integers(0, 8)), min_size=1, max_size=60), st.integers(0, 8))
def test_nobody_absent_gets_a_lead_whoever_comes_and_goes(weights, days, company_owner):
    sellers = [Seller(i, f"{i}@firm.test", f"S{i}") for i in range(len(weights))]
    pool = Pool("p", "P", {s.email: w for s, w in zip(sellers, weights, strict=True)})
    turns = {}
    for absent in days:
        routing = route([pool], sellers, turns, {}, absent, company_owner)
        if routing is None:
            assert {s.id for s in sellers} <= absent
        else:
            assert routing.owner not in absent
            turns |= stored(routing)


@given(weights, st.data())
def test_the_order_of_what_was_read_does_not_matter(weights, data):
    sellers = [Seller(i, f"{i}@firm.test", f"S{i}") for i in range(len(weights))]
    members = {s.email: w for s, w in zip(sellers, weights, strict=True)}
    turns = {("p", s.id): data.draw(st.floats(-1, 1)) for s in sellers}
    random = Random(data.draw(st.integers(0, 1000)))
    first = route([Pool("p", "P", members)], sellers, turns, {}, set(), None)
    shuffled = dict(random.sample(list(members.items()), len(members)))
    mixed = dict(random.sample(list(turns.items()), len(turns)))
    assert route([Pool("p", "P", shuffled)], random.sample(sellers, len(sellers)), mixed, {}, set(), None) == first


@given(weights, st.lists(st.sets(st.integers(0, 8), max_size=8), min_size=1, max_size=25))
def test_whatever_the_past_nobody_is_owed_more_than_two_leads(weights, days):
    """Who comes back gets their share of the next 150, at most two that were owed, and the rounding of one."""
    sellers = [Seller(i, f"{i}@firm.test", f"S{i}") for i in range(len(weights))]
    pool = Pool("p", "P", {s.email: w for s, w in zip(sellers, weights, strict=True)})
    turns = {}
    for absent in days:
        if routing := route([pool], sellers, turns, {}, absent, None):
            turns |= stored(routing)
    got, _ = deal([pool], sellers, 150, turns=turns)
    for seller, weight in zip(sellers, weights, strict=True):
        assert abs(got.get(seller.id, 0) - Fraction(150 * weight, sum(weights))) < 3
