"""Duplicates are shown, compared, merged, told apart and split again, on pages."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from tests.conftest import NOW
from tilth.agreement.models import Version
from tilth.handoff import verbs
from tilth.handoff.models import Holding
from tilth.notify.models import Message
from tilth.people import duplicates
from tilth.people.known import Told, keep
from tilth.people.models import Company, Duplicate, Merge, Person
from tilth.team.models import Member, Role

Sign = Callable[[Member], Client]


@pytest.fixture
def twin(anouk: Person) -> Person:
    """Anouk again, by her private address and with another job title; already found."""
    told = Told(
        emails=["anouk.z@gmail.com"],
        phones=["+31105550142"],
        person={"first_name": "Anouk", "last_name": "Zonneveld", "title": "Owner"},
    )
    person = keep(told, NOW, "form")[0]
    duplicates.catch_up(NOW + timedelta(minutes=1))
    return person


@pytest.fixture
def double(anouk: Person) -> Company:
    told = Told(emails=["jan@zonneveldtomaten.de"], company={"name": "Zonneveld Tomaten GmbH", "city": "Bleiswijk"})
    company = keep(told, NOW, "form")[0].company
    assert company is not None
    duplicates.catch_up(NOW + timedelta(minutes=1))
    return company


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_what_was_found_stands_there_with_the_reasons(client_of: Sign, ann: Member, twin: Person) -> None:
    page = text(client_of(ann), "/duplicates/")
    assert "probably one" in page
    assert "the same name, the same number" in page
    assert "anouk.z@gmail.com" in page


def test_companies_stand_apart(client_of: Sign, ann: Member, double: Company) -> None:
    assert "Nobody is kept twice" in text(client_of(ann), "/duplicates/")
    page = text(client_of(ann), "/duplicates/?of=companies")
    assert "Zonneveld Tomaten GmbH" in page
    assert "zonneveldtomaten.de" in page


def test_more_than_a_page_goes_on_behind_a_cursor(client_of: Sign, ann: Member, anouk: Person) -> None:
    others = [keep(Told(emails=[f"x{n}@x{n}.example"]), NOW, "form")[0] for n in range(35)]
    Duplicate.objects.bulk_create(
        [Duplicate(person=anouk, other=o, score=0.7, reasons=["same_name"], at=NOW) for o in others]
    )
    client = client_of(ann)
    first = client.get("/duplicates/")
    second = client.get("/duplicates/", {"after": first.context["after"]})
    rows = [p.row.pk for page in (first, second) for p in page.context["proposals"]]
    assert rows == list(Duplicate.objects.order_by("pk").values_list("pk", flat=True))
    assert client.get("/duplicates/?after=nonsense").status_code == 200


def test_told_apart_with_undo(client_of: Sign, ann: Member, twin: Person) -> None:
    client, row = client_of(ann), Duplicate.objects.get()
    page = client.post(f"/duplicates/{row.pk}/told-apart/", follow=True, HTTP_REFERER="/duplicates/")
    assert "Tilth does not ask again" in page.content.decode()
    assert "Nobody is kept twice" in text(client, "/duplicates/")
    undo = next(str(m.extra_tags) for m in page.context["messages"])
    client.post(undo)
    assert "probably one" in text(client, "/duplicates/")


def test_two_side_by_side(client_of: Sign, ann: Member, anouk: Person, twin: Person) -> None:
    page = text(client_of(ann), f"/people/{anouk.pk}/merge/{twin.pk}/")
    assert page.count('name="of-title"') == 2
    assert 'name="of-first_name"' not in page
    assert "Are Anouk Zonneveld and Anouk Zonneveld one?" in page


def test_one_of_two_and_two_again(
    client_of: Sign, stopped_clock: datetime, ann: Member, anouk: Person, twin: Person
) -> None:
    client = client_of(ann)
    form = {"keep": str(anouk.pk), "of-title": str(twin.pk)}
    answer = client.post(f"/people/{anouk.pk}/merge/{twin.pk}/", form, follow=True)
    assert answer.redirect_chain == [(f"/people/{anouk.pk}/", 302)]
    assert "are one now" in answer.content.decode()
    assert Person.objects.get().title == "Owner"
    assert "Merged into this one" in text(client, f"/people/{anouk.pk}/")
    assert client.get(f"/people/{twin.pk}/").headers["Location"] == f"/people/{anouk.pk}/"
    assert client.get(f"/people/{anouk.pk}/merge/{twin.pk}/").headers["Location"] == f"/people/{anouk.pk}/"
    client.post(f"/merges/{Merge.objects.get().pk}/split/")
    assert set(Person.objects.values_list("title", flat=True)) == {"Operations manager", "Owner"}
    assert client.get(f"/people/{twin.pk}/").status_code == 200
    again = client.post(f"/merges/{Merge.objects.get().pk}/split/", follow=True)
    assert "taken back already" in again.content.decode()


def test_the_toast_takes_a_merge_back(
    client_of: Sign, stopped_clock: datetime, ann: Member, anouk: Person, twin: Person
) -> None:
    client = client_of(ann)
    answer = client.post(f"/people/{anouk.pk}/merge/{twin.pk}/", {"keep": str(twin.pk)}, follow=True)
    assert Person.objects.get() == twin
    client.post(next(str(m.extra_tags) for m in answer.context["messages"]))
    assert Person.objects.count() == 2


def test_who_loses_a_lead_is_told(
    client_of: Sign, agreement: Version, ann: Member, bob: Member, anouk: Person, twin: Person
) -> None:
    bea = Member.objects.create(name="Bea", email="bea@kasbouw.example", role=Role.SALES, joined_at=NOW)
    verbs.hand_off(anouk, NOW, bob, bob)
    verbs.hand_off(twin, NOW + timedelta(minutes=1), bea, bea)
    client, path = client_of(ann), f"/people/{anouk.pk}/merge/{twin.pk}/"
    assert "Who keeps the lead" in text(client, path)
    client.post(path, {"keep": str(anouk.pk), "owner": str(bea.pk)})
    assert Holding.objects.get().owner == bea
    mail = Message.objects.get()
    assert (mail.member, mail.subject) == (bob, "Anouk Zonneveld is with Bea now")


def test_companies_are_merged_and_the_old_address_leads_on(
    client_of: Sign, ann: Member, anouk: Person, double: Company
) -> None:
    client, firm = client_of(ann), anouk.company
    assert firm is not None
    path = f"/companies/{firm.pk}/merge/{double.pk}/"
    assert 'name="of-domain"' in text(client, path)
    client.post(path, {"keep": str(firm.pk), "of-name": str(firm.pk)})
    assert client.get(f"/companies/{double.pk}/").headers["Location"] == f"/companies/{firm.pk}/"
    assert "Zonneveld Tomaten GmbH" in text(client, f"/companies/{firm.pk}/")
    client.post(f"/merges/{Merge.objects.get().pk}/split/")
    assert Company.objects.count() == 2


def test_somebody_else_is_found_by_hand(client_of: Sign, ann: Member, anouk: Person, twin: Person) -> None:
    page = text(client_of(ann), f"/people/{anouk.pk}/merge/?q=Zonne")
    assert f"/people/{anouk.pk}/merge/{twin.pk}/" in page
    assert f"/people/{anouk.pk}/merge/{anouk.pk}/" not in page
    assert client_of(ann).get(f"/people/{anouk.pk}/merge/{anouk.pk}/").status_code == 404


def test_a_person_page_says_who_may_be_the_same(client_of: Sign, ann: Member, anouk: Person, twin: Person) -> None:
    assert "Perhaps kept twice" in text(client_of(ann), f"/people/{anouk.pk}/")


def test_service_does_not_merge(client_of: Sign, dirk: Member, anouk: Person, twin: Person) -> None:
    client = client_of(dirk)
    assert client.get("/duplicates/").status_code == 404
    assert client.post(f"/people/{anouk.pk}/merge/{twin.pk}/").status_code == 404
    assert f"/people/{anouk.pk}/merge/" not in text(client, f"/people/{anouk.pk}/")
    assert client.get("/people/999999/").status_code == 404
