"""Today for marketing: the promise, what came back, what is missing, who is nearly ripe."""

from datetime import timedelta

import pytest

from tilth import conveyor
from tilth.handoff.models import Handoff, Holding
from tilth.handoff.verbs import accept, hand_back, hand_off, return_lead
from tilth.people.known import Told, keep
from tilth.people.models import Person
from tilth.qualify.models import Ripe
from tilth.touches.record import offer, record

pytestmark = pytest.mark.usefixtures("stopped_clock")


@pytest.fixture
def demo(agreement, bob, now):
    """Somebody at a company that fits, who asked for a demo; without a phone, so that the lead waits."""
    told = Told(
        emails=["lieve@vanhecke.example"],
        person={"first_name": "Lieve", "last_name": "Vanhecke", "title": "Director", "country": "BE"},
        company={"name": "Serres Vanhecke", "industry": "Horticulture", "employees": 80, "country": "BE"},
    )
    person, _new = keep(told, now, "form")
    record("form", now, now, person=person, offer=offer("demo", now))
    conveyor.run(now)
    return person


def text(client) -> str:
    return " ".join(client.get("/").content.decode().split())


def test_an_empty_tilth_says_what_comes_first(client_of, ann) -> None:
    page = text(client_of(ann))
    assert "No agreement is in force" in page
    assert "Nothing came back in the last 30 days." in page
    assert "Nobody ripens yet." in page


def test_this_weeks_delivery_stands_against_the_promise(client_of, ann, bob, agreement, anouk, now) -> None:
    hand_off(anouk, now - timedelta(hours=2), by=ann)
    conveyor.run(now)
    page = text(client_of(ann))
    assert "Marketing’s promise: 50 leads, 60% good fit" in page
    assert '<b class="mid">1</b> <span class="quiet">of 50 handed off</span>' in page
    assert "49 to go;" in page


def test_what_sales_sent_back_shows_who_why_and_the_note(client_of, ann, bob, agreement, anouk, now) -> None:
    handoff = hand_off(anouk, now - timedelta(days=3), by=ann, owner=bob).row
    return_lead(handoff, bob, "not-ready", "budget is decided in autumn", now - timedelta(days=2))
    page = text(client_of(ann))
    assert '<span class="lane sales">Bob Jansen</span> Not ready yet: “budget is decided in autumn”' in page
    assert "returned <time" in page
    again = hand_off(anouk, now - timedelta(days=1), by=ann, owner=bob).row
    assert "Not ready yet" not in text(client_of(ann))
    accept(again, bob, now - timedelta(hours=5))
    hand_back(again, bob, "later", "", now - timedelta(hours=1))
    assert "No project now" in text(client_of(ann))


def test_a_ripe_lead_names_what_is_missing_and_goes_to_sales_once_it_is_filled_in(client_of, ann, bob, demo) -> None:
    assert Ripe.objects.get().waits_for == "data"
    page = text(client_of(ann))
    assert "Ripe, but something is missing" in page
    assert f'name="p{demo.pk}-phone"' in page
    assert f'name="p{demo.pk}-email"' not in page
    answer = client_of(ann).post(f"/people/{demo.pk}/missing/", {f"p{demo.pk}-phone": "0475 12 34 56"}, follow=True)
    assert Holding.objects.get().owner == bob
    assert "Lieve Vanhecke was handed off to Bob Jansen." in answer.content.decode()


def test_nothing_filled_in_is_said_beside_the_form(client_of, ann, demo) -> None:
    answer = client_of(ann).post(f"/people/{demo.pk}/missing/", {f"p{demo.pk}-phone": " "})
    assert answer.status_code == 422
    assert "Nothing was filled in." in answer.content.decode()
    assert not Handoff.objects.exists()


def test_an_address_of_somebody_else_is_refused(client_of, ann, demo, anouk) -> None:
    Ripe.objects.filter(pk=demo.pk).update(missing=["email"])
    answer = client_of(ann).post(f"/people/{demo.pk}/missing/", {f"p{demo.pk}-email": "anouk@zonneveldtomaten.example"})
    assert "This is the address of Anouk Zonneveld." in answer.content.decode()


def test_sales_does_not_fill_in_for_marketing(client_of, bob, demo) -> None:
    assert client_of(bob).post(f"/people/{demo.pk}/missing/", {f"p{demo.pk}-phone": "1"}).status_code == 404


def test_who_lacks_the_fewest_points_is_nearly_ripe_and_sees_what_would_do(
    client_of, ann, agreement, anouk, now
) -> None:
    record("download", now, now, person=anouk, offer=offer("e-book", now))
    record("download", now, now, person=anouk, offer=offer("guide", now))
    conveyor.run(now)
    page = text(client_of(ann))
    assert "2 points short of 22" in page
    assert "Clicked in a mail · Looked at the prices" in page


def test_the_page_asks_a_fixed_number_of_questions(
    client_of, ann, bob, agreement, now, django_assert_max_num_queries
) -> None:
    for n in range(30):
        person, _new = keep(Told(emails=[f"p{n}@firm{n}.example"], company={"name": f"Firm {n}"}), now, "form")
        record("download", now, now, person=person)
        handoff = hand_off(person, now - timedelta(days=2), by=bob, owner=bob).row
        return_lead(handoff, bob, "no-fit", "", now)
    conveyor.run(now)
    assert Person.objects.count() == 30
    client = client_of(ann)
    with django_assert_max_num_queries(25):
        client.get("/")
