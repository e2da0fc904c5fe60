"""What 26 set-ups of real clients sent, byte for byte where it matters, is answered and understood."""

import gzip
import json
import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tilth.capture import understand
from tilth.capture.models import Received, Refusal, Source
from tilth.people.models import Email
from tilth.touches.models import Touch

from .conftest import Reply

RECORDED = Path(os.environ.get("TILTH_DATA", "")) / "ingest" / "requests.jsonl"
NOW = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
KEYS = ("WRITEKEY123", "W", "KEYID:SECRET", "phc_WRITEKEY123")

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not os.environ.get("TILTH_DATA"), reason="TILTH_DATA does not point to the real data"),
]


def requests() -> list[dict[str, Any]]:
    return [json.loads(line) for line in RECORDED.read_text().splitlines()]


def replayed(call: Callable[..., Reply], request: dict[str, Any]) -> Reply:
    path, _, query = request["path"].partition("?")
    headers = {k.lower().replace("-", "_"): v for k, v in request["headers"]}
    body = b"" if request["json"] is None else json.dumps(request["json"]).encode()
    return call(request["method"], path, gzip.compress(body) if request["gzip"] else body, query, **headers)


@pytest.fixture
def sources(transactional_db: None) -> None:
    for key in KEYS:
        Source.objects.create(name=key, write_key=key, at=NOW)


@pytest.mark.usefixtures("sources")
def test_every_recorded_request_is_answered_as_its_client_needs(call: Callable[..., Reply]) -> None:
    answered: Counter[tuple[str, int]] = Counter()
    for request in requests():
        reply = replayed(call, request)
        answered[request["method"], reply.status] += 1
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        if request["method"] == "POST" and reply.status == 200:
            assert reply.body == b'{"success":true}'
        if reply.status == 401:
            assert "snowplow" in request["path"], request["client"]  # it shows no key, so nobody's it is
    assert sum(answered.values()) == 68
    assert set(answered) == {("POST", 200), ("POST", 401), ("OPTIONS", 204), ("GET", 200)}
    assert answered["POST", 401] == 3


@pytest.mark.usefixtures("sources")
def test_every_recorded_event_is_understood(call: Callable[..., Reply]) -> None:
    sent = [r for r in requests() if r["method"] == "POST" and "snowplow" not in r["path"]]
    for request in sent:
        assert replayed(call, request).status == 200
    while understand.catch_up(NOW):
        pass
    assert Received.objects.filter(taken_at=NOW).count() == len(sent)
    assert not Refusal.objects.exists()
    person = Email.objects.get(address="a@b.nl").person
    assert person.company.name == "Acme"
    assert Counter(person.touches.values_list("kind", flat=True)) == {"page": 18, "form": 17, "track": 10}
    forms = Touch.objects.filter(event="Form Submitted")
    assert Counter(forms.values_list("source", "campaign__key", "offer__key")) == {
        ("linkedin", "q4_nl", "demo"): 7, ("li", None, None): 6, ("", None, None): 4,
    }  # fmt: skip
