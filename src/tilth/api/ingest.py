"""What ingest answers, and what it keeps: a decision about one request alone, shared by both front doors.

Exactly 200 with {"success":true} once a delivery is kept; errors are JSON with `code` and `message`;
never a redirect: each of these has cost somebody's clients their events. One bad event never turns a
delivery away, and even a body that cannot be read is kept when its key is known.
Source: docs/algorithms/ingest.md
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from urllib.parse import parse_qs

import msgspec
from django.conf import settings

from tilth.capture.parcels import Parcel
from tilth.core import addresses, wire
from tilth.core.wire import Reason, Unreadable

BODY = 4_000_000  # bytes of one request, as sent
HEARD_OUT = 32_000_000  # bytes that are read and thrown away, since many clients only listen once they have spoken
ALLOWED = (
    "Authorization, Content-Type, X-Write-Key, X-Retry-Count, AnonymousId, SentAt, "
    "Rsa-Retry-Attempt, Rsa-Retry-Reason, Rsa-Since-Last-Attempt, Rsa-Since-First-Attempt"
)  # a * would not cover Authorization
CORS = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "Retry-After"))
JSON = (("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))

OURS = re.compile(
    r"/(v1|sdk|api/s|api/public/apps|beacon/v1|sourceConfig|e|i/v0/e|batch|capture|com\.snowplowanalytics\.snowplow)(/|$)"
    r"|/tilth-tracker\.js$"
)
EVENTS = re.compile(
    r"/(?:v1|sdk|api/public/apps|api/s|api/s/s2s|beacon/v1)/(?:track|page|screen|identify|group|alias|batch|[tpsigab])/?"
    r"|/(?:e|i/v0/e|batch|capture)/?"
    r"|/com\.snowplowanalytics\.snowplow/tp2/?"
)
SETTINGS = re.compile(r"/v1/projects/([^/]+)/settings/?")
SOURCE_CONFIG = re.compile(r"/sourceConfig/?")


@dataclass(frozen=True)
class Call:
    """One HTTP request. Header names are in lower case; the path has no query; `peer` is who opened the connection."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    peer: str = ""

    @property
    def network(self) -> str:
        """Where it came from, as far as that is kept."""
        forwarded_for = self.headers.get("x-forwarded-for", "")
        return addresses.network(self.peer, forwarded_for, settings.PROXIES, settings.FULL_ADDRESSES)


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = CORS + JSON

    @property
    def head(self) -> tuple[tuple[str, str], ...]:
        """The headers with the length of the body; a 304 speaks of a body that it does not have."""
        return self.headers if self.status == 304 else (*self.headers, ("Content-Length", str(len(self.body))))


def trouble(status: int, code: str, message: str, *headers: tuple[str, str]) -> Answer:
    """An error in the form that clients read; without code and message some retry for ever."""
    said = json.dumps({"success": False, "code": code, "message": message}).encode()
    return Answer(status, said, CORS + JSON + headers)


ACCEPTED = Answer(200, b'{"success":true}')
TOO_LARGE = trouble(413, "too_large", f"The body is larger than {BODY} bytes. Send smaller batches.")
INCOMPLETE = trouble(400, "incomplete", "The body ended before it was complete.")
UNAVAILABLE = trouble(503, "unavailable", "Nothing can be kept right now. Send it again later.", ("Retry-After", "5"))
NO_KEY = trouble(401, "no_write_key", "There is no write key. Send it as the user name of Basic authentication.")
UNKNOWN_KEY = trouble(401, "unknown_write_key", "This write key is not known here. Find it in Tilth under Sources.")
NOT_HERE = trouble(404, "not_found", "There is nothing at this address. Send events to /v1/batch.")
PREFLIGHT = Answer(
    204,
    headers=(
        *CORS,
        ("Access-Control-Allow-Methods", "POST, GET, OPTIONS"),
        ("Access-Control-Allow-Headers", ALLOWED),
        ("Access-Control-Max-Age", "86400"),
    ),
)


def busy(wait: float) -> Answer:
    """What to tell a sender that should come back after `wait` seconds."""
    said = "Too much is coming in at once. Send it again later."
    return trouble(429, "busy", said, ("Retry-After", str(ceil(wait))))


def is_ours(path: str) -> bool:
    """Whether a path belongs to ingest rather than to the pages."""
    return OURS.match(path) is not None


def keys(call: Call) -> tuple[str, ...]:
    """The write key that a call shows, in its possible readings: the first place that has one decides.

    Order: Basic or Bearer, X-Write-Key, the body's writeKey, the address (for beacons and settings).
    """
    if found := _from_authorization(call.headers.get("authorization", "")):
        return found
    if name := call.headers.get("x-write-key", "").strip():
        return (name, name.partition(":")[0])
    if named := SETTINGS.fullmatch(call.path):
        return (named[1],)
    try:
        if call.body and (name := _envelope(call.body)):
            return (name,)
    except Unreadable:
        pass
    return tuple(parse_qs(call.query).get("writeKey", ()))[:1]


def answer(call: Call, source: int | None, now: datetime) -> tuple[Answer, Parcel | None]:
    """What to answer, and what to keep before it is sent.

    source     the id of the source whose key the call shows; None when it shows none that we know
    now        aware
    """
    if call.method == "OPTIONS":
        return PREFLIGHT, None
    if SETTINGS.fullmatch(call.path) or SOURCE_CONFIG.fullmatch(call.path):
        return _settings(call, source), None
    if not EVENTS.fullmatch(call.path):
        return NOT_HERE, None
    if call.method != "POST":
        said = "Events are sent with POST."
        return trouble(405, "method_not_allowed", said, ("Allow", "POST, OPTIONS")), None
    if len(call.body) > BODY:
        return TOO_LARGE, None
    refused = _unreadable(call.body)
    if source is None:
        return UNKNOWN_KEY if keys(call) else refused or NO_KEY, None
    sent_at, agent = (wire.text(call.headers.get(name, "")) for name in ("sentat", "user-agent"))
    return refused or ACCEPTED, Parcel(source, now, call.path[:80], call.body, sent_at[:40], call.network, agent[:300])


def _from_authorization(value: str) -> tuple[str, ...]:
    """Basic base64("key:") as the rule says, "key" without the colon, or the bare key as some send it."""
    scheme, _, token = value.strip().partition(" ")
    token = token.strip()
    if scheme.lower() not in ("basic", "bearer") or not token:
        return ()
    try:
        said = base64.b64decode(token, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return (token,)
    return tuple(filter(None, (said.partition(":")[0], said, token)))


class _Envelope(msgspec.Struct):
    """Only what the door needs; the rest is checked to be JSON and skipped."""

    writeKey: str | None = None
    api_key: str | None = None


_decoder = msgspec.json.Decoder(_Envelope)


def _envelope(body: bytes) -> str:
    """The write key in a body; "" when it has none.

    raises     Unreadable: the body cannot be read, not even in part
    """
    raw = wire.inflate(body)
    try:
        told = _decoder.decode(raw)
        return told.writeKey or told.api_key or ""
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        value = wire.parse(raw)
    found = (value.get(name) for name in ("writeKey", "api_key")) if isinstance(value, dict) else ()
    return next((name for name in found if isinstance(name, str) and name), "")


def _unreadable(body: bytes) -> Answer | None:
    try:
        _envelope(body)
    except Unreadable as e:
        said = f"The body cannot be read: {e.detail}."
        return trouble(413 if e.reason == Reason.TOO_LARGE else 400, e.reason, said)
    return None


def _settings(call: Call, source: int | None) -> Answer:
    """What browser clients ask before they send: nothing is switched on but sending to us."""
    if call.method not in ("GET", "HEAD"):
        return trouble(405, "method_not_allowed", "Settings are read with GET.", ("Allow", "GET, OPTIONS"))
    if source is None:
        return UNKNOWN_KEY if keys(call) else NO_KEY
    key = keys(call)[0]
    told = {
        "integrations": {"Segment.io": {"apiKey": key, "apiHost": f"{call.headers.get('host', '')}/v1"}},
        "source": {
            "id": str(source),
            "name": "Tilth",
            "writeKey": key,
            "enabled": True,
            "config": {"statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}},
            "destinations": [],
        },
    }
    return Answer(200, json.dumps(told).encode())
