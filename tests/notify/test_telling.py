"""Who hears that a visitor has become a lead: once, the right people, on the page and by mail for who wants it."""

from datetime import timedelta

import pytest

from tests.conftest import JOINED, NOW
from tilth import conveyor
from tilth.handoff.models import Holding
from tilth.handoff.verbs import hand_off
from tilth.notify import telling
from tilth.notify.models import Choice, Message, Notice
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.qualify.models import NewLead
from tilth.team.models import Absence, Member, Role
from tilth.touches.models import Evidence
from tilth.touches.record import offer, record


@pytest.fixture
def femke(db):
    return Member.objects.create(name="Femke Bakker", email="femke@kasbouw.example", role=Role.SALES, joined_at=JOINED)


def came(person, kind="download", at=NOW, what="guide", **more):
    record(kind, at, NOW, person=person, offer=offer(what, NOW), evidence=Evidence.DECLARED, source="google", **more)
    conveyor.run_dry(NOW)


def told():
    return {(n.member.name.split()[0], n.why) for n in Notice.objects.select_related("member")}


@pytest.mark.usefixtures("agreement", "bob", "femke")
def test_everybody_in_the_pool_and_marketing_hear_of_it_once(anouk):
    came(anouk)
    assert told() == {("Bob", "pool"), ("Femke", "pool"), ("Ann", "marketing")}
    came(anouk, what="ebook")
    assert Notice.objects.count() == 3
    assert not NewLead.objects.exists()


@pytest.mark.usefixtures("agreement", "bob", "femke")
def test_only_the_owner_hears_of_a_lead_that_was_handed_off_at_once(anouk):
    came(anouk, "form", what="demo")
    owner = Holding.objects.get().owner.name.split()[0]
    assert told() == {(owner, "holds"), ("Ann", "marketing")}


@pytest.mark.usefixtures("agreement", "femke")
def test_who_has_another_lead_of_the_company_hears_of_it(anouk, bob):
    hand_off(anouk, NOW, bob, bob)
    piet = keep(Told(emails=["piet@zonneveldtomaten.example"], person={"first_name": "Piet"}), NOW, "form")[0]
    came(piet)
    assert told() == {("Bob", "company"), ("Ann", "marketing")}


@pytest.mark.usefixtures("agreement", "bob")
def test_who_is_away_or_left_hears_nothing(anouk, femke):
    Absence.objects.create(member=femke, first=NOW.date(), last=NOW.date())
    Member.objects.create(
        name="Old Seller", email="old@kasbouw.example", role=Role.SALES, joined_at=JOINED, is_active=False
    )
    came(anouk)
    assert told() == {("Bob", "pool"), ("Ann", "marketing")}


@pytest.mark.usefixtures("agreement", "femke")
def test_who_brought_them_in_needs_no_telling(anouk, bob):
    came(anouk, "card", member=bob, team="sales")
    assert told() == {("Femke", "pool"), ("Ann", "marketing")}


@pytest.mark.usefixtures("agreement", "bob")
@pytest.mark.parametrize(
    ("kind", "at", "evidence"),
    [
        ("page", NOW, Evidence.OBSERVED),
        ("subscribe", NOW, Evidence.DECLARED),
        ("download", NOW, Evidence.MACHINE),
        ("list", NOW, Evidence.DECLARED),
        ("form", NOW - timedelta(days=400), Evidence.DECLARED),
    ],
)
def test_what_makes_no_lead_or_happened_long_ago_is_not_told(anouk, kind, at, evidence):
    record(kind, at, NOW, person=anouk, evidence=evidence)
    conveyor.run_dry(NOW)
    assert not Notice.objects.exists()


@pytest.mark.usefixtures("agreement")
def test_a_mail_goes_only_to_who_wants_it_and_says_why(anouk, bob, femke):
    Choice.objects.create(member=bob, what="lead", channel="mail", how="at_once")
    came(anouk)
    mail = Message.objects.get()
    assert (mail.to, mail.person, mail.member) == ("bob@kasbouw.example", anouk, bob)
    assert mail.subject == "New lead: Anouk Zonneveld, Operations manager, Zonneveld Tomaten"
    assert "Guide · google" in mail.text
    assert f"/people/{anouk.pk}/" in mail.text
    assert "because leads like this come to you" in mail.text


@pytest.mark.usefixtures("agreement", "bob")
def test_a_stop_in_between_neither_loses_nor_doubles(anouk, monkeypatch):
    record("download", NOW, NOW, person=anouk, evidence=Evidence.DECLARED)
    conveyor.STAGES["qualify"](NOW)
    real = Notice.objects.bulk_create
    monkeypatch.setattr(type(Notice.objects), "bulk_create", lambda *_a, **_k: (_ for _ in ()).throw(OSError("killed")))
    with pytest.raises(OSError, match="killed"):
        telling.catch_up(NOW)
    monkeypatch.undo()
    assert (NewLead.objects.count(), Notice.objects.count()) == (1, 0)
    assert real
    assert telling.catch_up(NOW) == 1
    assert telling.catch_up(NOW) == 0
    assert told() == {("Bob", "pool"), ("Ann", "marketing")}


def test_without_an_agreement_marketing_hears_of_it(anouk, ann, bob):
    came(anouk)
    assert told() == {("Ann", "marketing")}


@pytest.mark.usefixtures("agreement", "bob")
def test_the_cost_of_telling_does_not_grow_with_the_table(db, django_assert_max_num_queries):
    for n in range(5):
        came(keep(Told(emails=[f"p{n}@firm{n}.example"]), NOW, "form")[0])
    assert Person.objects.count() == 5
    with django_assert_max_num_queries(1):
        telling.catch_up(NOW)
