"""The verbs of sales as forms: the row that changes, the way without script, and who may."""

import pytest

from tests.conftest import JOINED
from tilth import conveyor
from tilth.handoff.models import Acceptance, HandBack, Handoff, Holding, Qualified, Return
from tilth.team.models import Member, Role


@pytest.fixture
def femke(handed) -> Member:
    """Another seller, who came after the lead was handed to Bob."""
    return Member.objects.create(name="Femke Bakker", email="femke@kasbouw.example", role=Role.SALES, joined_at=JOINED)


def test_accepting_without_script_leads_back_to_the_page(sales, handed, bob):
    answer = sales.post(f"/handoffs/{handed.pk}/acceptance/", headers={"Referer": "http://testserver/"})
    assert (answer.status_code, answer["Location"]) == (303, "http://testserver/")
    assert Acceptance.objects.get().member == bob
    page = sales.get("/").content.decode()
    assert "Anouk Zonneveld: accepted" in page
    assert "Undo" in page


def test_accepting_from_the_queue_swaps_the_row_alone(sales, handed, anouk, from_row):
    answer = sales.post(f"/handoffs/{handed.pk}/acceptance/", headers=from_row(anouk))
    part = answer.content.decode()
    assert answer.status_code == 200
    assert part.lstrip().startswith('<li class="q')
    assert "Qualified" in part
    assert "Hand back" in part
    assert "<html" not in part
    assert 'id="queue-count" hx-swap-oob="true">1<' in part
    assert "Anouk Zonneveld: accepted" in part  # the toast comes along


def test_a_colleague_cannot_accept_and_is_told_who_can(client_of, femke, handed, anouk, from_row):
    answer = client_of(femke).post(f"/handoffs/{handed.pk}/acceptance/", headers=from_row(anouk))
    assert answer.status_code == 409
    assert "This lead is with Bob Jansen" in answer.content.decode()
    assert not Acceptance.objects.exists()


def test_a_manager_may(client_of, carla, handed):
    client_of(carla).post(f"/handoffs/{handed.pk}/acceptance/")
    assert Acceptance.objects.get().member == carla


def test_marketing_finds_no_such_page(client_of, ann, handed):
    assert client_of(ann).post(f"/handoffs/{handed.pk}/acceptance/").status_code == 404


def test_returning_asks_for_a_reason_of_the_agreement(sales, handed):
    page = sales.get(f"/handoffs/{handed.pk}/return/").content.decode()
    assert "Return Anouk Zonneveld to marketing" in page
    assert "Does not fit" in page
    assert "Handed off with fit A, interest 4, under agreement 1." in page


def test_the_reasons_come_into_the_dialog(sales, handed):
    answer = sales.get(f"/handoffs/{handed.pk}/return/?row=q-7", headers={"HX-Request": "true", "HX-Target": "dialog"})
    assert answer["HX-Retarget"] == "#dialog"
    assert 'hx-target="#q-7"' in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_what_was_typed_stays_when_the_reason_is_missing(sales, handed):
    answer = sales.post(f"/handoffs/{handed.pk}/return/", {"note": "Hobby greenhouse"})
    assert answer.status_code == 422
    assert "Choose a reason." in answer.content.decode()
    assert "Hobby greenhouse" in answer.content.decode()
    assert not Return.objects.exists()


def test_a_reason_rests_on_something_that_is_known_of_the_lead(sales, handed):
    page = sales.get(f"/handoffs/{handed.pk}/return/").content.decode()
    assert "Employees: 120" in page
    answer = sales.post(f"/handoffs/{handed.pk}/return/", {"reason": "no-fit", "note": "Hobby greenhouse"})
    assert answer.status_code == 422
    assert "Say what of the lead this rests on." in answer.content.decode()


def test_the_matrix_and_the_ideal_customers_stand_beside_the_choice(sales, handed):
    page = sales.get(f"/handoffs/{handed.pk}/return/").content.decode()
    assert 'class="mini"' in page
    assert "Ideal customers, and how this lead fits" in page
    assert "50 to 500 employees" in page


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"comes_back": "date"}, "say on which"),
        ({"comes_back": "event"}, "Write what the event is called"),
        ({"comes_back": "never"}, "not one of the available choices"),
    ],
)
def test_half_a_condition_is_no_condition(sales, handed, told, wrong):
    why = {"reason": "not-ready", "rests_on": "interest", "note": "Only looks around", **told}
    answer = sales.post(f"/handoffs/{handed.pk}/return/", why)
    assert answer.status_code == 422
    assert wrong in answer.content.decode()
    assert not Return.objects.exists()


def test_what_brings_a_lead_back_is_on_its_timeline(sales, handed, anouk):
    why = {"reason": "not-ready", "rests_on": "interest", "note": "Only looks around"}
    sales.post(f"/handoffs/{handed.pk}/return/", {**why, "comes_back": "event", "event": "Trial Started"})
    page = sales.get(f"/people/{anouk.pk}/").content.decode()
    assert "rests on: what they did" in page
    assert "comes back when “Trial Started” happens" in page


def test_a_returned_lead_leaves_the_queue(sales, handed, anouk, from_row):
    told = {"reason": "no-fit", "rests_on": "company.industry", "note": "Hobby greenhouse", "wake_on": "2026-07-14"}
    part = sales.post(f"/handoffs/{handed.pk}/return/", told, headers=from_row(anouk)).content.decode()
    row = Return.objects.get()
    assert (row.reason, row.note, str(row.wake_on)) == ("no-fit", "Hobby greenhouse", "2026-07-14")
    assert (row.rests_on, row.comes_back) == ("company.industry", "date")
    assert not Holding.objects.exists()
    assert '<li class="q' not in part
    assert 'id="queue-count" hx-swap-oob="true">0<' in part
    assert "Your queue is empty" in part


def test_an_accepted_lead_is_qualified_and_handed_back(sales, handed, anouk):
    sales.post(f"/handoffs/{handed.pk}/acceptance/")
    sales.post(f"/handoffs/{handed.pk}/qualified/")
    assert Qualified.objects.get().handoff == handed
    sales.post(f"/handoffs/{handed.pk}/hand-back/", {"reason": "later", "rests_on": "said", "note": "After the summer"})
    assert HandBack.objects.get().reason == "later"
    assert "Handed back to marketing" in sales.get(f"/people/{anouk.pk}/").content.decode()


def test_marketing_hands_off_by_hand_to_whom_routing_chooses(client_of, ann, agreement, anouk, bob, clock):
    answer = client_of(ann).post(f"/people/{anouk.pk}/handoff/", follow=True)
    assert Handoff.objects.get().owner == bob
    assert "Anouk Zonneveld: handed off" in answer.content.decode()


def test_sales_takes_a_lead_on_itself(sales, agreement, anouk, bob, clock):
    sales.post(f"/people/{anouk.pk}/handoff/")
    handoff = Handoff.objects.get()
    assert (handoff.owner, handoff.by) == (bob, bob)


def test_a_lead_that_misses_a_field_is_not_handed_off_and_the_field_is_named(client_of, ann, agreement, anouk, clock):
    anouk.phones.all().delete()
    marketing, url = client_of(ann), f"/people/{anouk.pk}/"
    answer = marketing.post(f"{url}handoff/", headers={"Referer": f"http://testserver{url}"}, follow=True)
    assert "Missing for handoff: phone. Fill these in first." in answer.content.decode()
    assert not Handoff.objects.exists()


def test_undo_gives_the_lead_back(sales, handed, bob):
    sales.post(f"/handoffs/{handed.pk}/return/", {"reason": "no-fit", "rests_on": "said", "note": "Hobby"})
    page = sales.get("/").content.decode()
    undo = page.split('action="/journal/')[1].split('"')[0]
    answer = sales.post(f"/journal/{undo}", follow=True)
    assert "Undone" in answer.content.decode()
    assert Holding.objects.get().owner == bob
    assert not Return.objects.exists()


def test_undo_is_for_who_did_it(sales, client_of, femke, handed):
    sales.post(f"/handoffs/{handed.pk}/acceptance/")
    undo = sales.get("/").content.decode().split('action="/journal/')[1].split('"')[0]
    answer = client_of(femke).post(f"/journal/{undo}", follow=True)
    assert "Bob Jansen did this." in answer.content.decode()
    assert Acceptance.objects.exists()


def test_an_address_of_somebody_else_is_never_followed(sales, handed):
    answer = sales.post(f"/handoffs/{handed.pk}/acceptance/", headers={"Referer": "https://evil.example/"})
    assert answer["Location"] == "/"


def test_the_next_handoff_shows_what_was_learned_the_last_time(sales, handed, anouk, clock):
    sales.post(f"/handoffs/{handed.pk}/acceptance/")
    why = {"reason": "later", "rests_on": "said", "note": "Only after the new greenhouse", "wake_on": "2026-06-18"}
    sales.post(f"/handoffs/{handed.pk}/hand-back/", why)
    assert "The round before" not in sales.get(f"/people/{anouk.pk}/").content.decode()
    clock.forward(days=3)
    conveyor.run_dry(clock.at)
    page = sales.get(f"/people/{anouk.pk}/").content.decode()
    assert "The round before" in page
    assert "Only after the new greenhouse" in page
    assert "this is round 2" in page


def test_a_lead_that_came_back_says_what_it_waits_for(sales, handed, anouk, clock):
    why = {"reason": "not-ready", "rests_on": "interest", "note": "Only looks around", "wake_on": "2026-09-01"}
    sales.post(f"/handoffs/{handed.pk}/return/", why)
    facts = sales.get(f"/people/{anouk.pk}/").content.decode().split('class="facts"')[1].split("</dl>")[0]
    assert "comes back on 1 September 2026" in facts
