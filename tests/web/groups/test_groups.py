"""Groups and second positions on the pages of companies and people."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.conftest import NOW
from tilth.groups.models import BuyingGroup, Membership
from tilth.people.known import Told, keep
from tilth.people.models import Person, Position
from tilth.team.models import Member
from tilth.touches.record import offer, record

Sign = Callable[[Member], Client]


@pytest.fixture
def piet(anouk: Person) -> Person:
    told = Told(
        emails=["piet@zonneveldtomaten.example"], person={"first_name": "Piet", "last_name": "Bos", "title": "Inkoper"}
    )
    return keep(told, NOW, "form")[0]


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_a_proposal_becomes_a_group_with_roles_and_gaps(
    client_of: Sign, stopped_clock: object, ann: Member, anouk: Person, piet: Person
) -> None:
    client, page = client_of(ann), f"/companies/{anouk.company_id}/"
    for who in (anouk, piet):
        record("form", NOW, NOW, person=who, offer=offer("demo", NOW))
    assert "asked for it within three months" in text(client, page)
    form = {"offer": offer("demo", NOW).pk, "person": [anouk.pk, piet.pk]}  # type: ignore[union-attr]
    client.post(f"{page}groups/", form)
    assert set(Membership.objects.values_list("person", flat=True)) == {anouk.pk, piet.pk}
    shown = text(client, page)
    assert "perhaps: buys" in shown
    assert "Nobody yet who: decides, advises, uses it, buys, guards the door" in shown
    client.post(f"/memberships/{Membership.objects.get(person=piet).pk}/role/", {"role": "buyer"})
    assert "Nobody yet who: decides, advises, uses it, guards the door" in text(client, page)
    assert "Decides with" in text(client, f"/people/{piet.pk}/")
    client.post(f"/memberships/{Membership.objects.get(person=piet).pk}/leave/")
    client.post(f"/groups/{BuyingGroup.objects.get().pk}/members/", {"person": piet.pk})
    assert Membership.objects.count() == 2


def test_a_group_of_ones_own(client_of: Sign, ann: Member, anouk: Person) -> None:
    stranger = keep(Told(emails=["x@other.example"]), NOW, "form")[0]
    client, page = client_of(ann), f"/companies/{anouk.company_id}/groups/"
    client.post(page, {"about": "New glasshouse", "person": [anouk.pk, stranger.pk]})
    assert [m.person for m in BuyingGroup.objects.get().memberships.all()] == [anouk]
    client.post(page, {"about": "", "person": anouk.pk})
    client.post(page, {"about": "Nobody", "person": "x"})
    assert BuyingGroup.objects.count() == 1


def test_a_second_position_is_added_made_main_and_ended(client_of: Sign, ann: Member, anouk: Person) -> None:
    client, page = client_of(ann), f"/people/{anouk.pk}/"
    client.post(f"{page}positions/", {"company": "Groenveld Rozen", "title": "Adviser"})
    row = Position.objects.select_related("company").get()
    assert "Groenveld Rozen" in text(client, page)
    assert "first of all at Zonneveld Tomaten" in text(client, f"/companies/{row.company_id}/")
    client.post(f"/positions/{row.pk}/main/")
    anouk.refresh_from_db()
    assert anouk.company == row.company
    client.post(f"/positions/{row.pk}/end/")
    assert Position.objects.get().until is not None
    client.post(f"{page}positions/", {"company": ""})
    client.post(f"{page}positions/", {"company": "https://www.groenveld.nl/"})
    assert Position.objects.get(until=None).company.domain == "groenveld.nl"
