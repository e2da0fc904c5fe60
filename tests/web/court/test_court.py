"""The court's pages: what waits, the two verdicts with their undo, what stays hidden, and the figures' lists."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.handoff.models import Handoff, Return, Review
from tilth.handoff.verbs import accept, log_contact, return_lead

UPHELD = {"reason": "no-fit", "charged_to": "definition", "note": "Raise the floor"}


@pytest.fixture
def returned(handed, bob, anouk, clock) -> Return:
    log_contact(anouk, bob, "call", NOW, "no-answer")
    row = return_lead(handed, bob, "no-fit", "Too small for us", NOW, rests_on="company.employees").row
    clock.forward(hours=1)
    return row


@pytest.fixture
def manager(client_of, carla):
    return client_of(carla)


def blind(preset, ann, bob, reviewer="") -> None:
    preset["sla"]["review"] = {"reviewer": reviewer, "blind": True}
    version = Version.write(preset, ann, NOW - timedelta(minutes=1))
    version.sign(ann, "marketing", NOW - timedelta(minutes=1))
    version.sign(bob, "sales", NOW - timedelta(minutes=1))


def test_an_empty_court_says_so(manager, agreement, clock):
    page = manager.get("/court/").content.decode()
    assert "Every return is decided." in page
    assert "None in this period." in page
    assert "too few, 30 more needed" in page


def test_a_return_waits_with_its_reason_and_what_it_rests_on(manager, returned):
    page = manager.get("/court/").content.decode()
    assert "Too small for us" in page
    assert "Bob Jansen" in page
    case = manager.get(f"/court/{returned.pk}/").content.decode()
    assert "Rests on: employees (120)" in case
    assert "50 to 500 employees" in case
    assert "agreed: 3–5 calls, 2–4 mails" in case
    assert 'class="mini"' in case


def test_overturned_from_the_page_it_is_bobs_again_and_can_be_undone(manager, returned, bob):
    answer = manager.post(f"/court/{returned.pk}/overturned/", {"back-note": "120 people"}, follow=True)
    page = answer.content.decode()
    assert "Anouk Zonneveld: back to its owner" in page
    assert Handoff.objects.get(continues=returned.handoff).owner == bob
    undo = page.split('action="/journal/')[1].split('"')[0]
    manager.post(f"/journal/{undo}")
    assert not Review.objects.exists()
    assert Handoff.objects.count() == 1


def test_upheld_from_the_page_is_charged_to_its_cause(manager, returned):
    manager.post(f"/court/{returned.pk}/upheld/", UPHELD)
    row = Review.objects.get()
    assert (row.verdict, row.charged_to, row.reason, row.note) == ("upheld", "definition", "no-fit", "Raise the floor")
    page = manager.get("/court/?show=upheld").content.decode()
    assert "Raise the floor" in page
    assert "charged to our definition of a good lead" in manager.get(f"/court/{returned.pk}/").content.decode()


@pytest.mark.parametrize("lacks", ["reason", "charged_to"])
def test_upholding_without_its_cause_keeps_what_was_typed(manager, returned, lacks):
    told = {k: v for k, v in UPHELD.items() if k != lacks}
    answer = manager.post(f"/court/{returned.pk}/upheld/", told)
    assert answer.status_code == 422
    assert "Raise the floor" in answer.content.decode()
    assert not Review.objects.exists()


def test_overturning_asks_for_a_sentence(manager, returned):
    answer = manager.post(f"/court/{returned.pk}/overturned/", {})
    assert answer.status_code == 422
    assert "One sentence helps the owner" in answer.content.decode()


def test_after_a_verdict_the_next_one_that_waits_is_open(manager, returned, bob, carla):
    answer = manager.post(f"/court/{returned.pk}/upheld/", UPHELD)
    assert answer["Location"] == "/court/"


def test_sales_sees_the_court_and_decides_nothing(sales, returned):
    page = sales.get(f"/court/{returned.pk}/").content.decode()
    assert "A manager decides" in page
    assert "Uphold" not in page
    sales.post(f"/court/{returned.pk}/upheld/", UPHELD)
    assert not Review.objects.exists()


def test_service_finds_no_such_page(client_of, dirk, returned):
    assert client_of(dirk).get("/court/").status_code == 404


def test_blind_the_reviewer_sees_nobodys_name_until_they_decided(client_of, preset, ann, bob, handed, anouk):
    blind(preset, ann, bob, "ann@kasbouw.example")
    log_contact(anouk, bob, "call", NOW, "no-answer")
    returned = return_lead(handed, bob, "no-fit", "Too small", NOW, rests_on="company.employees").row
    marketing = client_of(ann)
    for url in ("/court/", f"/court/{returned.pk}/"):
        main = marketing.get(url).content.decode().split('id="main"')[1]
        assert "a colleague in sales" in main
        assert "Bob" not in main
        assert f"/people/{anouk.pk}/" not in main
    marketing.post(f"/court/{returned.pk}/overturned/", {"back-note": "Large enough"})
    assert Review.objects.get().blind
    assert "Bob Jansen" in marketing.get(f"/court/{returned.pk}/").content.decode()


def test_the_menu_counts_what_waits_for_who_decides(manager, sales, returned):
    assert manager.get("/court/").context["shell"]._count(court_place()) == 1
    assert sales.get("/court/").context["shell"]._count(court_place()) == 0


def court_place():
    from tilth.web.shell import PLACES

    return next(place for place in PLACES if place.name == "court")


def test_each_figure_opens_its_list(manager, returned, handed, bob, clock, anouk):
    manager.post(f"/court/{returned.pk}/overturned/", {"back-note": "120 people"})
    back = Handoff.objects.get(continues=handed)
    accept(back, bob, clock.at)
    clock.forward(days=60)
    conveyor.run_dry(clock.at)
    for show, said in (
        ("overturned", "120 people"),
        ("decided", "120 people"),
        ("upheld", "None in this period."),
        ("false-returns", "None in this period."),
        ("false-accepts", "Anouk Zonneveld"),
    ):
        assert said in manager.get(f"/court/?period=12-months&show={show}").content.decode().split('id="list"')[1]


def test_a_verdict_is_on_the_timeline(manager, returned, anouk):
    manager.post(f"/court/{returned.pk}/upheld/", UPHELD)
    page = manager.get(f"/people/{anouk.pk}/").content.decode()
    assert "The return was upheld" in page
    assert "charged to: our definition of a good lead" in page


def test_the_list_asks_a_fixed_number_of_questions(manager, returned, django_assert_max_num_queries):
    manager.get("/court/")
    with django_assert_max_num_queries(26):
        manager.get("/court/")
