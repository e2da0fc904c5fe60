"""Events of somebody who was erased on request leave nothing, not even in the delivery that brought them."""

import gzip
import json

import pytest

from tests.conftest import NOW
from tilth.capture import understand
from tilth.capture.models import Received, Source, Taken
from tilth.core.delivery import read
from tilth.people import suppressed
from tilth.people.models import Person, Visitor
from tilth.touches.models import Touch

ERASED = {"email": "anouk@zonneveldtomaten.example"}


@pytest.fixture
def send(db):
    site = Source.objects.create(name="site", write_key="k", at=NOW)
    suppressed.suppress([ERASED["email"], ("user", "u-1"), (suppressed.VISITOR, "b-1")], "w", NOW)

    def send(*events, packed=False):
        body = json.dumps(
            {"batch": [{"type": "track", "event": "Asked", "messageId": f"m{n}", **e} for n, e in enumerate(events)]}
        ).encode()
        row = Received.objects.create(
            source=site, at=NOW, path="/v1/batch", body=gzip.compress(body) if packed else body
        )
        understand.catch_up(NOW)
        row.refresh_from_db()
        return row

    return send


@pytest.mark.parametrize("event", [
    {"userId": "u-1"}, {"anonymousId": "b-1"}, {"anonymousId": "x", "properties": {**ERASED, "form": "demo"}},
    {"type": "identify", "userId": "u-9", "traits": ERASED},
])  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_their_event_goes_and_the_one_beside_it_stays(send, event, packed):
    row = send(event, {"userId": "u-2"}, packed=packed)
    assert json.loads(bytes(row.body))["batch"][0] == {"type": "erased"}
    assert [e.user_id for e in read(bytes(row.body), row.path, row.at)[0]] == ["u-2"]
    assert Touch.objects.count() == 1
    assert Person.objects.count() <= 1
    assert not row.refusals.exists()
    assert understand.replay(row, NOW) == []
    assert Touch.objects.count() == 1


def test_when_the_client_sends_it_again_it_goes_again(send):
    send({"userId": "u-1"})
    again = send({"userId": "u-1"})
    assert b"u-1" not in bytes(again.body)
    assert Taken.objects.count() == 1
    assert not Touch.objects.exists()


def test_somebody_else_at_their_browser_is_heard(send):
    send({"anonymousId": "b-1", "userId": "u-2"})
    assert Touch.objects.count() == 1
    assert Visitor.objects.filter(user="u-2").exists()
