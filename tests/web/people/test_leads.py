"""The list of leads and adding one."""

import pytest

from tests.conftest import NOW
from tilth.handoff.models import Holding
from tilth.people.models import Person
from tilth.qualify.models import Standing
from tilth.touches.models import Origin


@pytest.fixture
def crowd(agreement, clock):
    people = Person.objects.bulk_create([Person(first_name="Grower", last_name=f"Nr{n:03}", at=NOW) for n in range(70)])
    Standing.objects.bulk_create([Standing(person=p, stage="lead", grade="B", level=2, at=NOW) for p in people])


def test_it_is_paged_along_the_key(sales, crowd):
    first = sales.get("/people/").content.decode()
    assert "Nr069" in first
    assert "Nr020" in first
    assert "Nr019" not in first
    before = first.split("before=")[1].split('"')[0]
    second = sales.get(f"/people/?before={before}").content.decode()
    assert "Nr019" in second
    assert "Nr020" not in second


def test_it_is_narrowed_by_stage_cell_and_owner(sales, crowd, handed, bob):
    assert "Anouk" in sales.get(f"/people/?owner={bob.pk}").content.decode()
    assert "Nr069" not in sales.get(f"/people/?owner={bob.pk}").content.decode()
    assert "Anouk" not in sales.get("/people/?owner=none").content.decode()
    assert "Anouk" in sales.get("/people/?cell=A4&stage=mql").content.decode()
    assert "No lead fits all of this" in sales.get("/people/?cell=A1").content.decode()


def test_conditions_that_mean_nothing_are_dropped(sales, crowd):
    assert "Nr069" in sales.get("/people/?stage=zombie&cell=Z9&owner=x&company=-1&before=x").content.decode()


def test_a_lead_is_added_and_taken_on(sales, agreement, bob, clock):
    told = {
        "first_name": "Piet",
        "last_name": "Bos",
        "email": "piet@bos.example",
        "company": "Bos",
        "met": "At the fair",
        "how": "card",
        "offer": "demo",
        "source": "fair Gorinchem",
    }
    answer = sales.post("/people/new/", told | {"mine": "yes"}, follow=True)
    page = answer.content.decode()
    assert "Piet Bos is a lead now" in page
    assert "At the fair" in page
    assert Holding.objects.get().owner == bob
    origin = Origin.objects.get()
    assert (origin.door, origin.source, origin.offer.key) == ("sales", "fair Gorinchem", "demo")


def test_what_marketing_adds_comes_in_through_its_door(client_of, ann, agreement, clock):
    told = {"first_name": "Lieve", "phone": "0475123456", "how": "list", "met": " "}
    client_of(ann).post("/people/new/", told)
    origin = Origin.objects.select_related("person__standing").get()
    assert (origin.door, origin.source, origin.offer) == ("marketing", "", None)
    assert origin.person.standing.stage == "lead"


def test_who_is_known_already_is_not_made_twice(sales, handed, anouk):
    answer = sales.post("/people/new/", {"email": "Anouk@ZonneveldTomaten.example", "how": "form"}, follow=True)
    assert Person.objects.count() == 1
    assert "was known already" in answer.content.decode()


def test_without_address_and_number_it_asks_for_one(sales, agreement):
    answer = sales.post("/people/new/", {"first_name": "Piet"})
    assert answer.status_code == 422
    assert "without one nobody can answer" in answer.content.decode()
    assert 'value="Piet"' in answer.content.decode()
