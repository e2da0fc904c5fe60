"""The timeline shows what machines did grey, says why, can leave it out; and a member's word counts more than any sign."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.conftest import NOW
from tests.web.conftest import Clock
from tilth.agreement.models import Version
from tilth.core.evidence import marked, marks_of
from tilth.journal.models import Entry
from tilth.people.models import Person
from tilth.qualify.models import Standing
from tilth.team.models import Member
from tilth.touches import settling
from tilth.touches.models import Correction, Evidence, Origin, Touch
from tilth.touches.record import record


@pytest.fixture
def sales(client_of: Callable[[Member], Client], bob: Member, agreement: Version, clock: Clock) -> Client:
    return client_of(bob)


def page(client: Client, person: Person, query: str = "") -> str:
    return " ".join(client.get(f"/people/{person.pk}/{query}").content.decode().split())


def click(person: Person, ago: int = 1, evidence: int = Evidence.MACHINE, **marks: Any) -> Touch:
    at = NOW - timedelta(minutes=ago)
    said = marked({"mail": "spring"}, marks)
    return record("mail_click", at, at, person=person, evidence=evidence, properties=said, event=f"click {ago}")[0]


def say(client: Client, person: Person, what: str, *touches: Touch) -> Any:
    url = f"/people/{person.pk}/"
    asked = {"what": what, "touch": [t.pk for t in touches]}
    return client.post(f"{url}evidence/", asked, headers={"Referer": f"http://testserver{url}"}, follow=True)


@pytest.mark.parametrize(
    ("marks", "why"),
    [
        ({"machine": "bot"}, "a program: counts for nothing"),
        ({"machine": "monitor"}, "an uptime monitor: counts for nothing"),
        ({"machine": "colleague"}, "one of our own people: counts for nothing"),
        (
            {"machine": "scanner", "sign": "hidden"},
            "a mail scanner: counts for nothing, followed a link that no reader sees",
        ),
        ({"machine": "scanner", "sign": "fast"}, "a mail scanner: counts for nothing, followed several links at once"),
        ({"said": "machine", "by": "Ann de Wit"}, "a machine, says Ann de Wit: counts for nothing"),
        ({}, "a machine, not a person: counts for nothing"),
    ],
)
def test_a_machine_is_grey_with_its_reason(marks: dict[str, str], why: str, sales: Client, anouk: Person) -> None:
    click(anouk, **marks)
    html = page(sales, anouk)
    assert "tl-e her machine" in html
    assert why in html


def test_what_machines_did_can_be_left_out_and_stays_so(sales: Client, anouk: Person) -> None:
    for n in range(30):
        click(anouk, n, machine="bot")
    record("page", NOW - timedelta(hours=2), NOW, person=anouk, event="Prices")
    shown = page(sales, anouk)
    assert "Hide 30 by machines" in shown
    hidden = page(sales, anouk, "?machines=no")
    assert "Show 30 by machines" in hidden
    assert "Looked at a page: Prices" in hidden
    assert "Clicked in a mail" not in hidden
    assert "?machines=no&amp;lane=person" in hidden
    for n in range(30):
        record("page", NOW - timedelta(hours=3, minutes=n), NOW, person=anouk, event=f"Page {n}")
    assert "?machines=no&amp;before=" in page(sales, anouk, "?machines=no")


def test_a_lane_counts_only_what_counts(sales: Client, anouk: Person) -> None:
    click(anouk, machine="bot")
    record("page", NOW, NOW, person=anouk)
    assert "Their own 1</a>" in page(sales, anouk).replace("</svg>", "")


def test_a_member_knows_better_and_can_take_it_back(sales: Client, anouk: Person, bob: Member) -> None:
    touch = click(anouk, machine="scanner", sign="all")
    assert "A person did it" in page(sales, anouk)
    answer = say(sales, anouk, "person", touch).content.decode()
    assert "Anouk Zonneveld: a person did it" in answer
    assert "a person did it, says Bob Jansen" in answer
    touch.refresh_from_db()
    assert touch.evidence == Evidence.OBSERVED
    assert Correction.objects.filter(touch=touch).count() == 1
    entry = Entry.objects.get(verb="said a person did it")
    sales.post(f"/journal/{entry.pk}/undo/")
    touch.refresh_from_db()
    assert (touch.evidence, marks_of(touch.properties)) == (Evidence.MACHINE, {"machine": "scanner", "sign": "all"})


def test_it_counts_at_once(sales: Client, anouk: Person) -> None:
    touches = [click(anouk, n, machine="scanner") for n in range(3)]
    before = Standing.objects.filter(person=anouk).values_list("interest_points", flat=True).first() or 0
    say(sales, anouk, "person", *touches)
    assert Standing.objects.get(person=anouk).interest_points > before


def test_a_form_that_a_machine_sent_made_no_lead(sales: Client, anouk: Person) -> None:
    form, _new = record("form", NOW, NOW, person=anouk, evidence=Evidence.DECLARED)
    assert Origin.objects.filter(person=anouk).exists()
    assert "A machine did it" in page(sales, anouk)
    say(sales, anouk, "machine", form)
    assert not Origin.objects.filter(person=anouk).exists()
    sales.post(f"/journal/{Entry.objects.get(verb='said a machine did it').pk}/undo/")
    assert Origin.objects.get(person=anouk).touch == form
    form.refresh_from_db()
    assert form.evidence == Evidence.DECLARED


def test_a_word_holds_against_what_is_found_out_later(sales: Client, anouk: Person) -> None:
    touch = click(anouk, 5, Evidence.OBSERVED)
    say(sales, anouk, "machine", touch)
    say(sales, anouk, "person", touch)
    record(
        "mail_click", touch.at, NOW, person=anouk, evidence=Evidence.UNSETTLED,
        properties=marked({"mail": "spring"}, {"hidden": True}),
    )  # fmt: skip
    settling.catch_up(NOW + timedelta(minutes=2))
    touch.refresh_from_db()
    assert touch.evidence == Evidence.OBSERVED


def test_only_what_they_did_themselves_can_be_said_otherwise(sales: Client, anouk: Person, bob: Member) -> None:
    other = Person.objects.create(first_name="Ilse", at=NOW)
    theirs = click(other)
    ours, _new = record("call", NOW, NOW, person=anouk, team="sales", member=bob, evidence=Evidence.DECLARED)
    taken_back = click(anouk, evidence=Evidence.RETRACTED)
    assert say(sales, anouk, "person", theirs, taken_back).status_code == 200
    say(sales, anouk, "machine", ours)
    sales.post(f"/people/{anouk.pk}/evidence/", {"what": "person", "touch": ["x", "9" * 30, "-1"]})
    levels = [Touch.objects.get(pk=t.pk).evidence for t in (theirs, ours, taken_back)]
    assert levels == [Evidence.MACHINE, Evidence.DECLARED, Evidence.RETRACTED]
    assert not Entry.objects.filter(verb__startswith="said").exists()
