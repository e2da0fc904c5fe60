"""On a lead's page: what the agreement asks of sales, how much of it is done, and logging documents and time."""

import pytest

from tests.conftest import NOW
from tests.promises.conftest import ask_for_demo
from tilth import conveyor
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import log_contact
from tilth.touches.models import Touch


@pytest.fixture
def handoff(agreement, anouk, stopped_clock) -> Handoff:
    ask_for_demo(anouk, NOW)
    conveyor.run_dry(NOW)
    return Handoff.objects.get()


def test_the_page_says_how_much_is_done_and_where_the_ceiling_is(handoff, bob, client_of):
    for _ in range(5):
        log_contact(handoff.person, bob, "call", NOW, outcome="no answer")
    page = client_of(bob).get(f"/people/{handoff.person_id}/").content.decode()
    assert "Follow-up as agreed" in page
    assert "3–5 agreed" in page
    assert "5 · not one more" in page


def test_documents_and_minutes_are_logged_with_their_contact(handoff, bob, client_of):
    typed = {"kind": "mail", "documents": "2", "minutes": "30"}
    client_of(bob).post(f"/people/{handoff.person_id}/contacts/", typed)
    assert Touch.objects.get(kind="mail").properties == {"documents": 2, "minutes": 30}
    page = client_of(bob).get(f"/people/{handoff.person_id}/").content.decode()
    assert "0.5" in page


def test_what_is_no_number_is_left_out(handoff, bob, client_of):
    client_of(bob).post(f"/people/{handoff.person_id}/contacts/", {"kind": "mail", "documents": "-1", "minutes": "x"})
    assert Touch.objects.get(kind="mail").properties == {}
