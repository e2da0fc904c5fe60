"""The card from the fair, as a browser without script sends it and as the page's own script does."""

import uuid
from datetime import date, timedelta

import pytest

from tests.conftest import NOW
from tilth.campaigns.models import Campaign
from tilth.handoff.models import Holding
from tilth.journal.models import Entry
from tilth.people.models import Person
from tilth.people.suppressed import suppress
from tilth.touches.models import Evidence, NextStep, Origin, Team, Touch

pytestmark = pytest.mark.usefixtures("clock")
SCRIPT = {"Accept": "application/json"}


def typed(**fields):
    return {
        "id": str(uuid.uuid4()), "event": "HortiContact 2026", "name": "Wim Lansbergen", "company": "Lansbergen Rozen",
        "email": "wim@lansbergen.example", "phone": "", "asked": "Wants to see night heating", "next_step": "Send the prices",
        "next_on": "2026-06-18", **fields,
    }  # fmt: skip


def test_a_card_is_a_person_a_touch_by_sales_door_and_a_next_step(sales, bob, agreement):
    answer = sales.post("/card/", typed())
    assert (answer.status_code, answer["Location"]) == (302, "/card/")
    wim = Person.objects.get()
    assert (wim.name, wim.company.name) == ("Wim Lansbergen", "Lansbergen Rozen")
    touch = Touch.objects.get()
    assert (touch.kind, touch.team, touch.member, touch.evidence) == ("card", Team.SALES, bob, Evidence.DECLARED)
    assert (touch.campaign.name, touch.medium, touch.properties) == (
        "HortiContact 2026", "event", {"note": "Wants to see night heating"},
    )  # fmt: skip
    assert Origin.objects.get(person=wim).touch == touch
    step = NextStep.objects.get()
    assert (step.what, step.on, step.member, step.touch) == ("Send the prices", date(2026, 6, 18), bob, touch)
    assert Entry.objects.get(verb="took card").person_id == wim.pk
    assert wim.standing.stage == "lead"


def test_a_card_sent_twice_counts_once(sales, agreement):
    card = typed()
    first, again = (sales.post("/card/", card, headers=SCRIPT) for _ in range(2))
    assert first.json() == again.json()
    assert (Person.objects.count(), Touch.objects.count(), NextStep.objects.count()) == (1, 1, 1)


def test_a_card_with_nothing_but_a_name_sent_twice_is_one_person(sales, agreement):
    card = typed(email="", company="", phone="", next_step="", next_on="")
    for _ in range(2):
        assert sales.post("/card/", card, headers=SCRIPT).status_code == 200
    assert (Person.objects.count(), NextStep.objects.count()) == (1, 0)


def test_a_card_that_waited_on_the_phone_happened_when_it_was_typed(sales, agreement):
    sales.post("/card/", typed(at=(NOW - timedelta(days=2)).isoformat()), headers=SCRIPT)
    touch = Touch.objects.get()
    assert (touch.at, touch.learned_at) == (NOW - timedelta(days=2), NOW)


@pytest.mark.parametrize(
    "at", ["2031-01-01T00:00:00Z", "2001-01-01T00:00:00Z", "yesterday", "2026-06-16T08:00:00", "2026-99-99T00:00:00Z"]
)
def test_a_phone_whose_clock_is_wrong_is_believed_within_bounds(sales, agreement, at):
    assert sales.post("/card/", typed(at=at), headers=SCRIPT).status_code == 200
    assert NOW - timedelta(days=60) <= Touch.objects.get().at <= NOW


def test_the_fair_stays_for_the_next_card(sales, agreement):
    sales.post("/card/", typed())
    assert 'value="HortiContact 2026"' in sales.get("/card/").content.decode()
    assert Campaign.objects.count() == 1


def test_marketing_meets_people_at_its_own_door(client_of, ann, agreement):
    client_of(ann).post("/card/", typed())
    assert Origin.objects.get().door == Team.MARKETING


def test_who_met_them_may_take_them_on(sales, bob, agreement):
    answer = sales.post("/card/", typed(mine="on"), headers=SCRIPT)
    assert answer.json()["trouble"] == ""
    assert Holding.objects.get().owner == bob


def test_what_keeps_somebody_from_taking_them_on_is_said_and_the_card_is_kept(
    sales, client_of, agreement, bob, handed, anouk, carla
):
    answer = sales.post("/card/", typed(email="anouk@zonneveldtomaten.example", mine="on"), headers=SCRIPT)
    assert "already has an owner" in answer.json()["trouble"]
    assert Touch.objects.filter(kind="card", person=anouk).exists()


def test_of_somebody_who_was_erased_nothing_is_kept_and_the_phone_may_forget_the_card(sales, agreement):
    suppress(["wim@lansbergen.example"], "x", NOW)
    answer = sales.post("/card/", typed(), headers=SCRIPT)
    assert answer.status_code == 200
    assert "erased" in answer.json()["trouble"]
    assert sales.post("/card/", typed()).status_code == 302
    assert (Person.objects.count(), Touch.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": "", "email": "", "phone": ""}, "Write a name"),
        ({"email": "wim at rozen"}, "not an e-mail address"),
        ({"next_step": "", "next_on": "2026-06-18"}, "Say what you do on that day"),
        ({"id": "7"}, "valid UUID"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(sales, agreement, wrong, says):
    answer = sales.post("/card/", typed(**wrong), headers=SCRIPT)
    assert answer.status_code == 422
    assert says in " ".join(answer.json()["errors"])
    assert sales.post("/card/", typed(**wrong)).status_code == 422
    assert not Person.objects.exists()


def test_the_worker_names_every_file_that_the_page_needs(sales, agreement):
    script = sales.get("/card/worker-of-old.js")
    assert script["Content-Type"].startswith("text/javascript")
    page = sales.get("/card/").content.decode()
    for name in ("tilth.css", "card.js", "htmx.min.js"):
        assert f"/static/{name}" in page or f"/static/vendor/{name}" in page
        assert name in script.content.decode()


def test_a_step_is_on_today_of_who_said_it_until_it_is_done_and_can_be_taken_back(sales, client_of, ann, agreement):
    sales.post("/card/", typed())
    step = NextStep.objects.get()
    assert "Send the prices" in sales.get("/").content.decode()
    assert "Send the prices" not in client_of(ann).get("/").content.decode()
    assert "Send the prices" in sales.get(f"/people/{step.person_id}/").content.decode()
    sales.post(f"/next-steps/{step.pk}/done/")
    assert "You said you would" not in sales.get("/").content.decode()
    sales.post(f"/journal/{Entry.objects.get(verb='did step').pk}/undo/")
    assert NextStep.objects.get().done_at is None


def test_a_step_can_be_planned_on_the_persons_page(sales, anouk, agreement):
    sales.post(f"/people/{anouk.pk}/next-steps/", {"what": "Call about the screens", "on": "2026-06-12"})
    assert "late, since 12 June" in sales.get(f"/people/{anouk.pk}/").content.decode()
    sales.post(f"/people/{anouk.pk}/next-steps/", {"what": " ", "on": "soon"})
    assert NextStep.objects.count() == 1
