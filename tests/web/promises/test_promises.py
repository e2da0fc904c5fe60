"""Both teams' promises on one page, in the same terms, and each number opens its list."""

import re
from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.promises.conftest import ask_for_demo
from tilth import conveyor
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import accept, log_contact
from tilth.insight import compliance, period
from tilth.people.known import Told, keep

LATER = NOW + timedelta(days=8)


@pytest.fixture
def week(agreement, anouk, bob, monkeypatch) -> list[Handoff]:
    """Anouk was called in time and accepted; Joost was not called at all. Marketing owed fifty."""
    told = Told(
        emails=["joost@grower.example"],
        phones=["+31105550199"],
        person={"first_name": "Joost", "last_name": "Kok", "title": "Manager", "country": "NL"},
        company={"name": "Grower", "industry": "Horticulture", "employees": 90, "country": "NL"},
    )
    joost = keep(told, NOW, "typed in")[0]
    for person in (anouk, joost):
        ask_for_demo(person, NOW)
    conveyor.run_dry(NOW)
    accept(anouk.handoffs.get(), bob, NOW)
    log_contact(anouk, bob, "call", NOW, outcome="reached")
    conveyor.run_dry(LATER)
    monkeypatch.setattr("tilth.web.clock.now", lambda: LATER)
    return list(Handoff.objects.order_by("pk"))


def test_both_teams_stand_in_the_same_table(week, ann, bob, client_of):
    for member in (ann, bob):
        page = client_of(member).get("/promises/?period=quarter").content.decode()
        assert page.count('class="lane marketing"') >= 1
        assert page.count('class="lane sales"') >= 4
        assert "50 leads by Monday 09:00" in page
        assert "by Wednesday 17:00" in page
        assert "Bob Jansen" in page


def test_each_number_opens_its_list_and_they_agree(week, bob, client_of):
    client = client_of(bob)
    page = client.get("/promises/?period=quarter").content.decode()
    links = re.findall(r'href="(/promises/list/\?[^"]+)">(\d+)', page)
    assert len(links) >= 8
    for address, number in links:
        listed = client.get(address.replace("&amp;", "&")).content.decode()
        found = re.search(r"(\d+) promises?, due from", listed)
        assert found, address
        if "state" in address or "cause" in address:
            assert found[1] == number, address


def test_the_list_says_who_what_due_and_why(week, bob, client_of):
    broken = client_of(bob).get("/promises/list/?period=quarter&kind=first_contact&state=broken").content.decode()
    assert "Joost Kok" in broken
    assert "Anouk" not in broken
    assert "not attempted" in broken
    kept = client_of(bob).get("/promises/list/?period=quarter&kind=first_contact&state=kept").content.decode()
    assert "a call" in kept
    assert "Anouk Zonneveld" in kept


def test_the_figures_are_a_whole(week, agreement):
    board = compliance.by_kind(period.quarter(LATER.date(), agreement.terms.zone), LATER)
    first = next(line for line in board if line.kind == "first_contact")
    assert (first.kept, first.late, first.open, first.causes) == (1, 0, 1, {"idle": 1})
    assert all(sum(line.causes.values()) == line.broken for line in board)


def test_unknown_words_in_the_address_find_nothing_and_break_nothing(week, bob, client_of):
    for query in ("kind=x", "state=x", "member=x", "member=99999999999999999999", "cause=x", "page=x", "page=999"):
        assert client_of(bob).get(f"/promises/list/?period=quarter&{query}").status_code == 200


def test_before_any_promise_the_page_says_so(agreement, bob, client_of, stopped_clock):
    page = client_of(bob).get("/promises/").content.decode()
    assert "With the first handoff, sales owes a first contact" in page


def test_the_page_asks_a_fixed_number_of_questions(week, bob, client_of, django_assert_max_num_queries):
    client = client_of(bob)
    client.get("/promises/?period=quarter")
    with django_assert_max_num_queries(20):
        client.get("/promises/?period=quarter")
    with django_assert_max_num_queries(22):
        client.get("/promises/list/?period=quarter")
