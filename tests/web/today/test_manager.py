"""Today for managers: late promises, ripe leads without an owner, leads gone quiet, both sides of the week."""

from datetime import timedelta

import pytest

from tilth import conveyor
from tilth.handoff.models import Holding
from tilth.handoff.verbs import accept, hand_off, log_contact
from tilth.people.known import Told, keep
from tilth.qualify.models import Ripe
from tilth.team.models import Absence
from tilth.touches.record import offer, record

pytestmark = pytest.mark.usefixtures("stopped_clock")


def text(client) -> str:
    return " ".join(client.get("/").content.decode().split())


def test_nothing_wrong_is_said_in_words(client_of, carla, agreement) -> None:
    page = text(client_of(carla))
    for said in ("Nothing is late.", "Every ripe lead has an owner.", "No lead has gone quiet.", "Nobody is late."):
        assert said in page


def test_late_promises_stand_with_their_owner_and_moment(client_of, carla, bob, agreement, anouk, now) -> None:
    hand_off(anouk, now - timedelta(days=4), by=carla, owner=bob)
    conveyor.run(now)
    page = text(client_of(carla))
    assert 'id="late-title">Late <span class="count">1</span>' in page
    assert "Bob Jansen, <b>1</b>" in page
    assert "first contact" in page
    log_contact(anouk, bob, "call", now)
    conveyor.run(now)
    assert "first contact</td>" not in text(client_of(carla))


def test_a_lead_that_nobody_was_there_for_is_assigned(client_of, carla, bob, ann, agreement, anouk, now) -> None:
    today = now.date()
    Absence.objects.create(member=bob, first=today, last=today)
    record("form", now, now, person=anouk, offer=offer("demo", now))
    conveyor.run(now)
    assert Ripe.objects.get().waits_for == "owner"
    page = text(client_of(carla))
    assert "Bob Jansen (away)" in page
    answer = client_of(carla).post(f"/people/{anouk.pk}/owner/", {"owner": bob.pk}, follow=True)
    assert "Anouk Zonneveld is with Bob Jansen now." in answer.content.decode()
    assert Holding.objects.get().owner == bob
    assert client_of(carla).post(f"/people/{anouk.pk}/owner/", {"owner": ann.pk}).status_code == 404
    assert client_of(bob).post(f"/people/{anouk.pk}/owner/", {"owner": bob.pk}).status_code == 404


def test_an_accepted_lead_of_which_nothing_was_heard_has_gone_quiet(
    client_of, carla, bob, agreement, anouk, now
) -> None:
    handoff = hand_off(anouk, now - timedelta(days=40), by=carla, owner=bob).row
    accept(handoff, bob, now - timedelta(days=39))
    conveyor.run(now)
    page = text(client_of(carla))
    assert 'id="quiet-title">Gone quiet <span class="count">1</span>' in page
    assert "last heard" in page


def test_the_page_asks_a_fixed_number_of_questions(
    client_of, carla, bob, agreement, now, django_assert_max_num_queries
) -> None:
    for n in range(20):
        person, _new = keep(Told(emails=[f"p{n}@firm{n}.example"]), now, "form")
        accept(hand_off(person, now - timedelta(days=40), by=bob, owner=bob).row, bob, now - timedelta(days=39))
    conveyor.run(now)
    client = client_of(carla)
    with django_assert_max_num_queries(40):
        client.get("/")
