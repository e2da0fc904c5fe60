"""Many leads at once: the same as one by one, and one undo for all."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from tests.conftest import NOW
from tilth import conveyor
from tilth.deals.together import Together, open_handoff, together
from tilth.deals.verbs import open_deal, undo
from tilth.handoff.models import Acceptance, HandBack, Handoff, Holding, Qualified, Return, Withdrawal
from tilth.handoff.passing import reassign
from tilth.handoff.verbs import (
    Done,
    NotYours,
    Refused,
    TooLate,
    accept,
    hand_back,
    hand_off,
    log_contact,
    qualified,
    return_lead,
)
from tilth.journal.models import Entry
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.qualify.models import StageChange, Standing
from tilth.team.models import Member, Role
from tilth.touches.models import FOLLOW_UP, Evidence, NextStep, Touch
from tilth.touches.next_steps import plan_step

LATER = NOW + timedelta(minutes=5)
Verb = Callable[[Person, Member], Done]


@pytest.fixture
def berta(db: None) -> Member:
    return Member.objects.create(name="Berta Kok", email="berta@kasbouw.example", role=Role.SALES, joined_at=NOW)


def lead(name: str, owner: Member | None) -> Person:
    told = Told(
        emails=[f"{name.lower()}@{name.lower()}.example"], phones=[f"+3110555{len(name):02}{ord(name[0])}"],
        person={"first_name": name, "last_name": "Bakker", "country": "NL"}, company={"name": f"{name} Tomaten"},
    )  # fmt: skip
    person = keep(told, NOW, "typed in")[0]
    if owner is not None:
        hand_off(person, NOW, owner, owner)
    return person


@pytest.fixture
def leads(agreement, bob, berta) -> list[Person]:
    """One in each state that a lead can be in, and what goes wrong for some of them."""
    new, called, taken, sql, deal, gone = (lead(n, bob) for n in ("Nora", "Cor", "Teun", "Saar", "Dina", "Gijs"))
    for _ in range(5):
        log_contact(called, bob, "call", NOW)
    for person in (taken, sql, deal):
        accept(open_handoff(person), bob, NOW)
    qualified(open_handoff(sql), bob, NOW)
    open_deal(deal, bob, "Climate", 4_000_000, "EUR", NOW)
    return_lead(open_handoff(gone), bob, "not-ready", "Later", NOW)
    return [new, called, taken, lead("Berend", berta), sql, lead("Nico", None), deal, gone]


VERBS: dict[str, Verb] = {
    "accept": lambda p, by: accept(open_handoff(p), by, LATER),
    "return": lambda p, by: return_lead(open_handoff(p), by, "not-ready", "Not this year", LATER, rests_on="said"),
    "return, unknown reason": lambda p, by: return_lead(open_handoff(p), by, "nonsense", "", LATER),
    "hand back": lambda p, by: hand_back(open_handoff(p), by, "no-budget", "Not this year", LATER),
    "qualify": lambda p, by: qualified(open_handoff(p), by, LATER),
    "call": lambda p, by: log_contact(p, by, "call", LATER, "reached"),
    "next step": lambda p, by: Done(*plan_step(p, by, "Send the offer", date(2026, 6, 20), LATER)),
    "reassign": lambda p, by: reassign(open_handoff(p), Member.objects.get(name="Berta Kok"), LATER, by),
}


def facts() -> dict[str, Any]:
    """Everything that the verbs write, without the numbers of rows."""
    return {
        "accepted": sorted(Acceptance.objects.values_list("handoff__person", "member", "at")),
        "returned": sorted(Return.objects.values_list("handoff__person", "member", "at", "reason", "note", "rests_on")),
        "handed back": sorted(HandBack.objects.values_list("handoff__person", "member", "at", "reason", "note")),
        "qualified": sorted(Qualified.objects.values_list("handoff__person", "member", "at")),
        "taken": sorted(Withdrawal.objects.values_list("handoff__person", "by", "at", "why")),
        "handed off": sorted(Handoff.objects.values_list("person", "owner", "at", "value")),
        "held": sorted(Holding.objects.values_list("person", "owner", "since", "open_deals", "rank")),
        "stages": sorted(StageChange.objects.values_list("person", "stage", "was", "at", "because")),
        "standings": sorted(Standing.objects.values_list("person", "stage", "round_ended_at"), key=str),
        "touches": sorted(Touch.objects.filter(evidence__gt=Evidence.RETRACTED).values_list("person", "kind", "member", "at"), key=str),
        "steps": sorted(NextStep.objects.values_list("person", "member", "what", "on")),
        "journal": sorted(Entry.objects.exclude(verb="did together").values_list("verb", "person_id", "by_id", "at"), key=str),
    }  # fmt: skip


def one_by_one(leads: list[Person], verb: Verb, by: Member) -> tuple[dict[str, Any], list[tuple[int, str]]]:
    """What would come of it, each by itself; nothing stays."""
    refused = []
    with transaction.atomic():
        for person in leads:
            try:
                with transaction.atomic():
                    verb(person, by)
            except Refused as why:
                refused.append((person.pk, str(why)))
        found = facts()
        transaction.set_rollback(True)
    return found, refused


def all_at_once(leads: list[Person], verb: Verb, by: Member) -> Together:
    return together(leads, lambda person: verb(person, by), by, LATER)


@pytest.fixture
def everybody(bob, carla, ann) -> Iterator[Member]:
    return iter((bob, carla, ann))


@pytest.mark.parametrize("name", VERBS)
def test_bulk_is_one_by_one(name, leads, everybody):
    """The same facts and the same refusals in the same words, whoever asks."""
    before = facts()
    for by in everybody:
        wanted, refusals = one_by_one(leads, VERBS[name], by)
        assert facts() == before
        with transaction.atomic():
            done = all_at_once(leads, VERBS[name], by)
            assert facts() == wanted
            assert [(person.pk, why) for person, why in done.refused] == refusals
            taken = {p.pk for p in [*done.done, *done.before]}
            assert taken == {p.pk for p in leads if p.pk not in dict(refusals)}
            transaction.set_rollback(True)


@pytest.mark.parametrize("name", [name for name in VERBS if name != "return, unknown reason"])
def test_one_undo_takes_all_of_it_back(name, leads, carla):
    before = facts()
    done = all_at_once(
        [p for p in leads if p.first_name != "Dina"], VERBS[name], carla
    )  # on an SQL with a deal, one builds
    assert facts() != before
    undo(done.entry, carla, LATER)
    after = facts()
    journal = after.pop("journal")
    assert [line for line in journal if line[0] == "undid"]
    assert {k: v for k, v in before.items() if k != "journal"} == after


MORE_CALLS = "The agreement allows 5 calls in 15 working days with one lead. Qualify the lead, or give it back with what you found out."


def contacts() -> Counter[tuple[str, str]]:
    """How many contacts of each kind are on whose timeline."""
    told = Touch.objects.filter(kind__in=FOLLOW_UP, evidence__gt=Evidence.RETRACTED)
    return Counter(told.values_list("person__first_name", "kind"))


@pytest.fixture
def called(leads, bob) -> list[Person]:
    """Nora was called four times, Cor five, Teun three times and mailed four times."""
    new, cor, taken, *_ = leads
    for person, kind, times in ((new, "call", 4), (taken, "call", 3), (taken, "mail", 4)):
        for _ in range(times):
            log_contact(person, bob, kind, NOW)
    return [new, cor, taken]


def test_the_sixth_call_is_refused_among_many_for_that_lead_alone(called, bob):
    before = contacts()
    done = all_at_once(called, VERBS["call"], bob)
    assert [(p.first_name, why) for p, why in done.refused] == [("Cor", MORE_CALLS)]
    assert contacts() - before == Counter({("Nora", "call"): 1, ("Teun", "call"): 1})
    again = all_at_once(called, VERBS["call"], bob)
    assert [(p.first_name, why) for p, why in again.refused] == [("Nora", MORE_CALLS), ("Cor", MORE_CALLS)]
    assert [p.first_name for p in again.done] == ["Teun"]


def test_the_undo_of_many_calls_takes_back_those_alone_and_makes_room_for_as_many(called, bob):
    before = contacts()
    done = all_at_once(called, VERBS["call"], bob)
    undo(done.entry, bob, LATER)
    assert contacts() == before
    again = all_at_once(called, VERBS["call"], bob)
    assert [p.first_name for p in again.done] == ["Nora", "Teun"]


def test_calls_of_which_each_is_refused_leave_nothing_to_undo(called, bob):
    before = contacts()
    done = all_at_once(called[1:2], VERBS["call"], bob)
    assert (done.done, done.refused, done.entry) == ([], [(called[1], MORE_CALLS)], None)
    assert contacts() == before


def test_a_lead_that_may_not_be_called_may_be_mailed_and_the_other_way_round(called, bob):
    done = all_at_once(called, lambda p, by: log_contact(p, by, "mail", LATER), bob)
    assert [p.first_name for p in done.done] == ["Nora", "Cor"]
    assert [p.first_name for p, why in done.refused if "allows 4 mails" in why] == ["Teun"]


def test_bulk_is_one_by_one_under_the_ceiling_for_sales_manager_and_marketing(called, everybody):
    for by in everybody:
        wanted, refusals = one_by_one(called, VERBS["call"], by)
        with transaction.atomic():
            done = all_at_once(called, VERBS["call"], by)
            assert facts() == wanted
            assert [(p.pk, why) for p, why in done.refused] == refusals
            assert len(refusals) == (by.role != Role.MARKETING)
            transaction.set_rollback(True)


def test_nothing_changed_leaves_nothing_to_undo(leads, bob):
    all_at_once(leads[:1], VERBS["accept"], bob)
    again = all_at_once(leads[:1], VERBS["accept"], bob)
    assert (again.done, again.before, again.entry) == ([], leads[:1], None)


def test_what_was_built_on_stays_and_is_named(leads, bob):
    new, called, *_ = leads
    done = all_at_once([new, called], VERBS["accept"], bob)
    qualified(open_handoff(new), bob, LATER)
    told = undo(done.entry, bob, LATER)
    assert told.data["stays"] == [(new.pk, "A later step builds on this. Undo that one first.")]
    assert Acceptance.objects.filter(handoff__person=new).exists()
    assert not Acceptance.objects.filter(handoff__person=called).exists()


def test_when_all_of_it_stays_it_is_refused(leads, bob):
    done = all_at_once(leads[:1], VERBS["accept"], bob)
    qualified(open_handoff(leads[0]), bob, LATER)
    with pytest.raises(TooLate, match="later step"):
        undo(done.entry, bob, LATER)


def test_nobody_else_undoes_it(leads, bob, ann):
    done = all_at_once(leads[:2], VERBS["accept"], bob)
    with pytest.raises(NotYours):
        undo(done.entry, ann, LATER)
    with pytest.raises(TooLate, match="Ten minutes"):
        undo(done.entry, bob, LATER + timedelta(minutes=11))


def test_a_lead_that_its_new_owner_accepted_is_not_taken_back(leads, carla, berta):
    done = all_at_once(leads[:1], VERBS["reassign"], carla)
    accept(open_handoff(leads[0]), berta, LATER)
    with pytest.raises(TooLate, match="Berta Kok has begun"):
        undo(done.entry, carla, LATER)


def test_undone_leads_are_promised_as_before(leads, carla):
    conveyor.run_dry(NOW)

    def owed():
        return sorted(
            Handoff.objects.filter(holding__isnull=False).values_list(
                "person", "obligations__kind", "obligations__open"
            )
        )

    before = owed()
    done = all_at_once(leads[:2], VERBS["reassign"], carla)
    conveyor.run_dry(LATER)
    undo(done.entry, carla, LATER)
    conveyor.run_dry(LATER)
    assert owed() == before
