"""First steps: ticks for what is done, and the way to what is next."""

from datetime import date

import pytest
from django.urls import reverse

from tilth.plan.models import Goal

pytestmark = pytest.mark.usefixtures("stopped_clock")


def done(answer) -> list[bool]:
    return [s.done for s in answer.context["steps"]]


def test_an_empty_tilth_begins_with_the_agreement(client_of, eva) -> None:
    answer = client_of(eva).get("/start/")
    assert done(answer) == [False] * 5
    assert [s.next for s in answer.context["steps"]] == [True, False, False, False, False]
    assert "First steps" in client_of(eva).get("/").content.decode()


def test_each_step_gets_its_tick(client_of, eva, ann, agreement, anouk, now) -> None:
    assert done(client_of(eva).get("/start/")) == [True, True, False, True, True]
    Goal.objects.create(amount=100, currency="EUR", first=date(2026, 1, 1), last=date(2026, 12, 31), set_at=now)
    assert done(client_of(eva).get("/start/")) == [True] * 5
    assert "Then leads go round by themselves" not in client_of(eva).get("/").content.decode()


def test_every_step_leads_to_a_page_that_is_there(client_of, eva) -> None:
    client = client_of(eva)
    answer = client.get("/start/")
    links = [s.step.page for s in answer.context["steps"] if s.open]
    assert {"agreement", "goal", "team"} <= set(links)
    for s in answer.context["steps"]:
        if s.open:
            assert f'href="{reverse(s.step.page)}"' in answer.content.decode()
