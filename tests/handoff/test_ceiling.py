"""Not one more: what a colleague logs above the agreed ceiling is refused, with the reason; what happened elsewhere is kept."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.promises.conftest import ask_for_demo
from tilth import conveyor
from tilth.deals.verbs import undo
from tilth.handoff.ceiling import done_for
from tilth.handoff.models import Handoff
from tilth.handoff.passing import reassign
from tilth.handoff.verbs import TooMuch, accept, log_contact, qualified
from tilth.team.models import Member, Role
from tilth.touches.models import Team, Touch
from tilth.touches.record import record

HOUR = timedelta(hours=1)


@pytest.fixture
def handoff(agreement, anouk) -> Handoff:
    ask_for_demo(anouk, NOW)
    conveyor.run_dry(NOW)
    return Handoff.objects.get()


def called(handoff: Handoff, by: Member, times: int) -> None:
    for n in range(times):
        log_contact(handoff.person, by, "call", NOW + n * HOUR, outcome="no answer")


def test_the_sixth_call_under_a_maximum_of_five_is_refused_with_the_reason(handoff, bob):
    called(handoff, bob, 5)
    with pytest.raises(TooMuch, match="allows 5 calls in 15 working days with one lead"):
        log_contact(handoff.person, bob, "call", NOW + 6 * HOUR)
    assert Touch.objects.filter(kind="call").count() == 5


def test_a_manager_may_not_call_once_more_either_and_marketing_is_not_meant(handoff, bob, carla, ann):
    called(handoff, bob, 5)
    with pytest.raises(TooMuch):
        log_contact(handoff.person, carla, "call", NOW + 6 * HOUR)
    assert log_contact(handoff.person, ann, "call", NOW + 6 * HOUR).entry


def test_after_the_days_that_are_agreed_the_count_begins_anew(handoff, bob):
    called(handoff, bob, 5)
    assert log_contact(handoff.person, bob, "call", NOW + timedelta(days=22)).entry


def test_with_a_verdict_the_ceiling_ends(handoff, bob):
    called(handoff, bob, 5)
    accept(handoff, bob, NOW + 6 * HOUR)
    qualified(handoff, bob, NOW + 6 * HOUR)
    assert log_contact(handoff.person, bob, "call", NOW + 7 * HOUR).entry


def test_the_next_owner_goes_on_counting(handoff, bob, carla):
    called(handoff, bob, 5)
    mia = Member.objects.create(name="Mia", email="mia@kasbouw.example", role=Role.SALES, joined_at=NOW)
    reassign(handoff, mia, NOW + 6 * HOUR, carla)
    with pytest.raises(TooMuch):
        log_contact(handoff.person, mia, "call", NOW + 7 * HOUR)


def test_what_a_telephone_system_tells_is_a_fact(handoff, bob):
    for n in range(7):
        record("call", NOW + n * HOUR, NOW + n * HOUR, person=handoff.person, team=Team.SALES)
    assert done_for(handoff, NOW + 8 * HOUR).calls == 7
    with pytest.raises(TooMuch):
        log_contact(handoff.person, bob, "call", NOW + 8 * HOUR)
    assert log_contact(handoff.person, bob, "mail", NOW + 8 * HOUR).entry


def test_documents_and_time_are_counted_and_have_a_ceiling(handoff, bob):
    log_contact(handoff.person, bob, "mail", NOW, documents=2, minutes=90)
    done = done_for(handoff, NOW + HOUR)
    assert (done.mails, done.documents, done.hours) == (1, 2, 1.5)
    with pytest.raises(TooMuch, match="3 documents"):
        log_contact(handoff.person, bob, "mail", NOW + HOUR, documents=2)
    with pytest.raises(TooMuch, match="4 hours"):
        log_contact(handoff.person, bob, "meeting", NOW + HOUR, minutes=151)


def test_a_call_that_was_undone_makes_room_for_another(handoff, bob):
    called(handoff, bob, 4)
    done = log_contact(handoff.person, bob, "call", NOW + 5 * HOUR)
    undo(done.entry, bob, NOW + 5 * HOUR)
    assert log_contact(handoff.person, bob, "call", NOW + 6 * HOUR).entry


def test_the_page_refuses_too_and_says_why(handoff, bob, client_of, stopped_clock):
    called(handoff, bob, 5)
    client, page = client_of(bob), f"/people/{handoff.person_id}/contacts/"
    told = client.post(page, {"kind": "call"}, follow=True)
    assert "The agreement allows 5 calls in 15 working days with one lead" in told.content.decode()
    assert Touch.objects.filter(kind="call").count() == 5
