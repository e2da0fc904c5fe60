"""Sources: making one, seeing what arrives, and reading a refused delivery again."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from tilth.capture import understand
from tilth.capture.models import Received, Refusal, Source
from tilth.core.wire import Reason
from tilth.journal.models import Entry
from tilth.team.models import Member
from tilth.touches.models import Touch
from tilth.web.sources.words import SAID, why

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def admin(client_of: Callable[[Member], Client], eva: Member) -> Client:
    return client_of(eva)


@pytest.fixture
def site(now: datetime) -> Source:
    return Source.open("Website", "person", None, now)


def arrived(site: Source, now: datetime, *events: Any) -> Received:
    received = Received.objects.create(
        source=site, at=now, path="/v1/batch", body=json.dumps({"batch": events}).encode()
    )
    understand.catch_up(now)
    return received


GOOD = {"type": "track", "event": "Docs Read", "anonymousId": "v", "messageId": "1"}


def test_a_new_source_gets_a_key_and_a_line_in_the_journal(admin: Client, eva: Member) -> None:
    assert admin.post("/sources/", {"name": "Website", "team": "person"}).status_code == 302
    source = Source.objects.get()
    assert len(source.write_key) >= 20
    page = admin.get("/sources/").content.decode()
    assert source.write_key in page
    assert f"curl -u {source.write_key}: http://testserver/v1/track" in page
    assert Entry.objects.get(verb="opened source").by_id == eva.pk


def test_a_source_without_a_name_is_refused_beside_its_field(admin: Client) -> None:
    answer = admin.post("/sources/", {"name": "", "team": "person"})
    assert answer.status_code == 422
    assert not Source.objects.exists()


def test_what_arrived_is_shown_with_why_it_was_refused(admin: Client, site: Source, now: datetime) -> None:
    arrived(site, now, GOOD, {"type": "track", "event": "X"})
    page = admin.get("/sources/").content.decode()
    assert "Event 2:" in page
    assert "It does not say who it was." in page
    assert "Read again" in page


def test_the_page_asks_the_same_few_questions_however_much_arrived(
    admin: Client, site: Source, now: datetime, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        arrived(site, now, {**GOOD, "messageId": str(n)}, *[{"type": "track"}] * 7)
    with django_assert_max_num_queries(12):
        page = admin.get("/sources/").content.decode()
    assert page.count("Read again") == 20
    assert page.count("7 events:") == 20


def test_a_delivery_is_read_again_and_nothing_counts_twice(admin: Client, site: Source, now: datetime) -> None:
    received = arrived(site, now, GOOD)
    Refusal.objects.create(received=received, index=1, reason="not_understood", at=now)
    assert admin.post(f"/sources/deliveries/{received.pk}/replay/").status_code == 302
    assert "nothing is refused" in admin.get("/sources/").content.decode()
    assert (Touch.objects.count(), Refusal.objects.count()) == (1, 0)


def test_a_delivery_that_is_still_bad_says_so(admin: Client, site: Source, now: datetime) -> None:
    received = arrived(site, now, {"type": "wave"})
    admin.post(f"/sources/deliveries/{received.pk}/replay/")
    assert "1 event is still refused" in admin.get("/sources/").content.decode()


def test_a_delivery_can_be_read_as_it_came_and_is_never_a_page(admin: Client, site: Source, now: datetime) -> None:
    received = arrived(site, now, {"type": "track", "event": "<script>alert(1)</script>"})
    answer = admin.get(f"/sources/deliveries/{received.pk}/")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"<script>" in answer.content
    assert b"<script>alert" not in admin.get("/sources/").content


def test_only_administrators_see_keys(
    client_of: Callable[[Member], Client], cast: dict[str, Member], site: Source
) -> None:
    for role, member in cast.items():
        assert client_of(member).get("/sources/").status_code == (200 if role == "admin" else 404)
    assert Client().get("/sources/").status_code == 302


def test_every_reason_is_said_in_words() -> None:
    assert set(SAID) == set(Reason)
    assert all(re.search(r"\.$", why(reason)) for reason in Reason)
    assert why("of_old") == "Refused: of_old"
