"""The dispatcher's desk: what waits is seen by everyone, and passed on by who may."""

import re

import pytest
from django.utils.html import strip_tags

from tests.conftest import NOW
from tests.handoff.test_routing import colleague, lead, run
from tilth.agreement.models import Version
from tilth.deals.verbs import open_deal
from tilth.handoff.models import Handoff, Holding, Withdrawal
from tilth.handoff.verbs import accept
from tilth.qualify.models import Ripe
from tilth.team.models import Absence, Member


@pytest.fixture
def by_hand(preset, ann, bob, clock, agreement) -> Version:
    """Ann passes every lead on."""
    preset["routing"] |= {"dispatch": "manual", "dispatcher": ann.email}
    version = Version.write(preset, ann, NOW)
    version.sign(ann, "marketing", NOW)
    version.sign(bob, "sales", NOW)
    clock.forward(minutes=1)
    return version


def said(page) -> str:
    return re.sub(r"\s+", " ", strip_tags(page.content.decode()))


def test_the_dispatcher_sees_what_waits_with_a_proposal_and_passes_it_on(client_of, ann, bob, by_hand, clock):
    person = lead(1)
    run(clock.at)
    page = said(client_of(ann).get("/desk/"))
    assert "Every ripe lead waits here until ann@kasbouw.example passes it on." in page
    assert "Bob Jansen, whose turn it was" in page
    answer = client_of(ann).post(f"/desk/people/{person.pk}/", {"owner": ""}, follow=True)
    assert "Lead 1 is with Bob Jansen now." in said(answer)
    assert Handoff.objects.get().by == ann
    assert "Every ripe lead has an owner." in said(client_of(ann).get("/desk/"))


def test_all_are_passed_on_as_the_page_proposed(client_of, ann, bob, by_hand, clock):
    colleague("Bea")
    people = [lead(n) for n in range(6)]
    run(clock.at)
    page = client_of(ann).get("/desk/")
    proposed = {w.ripe.pk: w.owner.id for w in page.context["waiting"]}
    client_of(ann).post("/desk/all/", {"lead": [p.pk for p in people]})
    assert dict(Holding.objects.values_list("person", "owner")) == proposed
    assert sorted(proposed.values()).count(bob.pk) == 3


def test_whoever_is_not_the_dispatcher_looks_and_may_not(client_of, bob, by_hand, clock):
    person = lead(1)
    run(clock.at)
    assert "Pass on" not in client_of(bob).get("/desk/").content.decode()
    answer = client_of(bob).post(f"/desk/people/{person.pk}/", {"owner": bob.pk}, follow=True)
    assert "Only a manager or the dispatcher" in said(answer)
    client_of(bob).post("/desk/all/", {"lead": [person.pk]})
    assert not Handoff.objects.exists()
    assert client_of(colleague("Sim", "service")).get("/desk/").status_code == 404


def test_with_nobody_there_the_desk_says_who_is_away_and_counts_in_the_menu(client_of, carla, bob, agreement, clock):
    Absence.objects.create(member=bob, first=NOW.date(), last=NOW.date())
    lead(1)
    run()
    page = client_of(carla).get("/desk/")
    assert "Nobody of “Everyone in sales” is there." in said(page)
    assert "Bob Jansen was away" in said(page)
    assert 'id="count-desk">1<' in page.content.decode()
    client_of(carla).post(f"/desk/people/{Ripe.objects.get().pk}/", {"owner": bob.pk})
    assert Handoff.objects.get().owner == bob


def test_a_leavers_deal_is_taken_over_at_the_desk(client_of, carla, bob, agreement, clock):
    person = lead(1)
    run()
    handoff = Handoff.objects.get()
    accept(handoff, bob, NOW)
    open_deal(person, bob, "Deal", 100_00, "EUR", NOW)
    bea = colleague("Bea")
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    assert "Bob Jansen is gone." in said(client_of(carla).get("/desk/"))
    client_of(carla).post(f"/handoffs/{handoff.pk}/taking-over/", {"owner": bea.pk})
    assert Holding.objects.get().owner == bea


def test_a_manager_gives_a_lead_to_somebody_else_on_the_persons_page(client_of, carla, bob, agreement, clock):
    person = lead(1)
    run()
    bea = colleague("Bea")
    page = client_of(carla).get(f"/people/{person.pk}/")
    assert "Give to somebody else" in said(page)
    client_of(carla).post(f"/handoffs/{Handoff.objects.get().pk}/owner/", {"owner": bea.pk})
    assert Holding.objects.get().owner == bea
    page = said(client_of(carla).get(f"/people/{person.pk}/"))
    assert "No longer with Bob Jansen" in page
    assert "given to somebody else" in page


def test_who_works_leads_first_passes_them_on_from_the_persons_page(client_of, preset, ann, bob, agreement, clock):
    cal = colleague("Cal", skills=["call team"])
    preset["routing"]["first"] = "call team"
    version = Version.write(preset, ann, NOW)
    version.sign(ann, "marketing", NOW)
    version.sign(bob, "sales", NOW)
    person = lead(1)
    clock.forward(minutes=1)
    run(clock.at)
    page = said(client_of(cal).get(f"/people/{person.pk}/"))
    assert "works leads first, and it was their turn" in page
    client_of(cal).post(f"/handoffs/{Handoff.objects.get().pk}/passing-on/")
    assert Holding.objects.get().owner == bob
    assert Withdrawal.objects.get().by == cal


def test_why_me_and_why_not_her_stands_on_the_persons_page(client_of, bob, agreement, clock):
    colleague("Bea", hours={"friday": ["09:00-17:00"]})
    colleague("Ben", room=2.0)
    person = lead(1)
    run()
    owner = Handoff.objects.get().owner
    page = said(client_of(owner).get(f"/people/{person.pk}/"))
    assert "whose turn it was, Everyone in sales" in page
    assert "Bea did not work on that day" in page
    assert "even, turns ×1" in page


def test_before_an_agreement_the_desk_is_empty(client_of, carla, clock):
    assert "No agreement is in force yet" in said(client_of(carla).get("/desk/"))
