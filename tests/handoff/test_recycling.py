"""Leads that came back from sales: what brings them there again, and what the next handoff knows of the one before."""

from datetime import date, timedelta

import pytest

from tests.conftest import NOW
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.deals.verbs import open_deal, undo, win
from tilth.handoff.models import GivenUp, Handoff, Holding, Return
from tilth.handoff.recycling import rounds, through
from tilth.handoff.verbs import Refused, UnknownReason, accept, hand_back, return_lead
from tilth.qualify.models import Ripe
from tilth.touches.models import Evidence
from tilth.touches.record import offer, record

DAY = timedelta(days=1)
When = GivenUp.When


def asks_for_demo(person, at):
    return record("form", at, at, person=person, offer=offer("demo", at), evidence=Evidence.DECLARED, source="search")


def comes_to_webinar(person, at):
    return record("webinar", at, at, person=person, offer=offer("webinar", at), evidence=Evidence.DECLARED)


def agree(preset, ann, bob, at, **recycling):
    version = Version.write(preset | {"recycling": recycling}, ann, at)
    version.sign(ann, "marketing", at)
    version.sign(bob, "sales", at)
    return version


@pytest.fixture
def handoff(agreement, anouk) -> Handoff:
    asks_for_demo(anouk, NOW)
    conveyor.run_dry(NOW)
    return Handoff.objects.get()


def test_a_reason_rests_on_what_the_agreement_looks_at(handoff, bob):
    with pytest.raises(UnknownReason, match=r"company\.employees"):
        return_lead(handoff, bob, "no-fit", "", NOW, rests_on="shoe size")
    done = return_lead(handoff, bob, "no-fit", "Two people", NOW, rests_on="company.employees")
    assert done.row.rests_on == "company.employees"
    assert done.entry.data["rests_on"] == "company.employees"


@pytest.mark.parametrize("half", [{"comes_back": "date"}, {"comes_back": "event"}, {"comes_back": "soon"}])
def test_half_a_condition_is_refused(handoff, bob, half):
    with pytest.raises(Refused):
        return_lead(handoff, bob, "not-ready", "", NOW, **half)
    assert not Return.objects.exists()


def test_on_its_day_it_comes_back_even_when_it_has_cooled(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    hand_back(handoff, bob, "later", "Budget in autumn", NOW, date(2026, 10, 1), rests_on="said")
    conveyor.run_dry(NOW)
    conveyor.run_dry(NOW + 60 * DAY)
    assert not Ripe.objects.exists()  # nothing of its interest is left
    october = NOW + 107 * DAY
    conveyor.run_dry(october)
    again = Handoff.objects.get(recycles=handoff)
    assert (again.owner, again.continues) == (bob, None)
    assert Holding.objects.get().handoff == again
    conveyor.run_dry(october + DAY)
    assert Handoff.objects.count() == 2


def test_before_its_day_only_a_raised_hand_brings_it_back(handoff, anouk, bob):
    return_lead(handoff, bob, "not-ready", "", NOW, date(2026, 7, 1))
    comes_to_webinar(anouk, NOW + DAY)
    conveyor.run_dry(NOW + DAY)
    assert Ripe.objects.get().waits_for == "news"
    assert Handoff.objects.count() == 1
    asks_for_demo(anouk, NOW + 2 * DAY)
    conveyor.run_dry(NOW + 2 * DAY)
    assert Handoff.objects.count() == 2


def test_a_named_event_brings_it_back_whatever_else_counts(handoff, anouk, bob):
    return_lead(handoff, bob, "not-ready", "", NOW, comes_back=When.EVENT, event="Permit granted")
    comes_to_webinar(anouk, NOW + DAY)
    conveyor.run_dry(NOW + DAY)
    assert Handoff.objects.count() == 1
    later = NOW + 2 * DAY
    record("track", later, later, person=anouk, event="permit granted", evidence=Evidence.OBSERVED)
    conveyor.run_dry(later)
    assert Handoff.objects.get(recycles=handoff).owner == bob


def test_a_machine_makes_no_event_happen(handoff, anouk, bob):
    return_lead(handoff, bob, "not-ready", "", NOW, comes_back=When.EVENT, event="Permit granted")
    later = NOW + 2 * DAY
    record("track", later, later, person=anouk, event="Permit granted", evidence=Evidence.MACHINE)
    conveyor.run_dry(later)
    assert Handoff.objects.count() == 1


def test_it_rests_between_two_rounds_as_agreed(agreement, preset, ann, bob, anouk, handoff):
    agree(preset, ann, bob, NOW, rest_days=30)
    return_lead(handoff, bob, "not-ready", "", NOW)
    for day in (1, 20, 29):  # still interested, all the time
        comes_to_webinar(anouk, NOW + day * DAY)
        conveyor.run_dry(NOW + day * DAY)
    assert Handoff.objects.count() == 1
    conveyor.run_dry(NOW + 31 * DAY)
    assert Handoff.objects.count() == 2


def test_after_its_rounds_it_stays_with_marketing_until_it_raises_its_hand(agreement, preset, ann, bob, anouk, handoff):
    version = agree(preset, ann, bob, NOW, rounds=1)
    return_lead(handoff, bob, "not-ready", "", NOW, date(2026, 6, 18))
    comes_to_webinar(anouk, NOW + DAY)
    conveyor.run_dry(NOW + 3 * DAY)
    assert Ripe.objects.get().waits_for == "rounds"
    assert through(version.terms, [anouk.pk]) == {anouk.pk}
    taken = conveyor.run(NOW + 3 * DAY)
    assert taken["recycling"] == 0  # and it is not looked at again and again
    asks_for_demo(anouk, NOW + 4 * DAY)
    conveyor.run_dry(NOW + 4 * DAY)
    assert Handoff.objects.count() == 2


def test_who_bought_begins_to_count_anew(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    deal = open_deal(anouk, bob, "Night heating", 100_00, "EUR", NOW).row
    win(deal, bob, NOW + DAY)
    assert rounds([anouk.pk]) == {anouk.pk: 0}
    asks_for_demo(anouk, NOW + 2 * DAY)
    conveyor.run_dry(NOW + 2 * DAY)
    assert Handoff.objects.order_by("pk").last().recycles is None
    assert rounds([anouk.pk]) == {anouk.pk: 1}


def test_undoing_a_hand_back_takes_its_waking_back(handoff, anouk, bob):
    accept(handoff, bob, NOW)
    done = hand_back(handoff, bob, "later", "", NOW, date(2026, 6, 17))
    undo(done.entry, bob, NOW + timedelta(minutes=1))
    conveyor.run_dry(NOW + 2 * DAY)
    assert Handoff.objects.count() == 1
    assert Holding.objects.get().handoff == handoff
