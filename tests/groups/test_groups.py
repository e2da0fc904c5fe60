"""People of one company who ask for the same thing decide together, once somebody says so."""

from datetime import datetime, timedelta

import pytest

from tests.conftest import NOW
from tilth.core.groups import ROLES
from tilth.deals.merging import merge, split
from tilth.deals.verbs import undo
from tilth.groups import forming, verbs
from tilth.groups.models import BuyingGroup, Membership, Part
from tilth.people.known import Told, keep
from tilth.people.models import Company, Person
from tilth.people.positions import add_position
from tilth.team.models import Member
from tilth.touches.models import Evidence
from tilth.touches.record import offer, record


@pytest.fixture
def piet(anouk: Person) -> Person:
    return keep(Told(emails=["piet@zonneveldtomaten.example"], person={"title": "Inkoper"}), NOW, "form")[0]


@pytest.fixture
def firm(anouk: Person) -> Company:
    assert anouk.company is not None
    return anouk.company


def asks(person: Person, at: datetime = NOW, name: str = "demo", evidence: int = Evidence.OBSERVED) -> None:
    record("form", at, NOW, person=person, offer=offer(name, NOW), evidence=evidence)


def test_core_and_database_know_the_same_roles() -> None:
    assert tuple(Part.values) == ROLES


def test_two_who_ask_for_the_same_are_proposed(firm: Company, anouk: Person, piet: Person) -> None:
    asks(anouk, NOW - timedelta(days=80))
    assert forming.proposed(firm, NOW) == []
    asks(piet)
    (proposal,) = forming.proposed(firm, NOW)
    assert (proposal.offer.key, proposal.people, proposal.last, proposal.group) == ("demo", [anouk, piet], NOW, None)


def test_machines_old_touches_other_offers_and_other_companies_do_not_count(
    firm: Company, anouk: Person, piet: Person
) -> None:
    other = keep(Told(emails=["x@other.example"]), NOW, "form")[0]
    asks(anouk)
    asks(piet, evidence=Evidence.MACHINE)
    asks(piet, NOW - timedelta(days=91))
    asks(piet, name="e-book")
    asks(other)
    assert forming.proposed(firm, NOW) == []


def test_who_also_works_there_counts(firm: Company, anouk: Person, ann: Member) -> None:
    adviser = keep(Told(emails=["x@advice.example"]), NOW, "form")[0]
    add_position(adviser, str(firm), ann, NOW, domain=firm.domain or "")
    asks(anouk)
    asks(adviser)
    assert [p.people for p in forming.proposed(firm, NOW)] == [[anouk, adviser]]


def test_a_group_is_formed_and_others_may_join(firm: Company, anouk: Person, piet: Person, ann: Member) -> None:
    asks(anouk)
    group, entry = verbs.form(firm, "Demo", [anouk], ann, NOW, offer("demo", NOW))
    assert entry is not None
    asks(piet)
    assert [(p.people, p.group) for p in forming.proposed(firm, NOW)] == [([piet], group)]
    verbs.form(firm, "Demo", [anouk, piet], ann, NOW)
    assert forming.proposed(firm, NOW) == []
    assert verbs.form(firm, "Demo", [piet], ann, NOW)[1] is None
    assert set(group.memberships.values_list("role", flat=True)) == {""}
    assert (forming.of(piet.pk), forming.of(0)) == (group, None)


def test_a_role_is_said_and_taken_back(firm: Company, anouk: Person, ann: Member) -> None:
    row = verbs.form(firm, "Demo", [anouk], ann, NOW)[0].memberships.get()
    entry = verbs.say_role(row, Part.DECIDER, ann, NOW)
    assert verbs.say_role(row, Part.DECIDER, ann, NOW) is None
    assert verbs.say_role(row, "king", ann, NOW) is None
    assert Membership.objects.get().role == "decider"
    assert entry is not None
    undo(entry, ann, NOW)
    assert Membership.objects.get().role == ""


def test_who_has_no_part_leaves_and_may_come_back(firm: Company, anouk: Person, ann: Member) -> None:
    row = verbs.form(firm, "Demo", [anouk], ann, NOW, offer("demo", NOW))[0].memberships.get()
    verbs.say_role(row, Part.USER, ann, NOW)
    entry = verbs.leave(Membership.objects.get(), ann, NOW)
    assert not BuyingGroup.objects.exists()
    undo(entry, ann, NOW)
    back = Membership.objects.select_related("group__offer").get()
    assert (back.person, back.role, back.group.about, str(back.group.offer)) == (anouk, "user", "Demo", "Demo")


def test_forming_is_undone(firm: Company, anouk: Person, piet: Person, ann: Member) -> None:
    first = verbs.form(firm, "Demo", [anouk], ann, NOW)[1]
    second = verbs.form(firm, "Demo", [piet], ann, NOW)[1]
    assert first is not None
    assert second is not None
    undo(second, ann, NOW)
    assert [m.person for m in Membership.objects.all()] == [anouk]
    undo(first, ann, NOW)
    assert not BuyingGroup.objects.exists()


def test_two_in_a_group_who_are_one_have_one_part(firm: Company, anouk: Person, piet: Person, ann: Member) -> None:
    group, _entry = verbs.form(firm, "Demo", [anouk, piet], ann, NOW)
    verbs.say_role(Membership.objects.get(person=piet), Part.BUYER, ann, NOW)
    before = list(Membership.objects.order_by("pk").values())
    done = merge(anouk, piet, ann, NOW)
    assert [m.person for m in group.memberships.all()] == [anouk]
    split(done.row, ann, NOW)
    assert list(Membership.objects.order_by("pk").values()) == before
