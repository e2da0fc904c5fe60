"""The board: who stands where, and which verbs a card has."""

import re
from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.deals.test_together import berta, lead, leads  # noqa: F401
from tilth.deals.together import open_handoff
from tilth.handoff.models import Acceptance
from tilth.handoff.verbs import accept, log_contact


@pytest.fixture
def lots(leads, bob, stopped_clock):  # noqa: F811
    """Cor is accepted and was called; the others stand as they are."""
    accept(open_handoff(leads[1]), bob, NOW)
    return leads


def columns(page: str) -> dict[str, list[str]]:
    """State to the names on its cards."""
    found = re.findall(r'<section class="sheet board-col" id="col-(\w+)".*?</section>', page, re.DOTALL)
    bodies = re.split(r'<section class="sheet board-col" id="col-\w+"', page)[1:]
    return {name: re.findall(r'data-key="o">([^<]+)<', body) for name, body in zip(found, bodies, strict=True)}


def card(page: str, who) -> str:
    return re.search(rf'<li class="card-lead[^>]*id="card-{who.pk}".*?</li>', page, re.DOTALL).group()


def test_every_lead_stands_in_its_state(lots, client_of, bob):
    assert columns(client_of(bob).get("/board/").content.decode()) == {
        "new": ["Nora Bakker"], "accepted": ["Teun Bakker"], "contacted": ["Cor Bakker"], "sql": ["Saar Bakker"],
        "deal": ["Dina Bakker"], "back": [],
    }  # fmt: skip


def test_a_manager_sees_everybody_or_one(lots, client_of, carla, berta):  # noqa: F811
    client = client_of(carla)
    assert len(columns(client.get("/board/").content.decode())["new"]) == 2
    assert columns(client.get(f"/board/?owner={berta.pk}").content.decode())["new"] == ["Berend Bakker"]
    assert len(columns(client.get("/board/?owner=x").content.decode())["new"]) == 2


def test_marketing_has_no_board(lots, client_of, ann):
    assert client_of(ann).get("/board/").status_code == 404


def test_a_card_has_the_verbs_of_its_state_and_no_other(lots, client_of, bob):
    page = client_of(bob).get("/board/").content.decode()
    ways = {who.first_name: re.findall(r'data-to="(\w+)"', card(page, who)) for who in lots if f"card-{who.pk}" in page}
    assert ways == {
        "Nora": ["accepted", "back"], "Teun": ["contacted", "sql", "deal", "back"],
        "Cor": ["contacted", "sql", "deal", "back"], "Saar": ["deal", "back"], "Dina": [],
    }  # fmt: skip


def test_what_a_card_offers_is_what_the_columns_say(lots, client_of, bob):
    from tilth.web.board.columns import ways

    page = client_of(bob).get("/board/").content.decode()
    for state, names in columns(page).items():
        for name in names:
            who = next(p for p in lots if f"{p.first_name} Bakker" == name)
            assert re.findall(r'data-to="(\w+)"', card(page, who)) == [c.name for c in ways(state)]


def test_moving_without_script_is_pressing_a_button(lots, client_of, bob):
    client = client_of(bob)
    page = client.get("/board/").content.decode()
    action = re.search(
        r'<form method="post" action="([^"]+)"[^>]*>[^§]*?data-to="accepted"', card(page, lots[0])
    ).group(1)
    response = client.post(action, HTTP_REFERER="http://testserver/board/")
    assert response["Location"] == "http://testserver/board/"
    assert Acceptance.objects.filter(handoff__person=lots[0]).exists()
    assert "Nora Bakker" in columns(client.get("/board/").content.decode())["accepted"]


def test_a_note_is_no_contact_and_one_before_the_handoff_neither(lots, client_of, bob):
    log_contact(lots[2], bob, "note", NOW)
    log_contact(lots[2], bob, "call", NOW, at=NOW - timedelta(days=1))
    assert columns(client_of(bob).get("/board/").content.decode())["accepted"] == ["Teun Bakker"]


def test_an_empty_board_says_what_will_stand_there(agreement, client_of, bob):
    assert "Nothing on the board" in client_of(bob).get("/board/").content.decode()


def test_the_board_asks_a_bounded_number_of_questions(lots, client_of, bob, django_assert_max_num_queries):
    client = client_of(bob)
    client.get("/board/")
    with django_assert_max_num_queries(40):
        client.get("/board/")
