"""The list of leads and adding one."""

import re
from datetime import timedelta

import pytest
from django.db import connection

from tests.conftest import NOW
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.handoff.models import Holding
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.qualify.models import Standing
from tilth.touches.models import Origin
from tilth.web.people.leads import Wanted


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


@pytest.fixture
def segmented(preset, ann, bob):
    """The agreement, with two segments of ideal customers."""
    preset["segments"] = [
        {"id": "growers", "say": "Growers we know", "when": {"field": "company.industry", "in": ["Horticulture"]}},
        {"id": "big", "say": "Big firms", "when": {"field": "company.employees", "at_least": 100}},
    ]
    return signed(preset, ann, bob)


def signed(document, ann, bob, at=NOW - timedelta(days=2)):
    version = Version.write(document, ann, at)
    version.sign(ann, "marketing", at)
    version.sign(bob, "sales", at)
    return version


def test_it_is_narrowed_by_segment_and_shows_it_by_name(sales, segmented, anouk, clock):
    keep(Told(emails=["wim@staal.example"], company={"name": "Staal", "employees": 300}), NOW, "form")
    keep(Told(emails=["jo@klein.example"], company={"name": "Klein", "employees": 3}), NOW, "form")
    conveyor.run_dry(NOW)
    page = sales.get("/people/").content.decode()
    assert page.count("<td>Growers we know</td>") == page.count("<td>Big firms</td>") == 1
    for segment, who in {"growers": "Zonneveld Tomaten", "big": "Staal", "-": "Klein"}.items():
        page = sales.get(f"/people/?segment={segment}").content.decode()
        shown = {name for name in ("Zonneveld Tomaten", "Staal", "Klein") if f"{name}</a></td>" in page}
        assert shown == {who}
        assert f'value="{segment}" selected' in page
    assert "Staal</a>" in sales.get("/people/?segment=zombie").content.decode()


def test_another_version_puts_people_in_its_own_segments(sales, segmented, preset, ann, bob, anouk, clock):
    conveyor.run_dry(NOW)
    assert Standing.objects.get(person=anouk).segment == "growers"
    preset["segments"] = [{"id": "nl", "say": "Close by", "when": {"field": "person.country", "is": "NL"}}]
    signed(preset, ann, bob, NOW - timedelta(days=1))
    assert "Growers we know" not in sales.get("/people/").content.decode()  # not judged anew yet
    conveyor.run_dry(NOW)
    assert "<td>Close by</td>" in sales.get("/people/?segment=nl").content.decode()


def test_without_segments_the_list_does_not_speak_of_them(sales, crowd, preset, ann, bob):
    del preset["segments"]
    signed(preset, ann, bob)
    page = sales.get("/people/?segment=-&stage=lead").content.decode()
    assert 'name="segment"' not in page
    assert "Segment</th>" not in page


def test_a_segment_is_paged_along_the_key(sales, segmented, crowd):
    Standing.objects.exclude(person__last_name__endswith="7").update(segment="growers")
    first = sales.get("/people/?segment=growers").content.decode()
    older = first.split("?segment=growers&amp;before=")[1].split('"')[0]
    second = sales.get(f"/people/?segment=growers&before={older}").content.decode()
    shown = [sorted(re.findall(r"Nr\d{3}", page), reverse=True) for page in (first, second)]
    assert shown[0] + shown[1] == [f"Nr{n:03}" for n in range(69, -1, -1) if n % 10 != 7]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads all of a table that is so small")
def test_narrowing_by_segment_does_not_read_everybody(segmented, anouk):
    wanted = Wanted(segment="growers")
    plan = wanted.among(Person.objects.all()).order_by(f"-{wanted.key}")[:51].explain()
    assert "standing_segment" in plan
    assert "ORDER BY" not in plan


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
