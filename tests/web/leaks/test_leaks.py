"""The leaks as a page: each is mended by one click and leaks again after the undo."""

import re
from datetime import timedelta

import pytest
from django.utils.html import strip_tags

from tests.conftest import NOW
from tests.handoff.test_routing import colleague, lead, owners, run
from tilth import conveyor
from tilth.campaigns.models import Briefing, Campaign
from tilth.deals.models import Deal
from tilth.deals.verbs import open_deal
from tilth.handoff.models import Handoff, Holding, Withdrawal
from tilth.handoff.verbs import accept, hand_off, log_contact, qualified, return_lead
from tilth.journal.models import Entry
from tilth.leaks import finding
from tilth.promises.models import Obligation
from tilth.qualify.models import Ripe, Standing
from tilth.team.models import Member
from tilth.touches.models import NextStep, Origin
from tilth.touches.next_steps import plan_step

pytestmark = pytest.mark.django_db
AGES = NOW - timedelta(days=30)


@pytest.fixture(autouse=True)
def _now(stopped_clock):
    """For the pages it is NOW."""


def said(page) -> str:
    return re.sub(r"\s+", " ", strip_tags(page.content.decode()))


def kinds(agreement) -> list[str]:
    return [str(f.kind) for f in finding.found(agreement.terms, NOW)]


def undo(client, person):
    entry = Entry.objects.filter(person_id=person.pk, by_id__isnull=False).exclude(verb="undid").latest("pk")
    return said(client.post(f"/journal/{entry.pk}/undo/", follow=True))


def forgotten(n=1):
    """Qualified a month ago, and nobody ever had them."""
    person = lead(n, AGES)
    conveyor.run_dry(AGES)
    Handoff.objects.filter(person=person).delete()
    return person


def test_nothing_leaks_in_an_empty_house(client_of, ann, agreement):
    assert "Nothing leaks" in said(client_of(ann).get("/leaks/"))


def test_without_an_agreement_nothing_can_leak(client_of, ann):
    assert "No agreement is in force yet" in said(client_of(ann).get("/leaks/"))


def test_a_forgotten_lead_is_assigned_as_routing_says_and_the_undo_makes_all_as_it_was(
    client_of, carla, bob, agreement
):
    person, client = forgotten(), client_of(carla)
    before = list(Standing.objects.values("person", "stage", "round_ended_at")), Ripe.objects.count()
    page = said(client.get("/leaks/"))
    assert "No owner 1" in page
    assert "As proposed: Bob Jansen" in page
    assert "Lead 1 is with Bob Jansen now." in said(client.post(f"/leaks/people/{person.pk}/owner/", follow=True))
    assert owners(person) == ["Bob Jansen"]
    assert kinds(agreement) == []
    assert "Undone" in undo(client, person)
    assert owners(person) == [""]
    assert not Handoff.objects.exists()
    assert not Obligation.objects.exclude(handoff=None).exists()
    assert (list(Standing.objects.values("person", "stage", "round_ended_at")), Ripe.objects.count()) == before
    assert kinds(agreement) == ["no-owner"]


def test_who_may_not_mend_it_reads_who_may(client_of, dirk, ann, bob, agreement):
    forgotten()
    assert "Marketing or a manager takes it further" in said(client_of(bob).get("/leaks/"))


def test_what_waited_in_line_waits_again_after_the_undo(client_of, carla, bob, agreement):
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    person = lead(1, AGES)
    conveyor.run_dry(AGES)
    ripe = Ripe.objects.values().get()
    bea, client = colleague("Bea"), client_of(carla)
    client.post(f"/leaks/people/{person.pk}/owner/", {"owner": bea.pk})
    assert owners(person) == ["Bea"]
    Member.objects.filter(pk=bea.pk).update(is_active=False)
    undo(client, person)
    again, anew = (
        Ripe.objects.values().get(),
        {"look_at", "rank"},
    )  # it is looked at now, and worth what it is worth now
    assert {k: v for k, v in again.items() if k not in anew} == {k: v for k, v in ripe.items() if k not in anew}
    assert again["rank"] < ripe["rank"]


def test_the_lead_of_who_left_goes_to_another_with_its_deals_and_back(client_of, carla, bob, agreement):
    person, client = lead(1), client_of(carla)
    run()
    handoff = Handoff.objects.get()
    accept(handoff, bob, NOW)
    deal = open_deal(person, bob, "Deal", 100_00, "EUR", NOW).row
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    bea = colleague("Bea")
    assert "Bob Jansen cannot see to it any more." in said(client.get("/leaks/"))
    url = f"/leaks/people/{person.pk}/owner/"
    assert "Choose who talks to them from now on." in said(client.post(url, follow=True))
    client.post(url, {"owner": bea.pk})
    assert (owners(person), Deal.objects.get().owner) == (["Bea"], bea)
    assert "Undone" in undo(client, person)
    deal.refresh_from_db()
    assert (owners(person), deal.owner, deal.handoff) == (["Bob Jansen"], bob, handoff)
    assert Holding.objects.get().open_deals == 1
    assert not Withdrawal.objects.exists()


def test_once_the_new_owner_has_begun_it_cannot_be_undone(client_of, carla, bob, agreement):
    person, client = forgotten(), client_of(carla)
    client.post(f"/leaks/people/{person.pk}/owner/")
    accept(Handoff.objects.get(), bob, NOW + timedelta(seconds=1))
    entry = Entry.objects.get(verb="assigned")
    assert "The new owner has begun" in said(client.post(f"/journal/{entry.pk}/undo/", follow=True))
    assert owners(person) == ["Bob Jansen"]


def test_only_who_may_says_who_gets_a_lead(client_of, ann, bob, agreement):
    person, bea = forgotten(), colleague("Bea")
    page = client_of(ann).post(f"/leaks/people/{person.pk}/owner/", {"owner": bea.pk}, follow=True)
    assert "Only a manager or the dispatcher says who gets a lead." in said(page)
    assert owners(person) == [""]
    client_of(bob).post(f"/leaks/people/{person.pk}/owner/", {"owner": bob.pk})
    assert owners(person) == ["Bob Jansen"]


def test_a_next_step_plugs_a_stale_lead_and_is_on_its_owners_list(client_of, carla, bob, ann, agreement):
    person = lead(1, AGES)
    handoff = hand_off(person, AGES, owner=bob).row
    log_contact(person, bob, "call", AGES)
    accept(handoff, bob, AGES)
    qualified(handoff, bob, AGES)
    conveyor.run_dry(AGES)
    assert kinds(agreement) == ["stale"]
    url, client = f"/leaks/people/{person.pk}/step/", client_of(carla)
    told = {"what": "Ask how things are", "on": (NOW.date() + timedelta(days=1)).isoformat()}
    assert "This lead is with Bob Jansen." in said(client_of(ann).post(url, told, follow=True))
    for wrong in (
        {**told, "what": ""},
        {**told, "on": "soon"},
        {**told, "on": "2026-02-30"},
        {**told, "on": "2020-01-01"},
    ):
        assert "by which day from today on" in said(client.post(url, wrong, follow=True))
    assert not NextStep.objects.exists()
    client.post(url, told)
    assert (NextStep.objects.get().member, kinds(agreement)) == (bob, [])
    undo(client, person)
    assert kinds(agreement) == ["no-step"]  # no longer quiet: a colleague was here


def test_marketing_says_what_comes_next_with_who_came_back(client_of, ann, bob, agreement):
    person = lead(1)
    run()
    return_lead(Handoff.objects.get(), bob, "not-ready", "", NOW)
    page = said(client_of(ann).get("/leaks/"))
    assert "Came back from sales, and nobody has a plan 1" in page
    url, told = f"/leaks/people/{person.pk}/step/", {"what": "Decide", "on": NOW.date().isoformat()}
    assert "Nobody in sales has this lead." in said(client_of(bob).post(url, told, follow=True))
    client_of(ann).post(url, told)
    assert (NextStep.objects.get().member, kinds(agreement)) == (ann, [])


def test_a_campaign_is_briefed_by_marketing_and_read_by_sales(client_of, ann, bob, agreement):
    campaign = Campaign.objects.create(key="spring", name="Spring", at=NOW)
    person = lead(1)
    plan_step(person, ann, "x", NOW.date(), NOW)
    Origin.objects.filter(person=person).update(campaign=campaign)
    assert "Campaign runs, and sales was not briefed 1" in said(client_of(ann).get("/leaks/"))
    url = f"/campaigns/{campaign.pk}/briefing/"
    assert client_of(bob).post(url, {"said": "x"}).status_code == 404
    assert "Write what sales was told" in said(client_of(ann).post(url, {"said": " "}, follow=True))
    assert "Spring: sales is briefed" in said(client_of(ann).post(url, {"said": "It is about gas."}, follow=True))
    assert "It is about gas." in said(client_of(bob).get("/campaigns/"))
    assert "not briefed" not in said(client_of(ann).get("/leaks/"))
    client_of(ann).post(f"/journal/{Entry.objects.get(verb='briefed sales').pk}/undo/")
    assert not Briefing.objects.exists()


def test_leaks_are_no_business_of_service(client_of, dirk, agreement):
    assert client_of(dirk).get("/leaks/").status_code == 404
