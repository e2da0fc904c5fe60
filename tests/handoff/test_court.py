"""The return court: who decides, what each verdict does, and what taking it back restores."""

from datetime import date, timedelta

import pytest

from tests.conftest import JOINED, NOW
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.deals.verbs import undo
from tilth.handoff.court import overturn, uphold, waiting
from tilth.handoff.models import Handoff, Holding, Return, Review
from tilth.handoff.verbs import AlreadyOver, NotYours, TooLate, UnknownReason, accept, hand_off, return_lead
from tilth.promises.deliveries import handed_over
from tilth.promises.models import Obligation
from tilth.qualify.models import Ripe, Standing
from tilth.team.models import Absence, Member, Role
from tilth.touches.models import Evidence
from tilth.touches.record import offer, record

LATER = NOW + timedelta(hours=2)
SOON = LATER + timedelta(minutes=3)


@pytest.fixture
def returned(agreement, anouk, bob, carla) -> Return:
    """Anouk asked for a demo; Bob found that she does not fit."""
    record("form", NOW, NOW, person=anouk, offer=offer("demo", NOW), evidence=Evidence.DECLARED, source="search")
    conveyor.run_dry(NOW)
    row = return_lead(Handoff.objects.get(), bob, "no-fit", "Too small", NOW, rests_on="company.employees").row
    conveyor.run_dry(NOW)
    return row


def agree(preset, ann, bob, at, **review):
    preset["sla"]["review"] = review
    version = Version.write(preset, ann, at)
    version.sign(ann, "marketing", at)
    version.sign(bob, "sales", at)
    return version


def femke() -> Member:
    return Member.objects.create(name="Femke Bakker", email="femke@kasbouw.example", role=Role.SALES, joined_at=JOINED)


def test_upheld_is_charged_to_its_cause_and_the_lead_stays_with_marketing(returned, carla, anouk):
    done = uphold(returned, carla, "definition", "no-fit", "We must raise the floor", LATER)
    assert (done.row.verdict, done.row.charged_to, done.row.reason) == ("upheld", "definition", "no-fit")
    assert not waiting().exists()
    assert not Holding.objects.exists()
    assert uphold(returned, carla, "definition", "no-fit", "", LATER).entry is None


def test_overturned_goes_back_to_its_owner_with_a_running_clock(returned, carla, bob, anouk):
    overturn(returned, carla, "120 people work there", LATER)
    conveyor.run_dry(LATER)
    back = Handoff.objects.get(continues=returned.handoff)
    assert back.owner == bob
    assert back.routing["rule"] == "overturned"
    assert Holding.objects.get().handoff == back
    assert Standing.objects.get().stage == "mql"
    assert Obligation.objects.filter(handoff=back, since=LATER, open=True).count() >= 2
    assert Return.objects.get() == returned
    assert not Ripe.objects.exists()
    accept(back, bob, SOON)


def test_marketings_delivery_counts_once(returned, carla, agreement):
    overturn(returned, carla, "", LATER)
    assert handed_over(agreement.terms, NOW - timedelta(days=1), LATER + timedelta(days=1))[0] == 1


def test_only_a_manager_decides_when_nobody_is_named(returned, ann, bob, carla):
    for member in (ann, bob, femke()):
        with pytest.raises(NotYours):
            overturn(returned, member, "", LATER)
    assert overturn(returned, carla, "", LATER).row.reviewer == carla


def test_who_is_named_decides_and_no_manager_does(returned, preset, ann, bob, carla):
    agree(preset, ann, bob, NOW, reviewer="ann@kasbouw.example", blind=True)
    with pytest.raises(NotYours, match="Ann de Wit"):
        overturn(returned, carla, "", LATER)
    row = overturn(returned, ann, "", LATER).row
    assert (row.reviewer, row.blind) == (ann, True)


def test_a_named_reviewer_who_left_leaves_it_to_the_managers(returned, preset, ann, bob, carla):
    agree(preset, ann, bob, NOW, reviewer="gone@kasbouw.example")
    assert overturn(returned, carla, "", LATER).row.reviewer == carla


def test_nobody_decides_on_their_own_return(returned, preset, ann, bob, carla):
    agree(preset, ann, bob, NOW, reviewer="bob@kasbouw.example")
    with pytest.raises(NotYours, match="themselves"):
        overturn(returned, bob, "", LATER)
    assert overturn(returned, carla, "", LATER).row.reviewer == carla  # then it is a manager's


@pytest.mark.parametrize("why", [("weather", "no-fit"), ("", "no-fit"), ("data", "bad mood"), ("data", "")])
def test_upholding_names_a_cause_and_a_reason(returned, carla, why):
    with pytest.raises(UnknownReason):
        uphold(returned, carla, *why, "", LATER)
    assert not Review.objects.exists()


def test_what_is_decided_is_not_decided_otherwise(returned, carla):
    uphold(returned, carla, "data", "wrong-data", "", LATER)
    with pytest.raises(AlreadyOver, match="Carla Smit has decided"):
        overturn(returned, carla, "", LATER)


def test_an_owner_who_is_away_does_not_get_it_back(returned, carla, bob):
    other = femke()
    Absence.objects.create(member=bob, first=date(2026, 6, 15), last=date(2026, 6, 19))
    overturn(returned, carla, "", LATER)
    conveyor.run_dry(LATER)
    back = Handoff.objects.get(continues=returned.handoff)
    assert back.owner == other


def test_with_nobody_there_it_waits_in_line_and_is_not_lost(returned, carla, bob):
    Absence.objects.create(member=bob, first=date(2026, 6, 15), last=date(2026, 6, 19))
    overturn(returned, carla, "", LATER)
    conveyor.run_dry(LATER)
    assert Ripe.objects.get().waits_for == "owner"
    monday = NOW + timedelta(days=6)
    conveyor.run_dry(monday)
    assert Handoff.objects.get(continues=returned.handoff).owner == bob


def test_who_has_the_lead_by_now_keeps_it(returned, carla, bob, anouk):
    other = femke()
    taken = hand_off(anouk, LATER, other, other).row
    overturn(returned, carla, "", SOON)
    assert Holding.objects.get().handoff == taken
    assert not Handoff.objects.filter(continues=returned.handoff).exists()


def test_a_return_that_was_decided_cannot_be_undone(returned, carla, bob):
    entry = return_entry()
    uphold(returned, carla, "data", "wrong-data", "", NOW)
    with pytest.raises(TooLate):
        undo(entry, bob, NOW + timedelta(minutes=1))


def return_entry():
    from tilth.journal.models import Entry

    return Entry.objects.get(verb="returned")


def test_undoing_a_verdict_restores_what_was(returned, carla, anouk):
    held_before = Standing.objects.values("stage", "round_ended_at").get()
    done = overturn(returned, carla, "", LATER)
    conveyor.run_dry(LATER)
    undo(done.entry, carla, SOON)
    conveyor.run_dry(SOON)
    assert Standing.objects.values("stage", "round_ended_at").get() == held_before
    assert Handoff.objects.get() == returned.handoff
    assert not Holding.objects.exists()
    assert waiting().get() == returned
    uphold(returned, carla, "data", "no-fit", "", SOON)


def test_undoing_is_too_late_once_the_owner_took_it_up(returned, carla, bob):
    done = overturn(returned, carla, "", LATER)
    accept(Handoff.objects.get(continues=returned.handoff), bob, SOON)
    with pytest.raises(TooLate, match="Bob Jansen has taken it up"):
        undo(done.entry, carla, SOON)
    assert Review.objects.exists()


def test_an_overturned_lead_that_comes_back_again_is_the_same_round(returned, carla, bob, anouk):
    overturn(returned, carla, "", LATER)
    back = Handoff.objects.get(continues=returned.handoff)
    return_lead(back, bob, "not-ready", "", SOON, rests_on="said")
    again = SOON + timedelta(days=3)
    record("form", again, again, person=anouk, offer=offer("demo", again), evidence=Evidence.DECLARED)
    conveyor.run_dry(again)
    third = Handoff.objects.order_by("pk").last()
    assert (third.continues, third.recycles) == (None, back)
