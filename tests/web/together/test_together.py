"""Leads ticked in the queue or in the list, and one verb for all of them: without JavaScript, and with htmx."""

import pytest

from tests.conftest import NOW
from tests.deals.test_together import berta, lead, leads  # noqa: F401
from tilth.deals.together import open_handoff
from tilth.handoff.models import Acceptance, Holding, Return
from tilth.handoff.verbs import accept
from tilth.touches.models import Evidence, NextStep, Touch

REASON = {"reason": "not-ready", "rests_on": "said", "note": "Not this year"}


@pytest.fixture
def three(leads, stopped_clock):  # noqa: F811
    """Nora and Cor are new and with Bob, Berend is with Berta."""
    return [leads[0], leads[1], leads[3]]


def ids(people):
    return [str(p.pk) for p in people]


def text(client, url="/"):
    return client.get(url).content.decode()


def test_accepting_several_says_how_many_and_names_who_was_refused(three, client_of, bob):
    client = client_of(bob)
    response = client.post("/together/", {"do": "accept", "person": ids(three)}, HTTP_REFERER="http://testserver/")
    assert response.status_code == 303
    page = text(client)
    assert "2 leads: accepted" in page
    assert "Berend Bakker: This lead is with Berta Kok." in page
    assert set(Acceptance.objects.filter(at=NOW, member=bob).values_list("handoff__person", flat=True)) >= {
        three[0].pk, three[1].pk,
    }  # fmt: skip


def test_one_undo_for_all(three, client_of, bob):
    client = client_of(bob)
    before = Acceptance.objects.count()
    client.post("/together/", {"do": "accept", "person": ids(three[:2])})
    undo = text(client).split('class="toast show')[1].split('action="')[1].split('"')[0]
    client.post(undo)
    assert Acceptance.objects.count() == before


def test_returning_asks_for_the_reason_once(three, client_of, bob):
    client = client_of(bob)
    asked = client.post("/together/", {"do": "return", "person": ids(three[:2])})
    page = asked.content.decode()
    assert asked.status_code == 200
    assert "Nora Bakker, Cor Bakker" in page
    assert "return: 2 leads" in page.lower()
    for pk in ids(three[:2]):
        assert f'name="person" value="{pk}"' in page
    wrong = client.post("/together/", {"do": "return", "told": "yes", "person": ids(three[:2])})
    assert wrong.status_code == 422
    assert "Choose a reason." in wrong.content.decode()
    client.post("/together/", {"do": "return", "told": "yes", "person": ids(three[:2]), **REASON})
    assert Return.objects.filter(note="Not this year").count() == 2
    assert not Holding.objects.filter(person__in=three[:2]).exists()


def test_handing_back_logging_and_planning_for_several(three, client_of, bob):
    client = client_of(bob)
    for person in three[:2]:
        accept(open_handoff(person), bob, NOW)
    client.post(
        "/together/", {"do": "step", "told": "yes", "person": ids(three), "what": "Send the offer", "on": "2026-06-20"}
    )
    assert NextStep.objects.filter(what="Send the offer", member=bob).count() == 3
    client.post("/together/", {"do": "log", "told": "yes", "person": ids(three), "kind": "mail", "note": "Invitation"})
    assert Touch.objects.filter(kind="mail", member=bob).count() == 3
    client.post(
        "/together/", {"do": "hand-back", "told": "yes", "person": ids(three[:2]), **REASON, "reason": "no-budget"}
    )
    assert not Holding.objects.filter(person__in=three[:2]).exists()


CALL = {"do": "log", "told": "yes", "kind": "call", "outcome": "no answer"}


def calls(people):
    told = Touch.objects.filter(kind="call", person__in=people, evidence__gt=Evidence.RETRACTED)
    return [told.filter(person=person).count() for person in people]


def test_the_sixth_call_is_refused_by_name_and_the_others_are_logged_with_one_undo(three, client_of, bob):
    client = client_of(bob)
    assert calls(three) == [0, 5, 0]
    client.post("/together/", {**CALL, "person": ids(three)})
    page = text(client)
    assert "2 leads: contact logged" in page
    assert "Cor Bakker: The agreement allows 5 calls in 15 working days with one lead." in page
    assert calls(three) == [1, 5, 1]
    client.post(page.split('class="toast show')[1].split('action="')[1].split('"')[0])
    assert calls(three) == [0, 5, 0]


def test_a_lead_that_is_ticked_twice_is_called_once(three, client_of, bob):
    client_of(bob).post("/together/", {**CALL, "person": ids([three[0], three[0]])})
    assert calls(three) == [1, 5, 0]


def test_only_who_gives_leads_to_others_is_offered_that(three, client_of, bob, carla, berta):  # noqa: F811
    assert 'value="reassign"' not in text(client_of(bob))
    assert 'value="reassign"' not in text(client_of(bob), "/people/")
    assert 'value="reassign"' in text(client_of(carla), "/people/")
    client_of(bob).post("/together/", {"do": "reassign", "told": "yes", "person": ids(three), "owner": berta.pk})
    assert Holding.objects.get(person=three[0]).owner == bob
    client_of(carla).post("/together/", {"do": "reassign", "told": "yes", "person": ids(three), "owner": berta.pk})
    assert Holding.objects.get(person=three[0]).owner == berta


def test_marketing_ticks_in_the_list_too(three, client_of, ann):
    page = text(client_of(ann), "/people/")
    assert 'value="log"' in page
    assert 'value="accept"' not in page


def test_nothing_ticked_is_said(three, client_of, bob):
    client = client_of(bob)
    for sent in ({"do": "accept"}, {"do": "accept", "person": "x"}, {"do": "nonsense", "person": ids(three)}):
        client.post("/together/", sent)
        assert "Tick at least one lead first" in text(client)


def test_in_the_dialog_with_htmx(three, client_of, bob):
    response = client_of(bob).post("/together/", {"do": "return", "person": ids(three)}, headers={"HX-Request": "true"})
    assert response["HX-Retarget"] == "#dialog"
    assert "<html" not in response.content.decode()
