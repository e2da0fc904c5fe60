"""What ingest answers, through both of its doors, and that it keeps what it says it keeps."""

import asyncio
import base64
import gzip
import io
import json
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from tilth.api import asgi, ingest, wsgi
from tilth.capture.models import Received, Source

from .conftest import BASIC, KEY, over_wsgi

EVENT = {"type": "track", "event": "Docs Read", "userId": "u1", "messageId": "m1"}
BODY = json.dumps({"batch": [EVENT]}).encode()
OK = b'{"success":true}'
PATHS = [
    "/v1/batch", "/v1/track", "/v1/page", "/v1/screen", "/v1/identify", "/v1/group", "/v1/alias", "/v1/t", "/v1/p",
    "/v1/i", "/v1/g", "/v1/a", "/v1/b", "/v1/s", "/sdk/batch", "/api/public/apps/batch", "/api/s/page", "/api/s/track",
    "/api/s/identify", "/api/s/group", "/beacon/v1/batch", "/e", "/batch",
]  # fmt: skip

pytestmark = pytest.mark.usefixtures("source")


def test_every_clients_address_is_taken_with_and_without_a_slash() -> None:
    for path in PATHS:
        for slash in ("", "/"):
            reply = over_wsgi("POST", path + slash, BODY, authorization=BASIC)
            assert (reply.status, reply.body) == (200, OK), path
    assert Received.objects.count() == 2 * len(PATHS)


def test_what_was_answered_is_kept_as_it_came(call: Callable[..., Any], source: Source) -> None:
    body = gzip.compress(BODY)
    reply = call("POST", "/v1/batch/", body, authorization=BASIC, sentat="2026-06-16T08:00:00Z")
    assert (reply.status, reply.body) == (200, OK)
    row = Received.objects.get()
    assert (row.source, bytes(row.body), row.path, row.sent_at) == (source, body, "/v1/batch/", "2026-06-16T08:00:00Z")
    assert row.taken_at is None


def test_it_is_kept_where_a_delivery_came_from_but_no_whole_address(call: Callable[..., Any]) -> None:
    call("POST", "/v1/batch", BODY, authorization=BASIC, user_agent="Probe/1.0 " + "x" * 400)
    row = Received.objects.get()
    assert (row.network, row.agent) == ("192.0.2.0", ("Probe/1.0 " + "x" * 400)[:300])


@pytest.mark.parametrize(("proxies", "kept"), [(0, "192.0.2.0"), (1, "198.51.100.0"), (2, "2001:db8:1::")])
def test_only_our_own_proxies_are_believed_about_it(
    proxies: int, kept: str, call: Callable[..., Any], settings: Any
) -> None:
    settings.PROXIES = proxies
    call("POST", "/v1/batch", BODY, authorization=BASIC, x_forwarded_for="2001:db8:1:2::7, 198.51.100.7")
    assert Received.objects.get().network == kept


def test_the_whole_address_is_kept_only_where_an_operator_wants_it(call: Callable[..., Any], settings: Any) -> None:
    settings.FULL_ADDRESSES = True
    call("POST", "/v1/batch", BODY, authorization=BASIC)
    assert Received.objects.get().network == "192.0.2.44"


@pytest.mark.parametrize(
    ("headers", "query", "said"),
    [
        ({"authorization": BASIC}, "", {}),
        ({"authorization": "Basic " + base64.b64encode(KEY.encode()).decode()}, "", {}),
        ({"authorization": f"Basic {KEY}"}, "", {}),
        ({"authorization": f"Bearer {KEY}"}, "", {}),
        ({"x_write_key": KEY}, "", {}),
        ({"x_write_key": f"{KEY}:secret"}, "", {}),
        ({}, "", {"writeKey": KEY}),
        ({}, "", {"api_key": KEY}),
        ({}, f"writeKey={KEY}", {}),
        ({"authorization": BASIC}, "", {"writeKey": "masked:***"}),
        ({"content_type": "application/x-www-form-urlencoded", "authorization": BASIC}, "", {}),
    ],
)
def test_the_key_is_found_wherever_clients_put_it(
    call: Callable[..., Any], headers: dict[str, str], query: str, said: dict[str, str]
) -> None:
    body = json.dumps({"batch": [EVENT], **said}).encode()
    assert call("POST", "/v1/batch", body, query, **headers).status == 200


def test_the_first_place_that_has_a_key_decides(call: Callable[..., Any]) -> None:
    wrong = "Basic " + base64.b64encode(b"other:").decode()
    reply = call("POST", "/v1/batch", json.dumps({"batch": [EVENT], "writeKey": KEY}).encode(), authorization=wrong)
    assert reply.status == 401


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"authorization": "Basic b3RoZXI6"}, BODY, 401, "unknown_write_key"),
        ({}, BODY, 401, "no_write_key"),
        ({}, b"{nonsense", 400, "not_json"),
        ({"authorization": BASIC}, b"x" * (ingest.BODY + 1), 413, "too_large"),
    ],
    ids=["unknown key", "no key", "nonsense", "large"],
)
def test_what_is_turned_away_is_told_why_in_json_and_not_kept(
    call: Callable[..., Any], headers: dict[str, str], body: bytes, status: int, code: str
) -> None:
    reply = call("POST", "/v1/batch", body, **headers)
    assert (reply.status, reply.json["code"]) == (status, code)
    assert reply.json["message"]
    assert reply.headers["Content-Type"] == "application/json"
    assert not Received.objects.exists()


UNREADABLE = {
    "nothing": (b"", 400, "not_json"),
    "nonsense": (b"{nonsense", 400, "not_json"),
    "cut off": (b'{"batch":[{"type":"track"', 400, "not_json"),
    "deep": (b"[" * 100_000, 400, "too_deep"),
    "cut gzip": (gzip.compress(BODY)[:-9], 400, "bad_gzip"),
    "no gzip": (b"\x1f\x8bnonsense", 400, "bad_gzip"),
    "bomb": (gzip.compress(b"0" * 30_000_000), 413, "too_large"),
}


@pytest.mark.parametrize(("body", "status", "code"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_cannot_be_read_is_refused_and_yet_kept(
    call: Callable[..., Any], body: bytes, status: int, code: str
) -> None:
    reply = call("POST", "/v1/batch", body, authorization=BASIC)
    assert (reply.status, reply.json["code"]) == (status, code)
    assert bytes(Received.objects.get().body) == body


ODD = {
    "NaN": b'{"batch":[{"type":"track","event":"a","userId":"u","properties":{"v":NaN,"i":-Infinity}}]}',
    "NUL and surrogate": b'{"batch":[{"type":"track","event":"a\\u0000","userId":"\\ud800"}]}',
    "BOM": b'\xef\xbb\xbf{"batch":[]}',
    "UTF-16": '{"batch":[]}'.encode("utf-16"),
    "no UTF-8": b'{"batch":[{"event":"\xff\xfe"}]}',
    "a list": b"[]",
    "a text": b'"just text"',
    "no events": b'{"batch":[{"type":"nonsense"},7,null]}',
    "100 KB": json.dumps({"batch": [{**EVENT, "properties": {"x": "y" * 100_000}}]}).encode(),
    "900 KB": json.dumps({"batch": [{**EVENT, "properties": {"x": "y" * 900_000}}, EVENT]}).encode(),
    "one deep": b'{"batch":[' + json.dumps(EVENT).encode() + b',{"x":' + b"[" * 5000 + b"]" * 5000 + b"}]}",
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_a_bad_event_never_turns_a_delivery_away(call: Callable[..., Any], body: bytes) -> None:
    reply = call("POST", "/v1/batch", body, authorization=BASIC)
    assert (reply.status, reply.body) == (200, OK)
    assert bytes(Received.objects.get().body) == body


def test_browsers_are_let_in_from_everywhere(call: Callable[..., Any]) -> None:
    reply = call("OPTIONS", "/v1/p", origin="https://kas.example", access_control_request_headers="authorization")
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert {"Authorization", "X-Write-Key", "SentAt"} <= set(reply.headers["Access-Control-Allow-Headers"].split(", "))
    assert int(reply.headers["Access-Control-Max-Age"]) > 3600


@pytest.mark.parametrize("headers", [{"authorization": BASIC}, {}])
def test_every_answer_can_be_read_by_a_browser(call: Callable[..., Any], headers: dict[str, str]) -> None:
    reply = call("POST", "/v1/track", BODY, **headers)
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Access-Control-Expose-Headers"] == "Retry-After"


def test_nothing_is_ever_redirected(call: Callable[..., Any]) -> None:
    for method in ("GET", "POST", "PUT", "DELETE"):
        for path in ("/v1", "/v1/", "/v1//batch", "/v1/batch//", "/v1/nonsense", "/V1/batch", "/v1/batch"):
            if path.startswith("/v1"):
                assert call(method, path, BODY, authorization=BASIC).status in (200, 404, 405)


def test_other_methods_are_told_which_one_to_use(call: Callable[..., Any]) -> None:
    reply = call("GET", "/v1/track")
    assert (reply.status, reply.headers["Allow"], reply.json["code"]) == (405, "POST, OPTIONS", "method_not_allowed")


def test_browser_clients_get_the_settings_that_they_ask_for(call: Callable[..., Any], source: Source) -> None:
    segment = call("GET", f"/v1/projects/{KEY}/settings", host="tilth.kas.example")
    assert segment.json["integrations"]["Segment.io"] == {"apiKey": KEY, "apiHost": "tilth.kas.example/v1"}
    rudder = call("GET", "/sourceConfig/", b"", f"p=npm&writeKey={KEY}")
    assert (rudder.json["source"]["enabled"], rudder.json["source"]["id"]) == (True, str(source.pk))
    assert call("GET", "/v1/projects/other/settings").status == 401


def test_pages_go_on_to_the_pages() -> None:
    for path in ("/", "/people/7/", "/events/", "/v10/", "/static/v1/x.js", "/batches/"):
        assert over_wsgi("GET", path).body == b"a page"


ENVIRON = {"REQUEST_METHOD": "POST", "PATH_INFO": "/v1/batch", "HTTP_AUTHORIZATION": BASIC}


def test_an_unknown_length_is_read_and_bounded() -> None:
    assert wsgi._given({**ENVIRON, "CONTENT_LENGTH": "", "wsgi.input": io.BytesIO(BODY)}) == ingest.ACCEPTED
    assert wsgi._given({**ENVIRON, "wsgi.input": io.BytesIO(b" " * (ingest.BODY + 1))}) == ingest.TOO_LARGE


def test_a_body_that_broke_off_is_not_taken_for_a_whole_one() -> None:
    short = {**ENVIRON, "CONTENT_LENGTH": "9999", "wsgi.input": io.BytesIO(BODY)}
    assert wsgi._given(short) == ingest.INCOMPLETE
    messages = [{"type": "http.request", "body": BODY, "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    assert asyncio.run(asgi._body(receive)) == ingest.INCOMPLETE
    assert not Received.objects.exists()


def test_a_bomb_takes_little_room() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(500)) + packer.flush()
    assert len(bomb) < 500_000
    tracemalloc.start()
    assert over_wsgi("POST", "/v1/batch", bomb, authorization=BASIC).status == 413
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()
