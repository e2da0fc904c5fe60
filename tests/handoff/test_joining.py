"""A second person of the same buying group joins the open handoff (B8)."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.handoff.test_verbs import ask_for_demo, standing
from tilth import conveyor
from tilth.deals.merging import merge
from tilth.deals.verbs import open_deal, undo, win
from tilth.groups.verbs import form
from tilth.handoff import joined
from tilth.handoff.joining import join_or_hand_off, take_out
from tilth.handoff.models import Handoff, Holding, Joining, Withdrawal
from tilth.handoff.passing import reassign
from tilth.handoff.verbs import AlreadyHeld, NotYours, accept, hand_off, return_lead
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.qualify.models import Ripe
from tilth.team.models import Member, Role

LATER = NOW + timedelta(hours=3)
EVEN_LATER = NOW + timedelta(hours=4)


@pytest.fixture
def piet(anouk) -> Person:
    """Piet Zonneveld owns the firm; of him we know no phone number."""
    told = Told(
        emails=["piet@zonneveldtomaten.example"],
        person={"first_name": "Piet", "last_name": "Zonneveld", "title": "Owner", "country": "NL"},
        company={"name": "Zonneveld Tomaten", "domain": "zonneveldtomaten.example"},
    )
    return keep(told, NOW, "typed in")[0]


@pytest.fixture
def handoff(agreement, anouk, piet, ann) -> Handoff:
    """Anouk and Piet decide together; Anouk asked for a demo and was handed to Bob."""
    form(anouk.company, "Climate software", [anouk, piet], ann, NOW)
    ask_for_demo(anouk)
    conveyor.run_dry(NOW)
    return Handoff.objects.get()


@pytest.fixture
def joining(handoff, piet) -> Joining:
    """Three hours later Piet asked for a demo too."""
    ask_for_demo(piet, LATER)
    conveyor.run_dry(LATER)
    return Joining.objects.get()


@pytest.fixture
def berta(db) -> Member:
    return Member.objects.create(name="Berta Kok", email="berta@kasbouw.example", role=Role.SALES, joined_at=NOW)


def test_a_second_person_joins_and_the_value_counts_once(joining, handoff, piet, bob):
    assert (joining.handoff, joining.person) == (handoff, piet)
    assert joining.why["interest"]
    assert list(Handoff.objects.all()) == [handoff]
    assert joined.of(piet.pk).handoff.person.holding.owner == bob
    assert standing(piet).stage == "mql"
    assert not Ripe.objects.exists()


def test_who_joins_is_not_refused_for_missing_data(joining, piet):
    assert not piet.phones.exists()
    assert joined.among([piet.pk]) == {piet.pk}


def test_it_is_as_urgent_as_it_was_at_first(handoff, piet):
    before = Holding.objects.get().rank
    ask_for_demo(piet, LATER)
    conveyor.run_dry(LATER)
    fades = handoff.version.terms.fades_hours
    assert Holding.objects.get().rank == pytest.approx(before + 3 / fades)


def test_a_rebuild_finds_the_same(joining):
    before = Holding.objects.get().rank
    conveyor.rebuild(EVEN_LATER)
    assert Holding.objects.get().rank == pytest.approx(before)


def test_who_is_in_it_is_nobody_elses(joining, piet, carla, bob):
    with pytest.raises(AlreadyHeld, match="Anouk"):
        hand_off(piet, EVEN_LATER, carla, bob)


def test_something_new_does_not_hand_them_off_by_themselves(joining, piet):
    ask_for_demo(piet, EVEN_LATER)
    conveyor.run_dry(EVEN_LATER)
    assert Handoff.objects.count() == 1
    assert not Ripe.objects.exists()


def test_who_waited_for_data_joins_when_a_colleague_is_handed_off(agreement, anouk, piet, ann):
    ask_for_demo(piet)
    conveyor.run_dry(NOW)
    assert Ripe.objects.get().waits_for == "data"
    form(anouk.company, "Climate software", [anouk, piet], ann, NOW)
    ask_for_demo(anouk, LATER)
    conveyor.run_dry(LATER)
    assert joined.of(piet.pk).handoff.person == anouk


def test_by_hand_they_join_too(handoff, piet, ann):
    done = join_or_hand_off(piet, LATER, ann)
    assert isinstance(done.row, Joining)
    assert done.entry.by_name == "Ann de Wit"


def test_a_second_press_says_that_they_joined(handoff, piet, ann):
    join_or_hand_off(piet, LATER, ann)
    with pytest.raises(AlreadyHeld, match="Piet Zonneveld joined Anouk Zonneveld"):
        join_or_hand_off(piet, LATER, ann)
    assert Joining.objects.count() == 1


def test_when_both_turn_out_to_be_one_there_is_one_lead(joining, piet, anouk, bob, carla):
    done = merge(anouk, piet, carla, EVEN_LATER)
    conveyor.run_dry(EVEN_LATER)
    assert Holding.objects.get().owner == bob
    assert not joined.open_ones().exists()
    undo(done.entry, carla, EVEN_LATER)
    conveyor.run_dry(EVEN_LATER)
    assert joined.of(piet.pk) == joining


def test_who_joined_a_lead_that_was_merged_into_another_is_in_that_one(joining, piet, anouk, bob, carla):
    told = Told(
        emails=["anouk.z@other.example"], phones=["+31105550177"], person={"first_name": "A.", "last_name": "Zonneveld"}
    )
    other = keep(told, NOW, "typed in")[0]
    hand_off(other, NOW - timedelta(hours=1), carla, bob)
    merge(other, anouk, carla, EVEN_LATER)
    conveyor.run_dry(EVEN_LATER)
    assert joined.of(piet.pk).owner == bob
    take_out(joining, bob, EVEN_LATER)
    assert joined.of(piet.pk) is None


def test_the_owner_takes_them_out_and_they_go_their_own_way(joining, piet, anouk, bob, berta):
    keep(Told(phones=["+31105550143"]), LATER, "typed in", person=piet)
    with pytest.raises(NotYours):
        take_out(joining, berta, LATER)
    take_out(joining, bob, EVEN_LATER)
    conveyor.run_dry(EVEN_LATER)
    assert joined.of(piet.pk) is None
    assert Handoff.objects.get(person=piet).owner == bob  # by routing: who has their group
    assert Holding.objects.get(person=anouk).rank == pytest.approx(
        Holding.objects.get(person=piet).rank - 4 / Handoff.objects.first().version.terms.fades_hours
    )


def test_when_the_handoff_ends_they_are_free_until_something_new(joining, handoff, piet, bob):
    return_lead(handoff, bob, "not-ready", "Not this year.", EVEN_LATER)
    conveyor.run_dry(EVEN_LATER)
    assert joined.of(piet.pk) is None
    assert standing(piet).stage == "lead"
    assert not Holding.objects.exists()
    ask_for_demo(piet, EVEN_LATER + timedelta(days=1))
    keep(Told(phones=["+31105550143"]), EVEN_LATER, "typed in", person=piet)
    conveyor.run_dry(EVEN_LATER + timedelta(days=1))
    assert Holding.objects.get().person == piet


def test_undoing_the_end_brings_them_back(joining, handoff, piet, bob):
    done = return_lead(handoff, bob, "not-ready", "Not this year.", EVEN_LATER)
    undo(done.entry, bob, EVEN_LATER)
    conveyor.run_dry(EVEN_LATER)
    assert joined.of(piet.pk) == joining
    assert standing(piet).stage == "mql"
    assert not Ripe.objects.exists()


def test_a_win_frees_them_too(joining, handoff, piet, anouk, bob):
    accept(handoff, bob, EVEN_LATER)
    deal = open_deal(anouk, bob, "Climate", 4_000_000, "EUR", EVEN_LATER).row
    assert joined.of(piet.pk) == joining
    done = win(deal, bob, EVEN_LATER)
    assert (joined.of(piet.pk), standing(piet).stage) == (None, "lead")
    undo(done.entry, bob, EVEN_LATER)
    assert (joined.of(piet.pk), standing(piet).stage) == (joining, "mql")


def test_they_come_along_to_the_next_owner(joining, handoff, piet, carla, berta):
    reassign(handoff, berta, EVEN_LATER, carla)
    conveyor.run_dry(EVEN_LATER)
    assert joined.of(piet.pk).handoff.person.holding.owner == berta
    assert Handoff.objects.count() == 2


def test_they_wait_with_a_lead_that_was_left_behind(joining, handoff, piet, bob):
    Holding.objects.all().delete()
    Withdrawal.objects.create(handoff=handoff, at=EVEN_LATER, why=Withdrawal.Why.LEFT)
    assert joined.of(piet.pk) == joining
    ask_for_demo(piet, EVEN_LATER)
    conveyor.run_dry(EVEN_LATER)
    assert not Handoff.objects.filter(person=piet).exists()


def test_somebody_of_another_company_does_not_join(handoff, agreement, ann):
    told = Told(
        emails=["kim@peeters.example"], phones=["+3235550190"],
        person={"first_name": "Kim", "last_name": "Peeters", "title": "Owner", "country": "BE"},
        company={"name": "Peeters", "industry": "Horticulture", "employees": 40, "country": "BE"},
    )  # fmt: skip
    kim = keep(told, NOW, "typed in")[0]
    ask_for_demo(kim, LATER)
    conveyor.run_dry(LATER)
    assert Handoff.objects.filter(person=kim).exists()
    assert not Joining.objects.exists()
