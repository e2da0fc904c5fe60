"""Who gets a lead: worked cases, peers' failing cases, then laws that any case must keep."""

import json
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.routing import SAME_COMPANY, SAME_GROUP, Claim, Nobody, Routing, Seller, again, route
from tilth.core.terms import Condition, Pool, Routes

BOB, BEA, BEN = Seller(1, "bob@firm.test", "Bob"), Seller(2, "bea@firm.test", "Bea"), Seller(3, "ben@firm.test", "Ben")
TEAM = [BOB, BEA, BEN]
EVERYONE = Pool("all", "Everyone", {})
DE = Condition("", "", "person.country", "is", "DE")
GERMANY = Pool("de", "Germany", {"bea@firm.test": 2, "ben@firm.test": 1}, (DE,))
FROM_GERMANY = {"person.country": "DE"}


def stored(routing: Routing) -> dict:
    return {(routing.pool, seller): ahead for seller, ahead in routing.turns.items()}


def without(sellers, absent) -> list[Seller]:
    return [replace(s, away="absent") if s.id in absent else s for s in sellers]


def gets(pools, sellers, turns=(), about=(), absent=frozenset(), claims=(), worked=False, **routes):
    return route(
        Routes(tuple(pools), **routes), without(sellers, absent), dict(turns), dict(about), claims, worked=worked
    )


def owner(*args, **kwargs) -> int:
    found = gets(*args, **kwargs)
    assert isinstance(found, Routing)
    return found.owner


def deal(pools, sellers, n, about=(), absent=frozenset(), turns=()) -> tuple[dict, dict]:
    """Route n leads one after the other; returns leads per owner and the turns afterwards."""
    turns, got = dict(turns), {}
    for _ in range(n):
        routing = gets(pools, sellers, turns, about, absent)
        got[routing.owner] = got.get(routing.owner, 0) + 1
        turns |= stored(routing)
    return got, turns


def test_the_first_pool_whose_condition_holds_decides():
    assert gets([GERMANY, EVERYONE], TEAM, about=FROM_GERMANY).pool == "de"
    assert gets([GERMANY, EVERYONE], TEAM, about={"person.country": "NL"}).pool == "all"
    assert gets([GERMANY, EVERYONE], TEAM).why["passed"] == ["de"]


def test_all_conditions_of_a_pool_must_hold():
    large = Condition("", "", "company.employees", "at_least", 200)
    pools = [replace(GERMANY, when=(DE, large)), EVERYONE]
    assert gets(pools, TEAM, about={**FROM_GERMANY, "company.employees": 200}).pool == "de"
    assert gets(pools, TEAM, about={**FROM_GERMANY, "company.employees": 199}).pool == "all"


def test_turns_follow_the_weights():
    got, _ = deal([GERMANY], TEAM, 30, FROM_GERMANY)
    assert got == {BEA.id: 20, BEN.id: 10}


def test_thirty_leads_over_three_equals_are_ten_each():
    assert deal([EVERYONE], TEAM, 30)[0] == {1: 10, 2: 10, 3: 10}


def test_nobody_in_the_pool_means_that_the_lead_waits_and_the_record_says_who_was_away():
    found = gets([GERMANY, EVERYONE], TEAM, about=FROM_GERMANY, absent={2, 3})
    assert isinstance(found, Nobody)
    assert (found.pool, [s["why"] for s in found.why["skipped"]]) == ("de", ["absent", "absent"])
    assert isinstance(gets([EVERYONE], []), Nobody)


def test_who_has_the_company_gets_its_next_lead_and_uses_no_turn():
    routing = gets([EVERYONE], TEAM, {("all", 3): 0.9}, claims=[Claim(SAME_COMPANY, 3)])
    assert (routing.owner, routing.turns, routing.why["rule"]) == (3, {}, "same company")


def test_the_buying_group_comes_before_the_company_and_a_named_account_before_both():
    claims = [Claim(SAME_GROUP, 2), Claim(SAME_COMPANY, 3)]
    assert owner([EVERYONE], TEAM, claims=claims) == 2
    about = {"company.domain": "Zonneveld.example"}
    routing = gets([EVERYONE], TEAM, about=about, claims=claims, accounts={"zonneveld.example": "bob@firm.test"})
    assert (routing.owner, routing.why["rule"]) == (1, "named account")


def test_the_companys_owner_who_is_away_does_not_get_it_and_the_record_says_so():
    routing = gets([EVERYONE], TEAM, absent={3}, claims=[Claim(SAME_COMPANY, 3)])
    assert routing.owner in (1, 2)
    assert routing.why["claims"] == [{"rule": "same company", "id": 3, "name": "Ben", "why": "absent"}]
    assert {"id": 3, "name": "Ben", "why": "absent"} in routing.why["skipped"]


def test_the_companys_owner_who_left_sales_does_not_get_it():
    routing = gets([EVERYONE], [BOB, BEA], claims=[Claim(SAME_COMPANY, 3, "Ben")])
    assert routing.owner in (1, 2)
    assert routing.why["claims"] == [{"rule": "same company", "id": 3, "name": "Ben", "why": "not in sales"}]


def test_the_owner_of_an_account_who_left_is_named_and_the_pools_decide():
    routing = gets([EVERYONE], TEAM, about={"company.domain": "z.example"}, accounts={"z.example": "gone@firm.test"})
    assert routing.why["rule"] == "weighted turns"
    assert routing.why["claims"][0] == {
        "rule": "named account",
        "id": 0,
        "name": "gone@firm.test",
        "why": "not in sales",
    }


def test_who_stands_in_takes_what_falls_to_somebody_away_and_the_turn_stays_theirs():
    ben = replace(BEN, away="absent", stand_in=1)
    routing = gets([Pool("ben", "Ben alone", {"ben@firm.test": 1})], [BOB, BEA, ben])
    assert (routing.owner, routing.why["turn_of"]) == (1, 3)
    assert routing.why["candidates"][0]["through"] == 1
    assert set(routing.turns) == {3}
    claimed = gets([EVERYONE], [BOB, BEA, ben], claims=[Claim(SAME_COMPANY, 3)])
    assert (claimed.owner, claimed.why["claims"][0]["through_name"]) == (1, "Bob")


def test_two_who_stand_in_for_each_other_and_are_both_away_are_nobody():
    ben, bob = replace(BEN, away="absent", stand_in=1), replace(BOB, away="absent", stand_in=3)
    assert isinstance(gets([Pool("two", "Two", {"ben@firm.test": 1, "bob@firm.test": 1})], [ben, bob, BEA]), Nobody)
    assert owner([EVERYONE], [ben, bob, BEA]) == 2


def test_a_pool_asks_for_a_skill():
    bea = replace(BEA, skills=frozenset({"German"}))
    routing = gets([Pool("de", "Germany", {}, (), "german")], [BOB, bea, BEN])
    assert routing.owner == 2
    assert {"id": 1, "name": "Bob", "why": "lacks the skill"} in routing.why["skipped"]


def test_part_time_and_learning_give_fewer_turns():
    half = [BOB, replace(BEA, share=0.5)]
    assert deal([EVERYONE], half, 30)[0] == {1: 20, 2: 10}
    routing = gets([EVERYONE], [BOB, replace(BEA, share=0.0)])
    assert routing.why["skipped"] == [{"id": 2, "name": "Bea", "why": "no room"}]


def test_the_call_team_works_leads_first_and_then_those_who_sell_do():
    cal = Seller(4, "cal@firm.test", "Cal", skills=frozenset({"call team"}))
    routing = gets([EVERYONE], [*TEAM, cal], first="call team")
    assert (routing.owner, routing.why["rule"]) == (4, "call team")
    then = gets([EVERYONE], [*TEAM, cal], first="call team", worked=True, claims=[Claim(SAME_COMPANY, 4)])
    assert then.owner in (1, 2, 3)
    assert then.why["claims"][0]["why"] == "works leads first"


def test_with_the_call_team_away_a_lead_does_not_wait_for_it():
    cal = Seller(4, "cal@firm.test", "Cal", skills=frozenset({"call team"}), away="absent")
    assert owner([EVERYONE], [*TEAM, cal], first="call team") in (1, 2, 3)


def test_the_record_answers_why_me_and_why_not_her():
    routing = gets([GERMANY], TEAM, {("de", 2): -0.25, ("de", 3): 0.25}, FROM_GERMANY, {9})
    assert routing == Routing(
        owner=2,
        pool="de",
        weight=2.0,
        turns={2: pytest.approx(1 / 12), 3: pytest.approx(-1 / 12)},
        why={
            "rule": "weighted turns",
            "claims": [],
            "pool": "de",
            "say": "Germany",
            "passed": [],
            "seed": "de",
            "candidates": [
                {"id": 2, "name": "Bea", "weight": 2.0, "ahead": -0.25},
                {"id": 3, "name": "Ben", "weight": 1.0, "ahead": 0.25},
            ],
            "all": {"n": 2, "weight": 3.0, "ahead": 0.0},
            "skipped": [],
            "chosen": 2,
            "name": "Bea",
            "turn_of": 2,
        },
    )
    assert json.loads(json.dumps(routing.why)) == routing.why


def test_a_member_of_the_pool_who_is_not_in_sales_is_named():
    routing = gets([Pool("p", "P", {"gone@firm.test": 5, "Bob@Firm.test": 1})], [BOB])
    assert routing.owner == BOB.id
    assert routing.why["skipped"] == [{"id": None, "name": "gone@firm.test", "why": "not in sales"}]


def test_after_two_weeks_off_there_is_no_echo():
    """Odoo counted the last 30 days, and gave a holiday back as a flood (its pull request 68475)."""
    _, turns = deal([EVERYONE], TEAM, 30)
    _, turns = deal([EVERYONE], TEAM, 100, absent={3}, turns=turns)
    got, _ = deal([EVERYONE], TEAM, 30, turns=turns)
    assert got[3] in (10, 11)


def test_somebody_new_does_not_get_all_that_the_others_once_had():
    _, turns = deal([EVERYONE], [BOB, BEA], 400)
    got, _ = deal([EVERYONE], TEAM, 30, turns=turns)
    assert got[3] in (10, 11)


def test_no_pool_begins_with_whoever_was_there_first():
    """Odoo gave all 30 leads to the senior (its pull request 259775): equals need another order in each pool."""
    begins = [owner([Pool(f"pool-{n}", "P", {})], TEAM) for n in range(60)]
    assert all(begins.count(seller.id) >= 12 for seller in TEAM)


def test_a_thousand_sellers_leave_a_short_record_that_still_says_who_it_must_be():
    sellers = [Seller(n, f"{n}@firm.test", f"S{n}", share=1 + n % 3) for n in range(1, 1001)]
    turns = {("all", n): ((n * 37) % 100 - 50) / 100 for n in range(1, 1001)}
    routing = gets([EVERYONE], sellers, turns)
    assert len(routing.why["candidates"]) == 20
    assert again(json.loads(json.dumps(routing.why))) == routing.owner


weights = st.lists(st.integers(1, 100), min_size=1, max_size=9)


def pool_of(weights) -> tuple[Pool, list[Seller]]:
    sellers = [Seller(i, f"{i}@firm.test", f"S{i}") for i in range(len(weights))]
    return Pool("p", "P", {s.email: w for s, w in zip(sellers, weights, strict=True)}), sellers


@given(weights, st.integers(1, 150))
def test_at_every_lead_the_shares_follow_the_weights_within_one(weights, n):
    pool, sellers = pool_of(weights)
    turns, got = {}, [0] * len(weights)
    for k in range(1, n + 1):
        routing = gets([pool], sellers, turns)
        turns |= stored(routing)
        got[routing.owner] += 1
        for count, weight in zip(got, weights, strict=True):
            assert abs(count - Fraction(k * weight, sum(weights))) < 1


@given(weights, st.lists(st.sets(st.integers(0, 8)), min_size=1, max_size=60), st.integers(0, 8), st.data())
def test_nobody_absent_gets_a_lead_whoever_comes_and_goes(weights, days, company_owner, data):
    pool, sellers = pool_of(weights)
    everyone = [None, *range(len(sellers))]
    sellers = [replace(s, stand_in=data.draw(st.sampled_from(everyone))) for s in sellers]
    turns = {}
    for absent in days:
        routing = gets([pool], sellers, turns, absent=absent, claims=[Claim(SAME_COMPANY, company_owner)])
        if isinstance(routing, Nobody):
            assert {s.id for s in sellers} <= absent
        else:
            assert routing.owner not in absent
            assert again(json.loads(json.dumps(routing.why))) == routing.owner
            turns |= stored(routing)


@given(weights, st.data())
def test_the_order_of_what_was_read_does_not_matter(weights, data):
    pool, sellers = pool_of(weights)
    turns = {("p", s.id): data.draw(st.floats(-1, 1)) for s in sellers}
    random = Random(data.draw(st.integers(0, 1000)))
    first = gets([pool], sellers, turns)
    shuffled = replace(pool, members=dict(random.sample(list(pool.members.items()), len(pool.members))))
    mixed = dict(random.sample(list(turns.items()), len(turns)))
    assert gets([shuffled], random.sample(sellers, len(sellers)), mixed) == first


@given(weights, st.lists(st.sets(st.integers(0, 8), max_size=8), min_size=1, max_size=25))
def test_whatever_the_past_nobody_is_owed_more_than_two_leads(weights, days):
    """Who comes back gets their share of the next 150, at most two that were owed, and the rounding of one."""
    pool, sellers = pool_of(weights)
    turns = {}
    for absent in days:
        if isinstance(routing := gets([pool], sellers, turns, absent=absent), Routing):
            turns |= stored(routing)
    got, _ = deal([pool], sellers, 150, turns=turns)
    for seller, weight in zip(sellers, weights, strict=True):
        assert abs(got.get(seller.id, 0) - Fraction(150 * weight, sum(weights))) < 3
