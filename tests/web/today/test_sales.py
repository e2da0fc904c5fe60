"""Today for sales: the queue in order, what a row says, and a fixed number of questions however long it is."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import NOW
from tilth import conveyor
from tilth.handoff.models import Holding
from tilth.people.known import Told, keep
from tilth.team.models import Role
from tilth.touches.models import Evidence
from tilth.touches.record import offer, record

QUESTIONS = 16


def ask(n: int, what: str, at):
    """Another grower who asked for something, of a company of their own."""
    told = Told(
        emails=[f"grower{n}@firm{n}.example"],
        phones=[f"+3110555{n:04}"],
        person={"first_name": f"Grower{n}", "last_name": "Bakker", "title": "Director", "country": "NL"},
        company={"name": f"Firm {n}", "industry": "Horticulture", "employees": 80, "country": "NL"},
    )
    person = keep(told, at, "typed in")[0]
    record("form", at, at, person=person, offer=offer(what, at), evidence=Evidence.DECLARED)
    conveyor.run_dry(at)
    return person


def text(client, path="/"):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_row_says_who_why_what_it_is_worth_and_until_when(sales, handed, anouk):
    page = text(sales)
    assert f'id="q-{anouk.pk}"' in page
    assert "Anouk Zonneveld" in page
    assert "Zonneveld Tomaten, Bleiswijk" in page
    assert "Asked for a demo" in page
    assert "10 min ago" in page
    assert "€5,760" in page
    assert "first call before" in page
    assert "3 h 50 min left" in page  # handed off at 10:30, four working hours
    assert "0/5" in page  # calls of at most


def test_a_late_promise_is_said_with_a_word_and_comes_first(sales, handed, clock):
    ask(1, "demo", NOW)
    clock.forward(days=1)
    ask(2, "demo", clock.at)
    page = text(sales)
    assert 'class="q late"' in page
    assert "late" in page
    assert page.index("Anouk Zonneveld") < page.index("Grower2")


def test_the_strip_says_that_there_is_no_goal_yet(sales, handed):
    assert "Not set yet" in text(sales)


def test_an_empty_queue_says_what_happens_next(sales, agreement, clock):
    assert "Your queue is empty" in text(sales)


def test_who_is_in_an_open_deal_waits_elsewhere(sales, handed):
    Holding.objects.update(open_deals=1)
    page = text(sales)
    assert "Anouk Zonneveld" not in page
    assert "Your queue is empty" in page


def test_who_went_quiet_is_named(sales, handed, bob, clock):
    sales.post(f"/handoffs/{handed.pk}/acceptance/")
    clock.forward(days=30)
    conveyor.run_dry(clock.at)
    page = text(sales)
    assert "Gone quiet" in page
    assert "nothing heard since" in page


def test_the_page_asks_a_fixed_number_of_questions(sales, handed, bob, clock):
    with CaptureQueriesContext(connection) as few:
        text(sales)
    for n in range(8):
        ask(n, "demo", NOW - timedelta(minutes=n))
    assert Holding.objects.filter(owner=bob).count() == 9
    with CaptureQueriesContext(connection) as many:
        text(sales)
    assert len(many) <= QUESTIONS, "\n".join(q["sql"][:160] for q in many)
    assert len(many) == len(few)


@pytest.mark.parametrize("role", [r for r in Role if r != Role.SALES])
def test_other_roles_have_another_day(role, cast, client_of, agreement):
    assert "Your queue" not in client_of(cast[role]).get("/", follow=True).content.decode()
