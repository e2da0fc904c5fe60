"""From the bytes of a delivery to events: who, what, when, told in one form.

The form is Segment's, in every spelling that its clients use, one event or a batch. A bad event is
refused by itself; the good ones beside it never suffer. Source: docs/algorithms/ingest.md
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from . import identity, posthog
from .forgetting import FORGOTTEN
from .wire import DEPTH, Reason, Unreadable, clean, inflate, opened

_encode = msgspec.json.Encoder().encode
EVENTS = 2_500  # in one delivery
EVENT_BYTES = 256_000  # of one event, as JSON; clients that promise 32 KB send 100
OLDEST = timedelta(days=3_653)
AHEAD = timedelta(minutes=1)
TYPES = {
    "t": "track", "p": "page", "s": "screen", "i": "identify", "g": "group", "a": "alias",
    "track": "track", "page": "page", "screen": "screen", "identify": "identify", "group": "group", "alias": "alias",
}  # fmt: skip
NOBODY = re.compile(
    r"[0\-\s]*|-1|null|none|nil|undefined|nan|true|false|anonymous|unknown|guest|not_authenticated|n/?a"
    r"|id|email|(user|distinct|anonymous)_?id|\[object object\]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Event:
    """One event, whoever sent it. Absent texts are "", absent mappings are empty.

    index        its place in the delivery, from 0
    message_id   the client's, or a hash of what it said; the same for every retry
    at           when it happened, by our clock: aware, never in the future
    said_at      what the client's clock said, where that is more than a minute from `at`; else ""
    name         of the event, the page or the screen
    """

    index: int
    type: str
    message_id: str
    at: datetime
    said_at: str = ""
    user_id: str = ""
    anonymous_id: str = ""
    previous_id: str = ""
    group_id: str = ""
    name: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    traits: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """One event (or, at index 0, a whole delivery) that is not one, and why."""

    index: int
    reason: Reason
    detail: str = ""


def read(body: bytes, path: str, received_at: datetime, sent_at: str = "") -> tuple[list[Event], list[Refused]]:
    """The events of a delivery, and what was refused of it, both in the order sent.

    path         where it was sent to: its last part may name the type of a single event
    received_at  aware; the clock that we trust
    sent_at      the client's clock as a header told it, when it did
    """
    try:
        value, plain = opened(inflate(body))
    except Unreadable as e:
        return [], [Refused(0, e.reason, e.detail)]
    items, envelope = _opened(value, path, sent_at)
    sent = moment(envelope.get("sentAt"))
    events: list[Event] = []
    refused: list[Refused] = []
    for index, item in enumerate(items[:EVENTS]):
        if item == FORGOTTEN:
            continue
        try:
            events.append(_event(index, item, envelope, sent, received_at, plain))
        except Unreadable as e:
            refused.append(Refused(index, e.reason, e.detail))
    if len(items) > EVENTS:
        left = len(items) - EVENTS
        refused.append(
            Refused(EVENTS, Reason.TOO_MANY_EVENTS, f"{left} after the first {EVENTS}; send smaller batches")
        )
    return events, refused


def name_of(value: Any) -> str:
    """An id as text, at most 95 characters: numbers become digits; what clients send for nobody (null, "", 0,
    "undefined") is ""."""
    name = words(value)
    if not name or NOBODY.fullmatch(name):
        return ""
    return name if len(name) <= 95 else f"{name[:62]}~{hashlib.blake2b(name.encode(), digest_size=16).hexdigest()}"


def words(value: Any) -> str:
    """A text or a number as text, trimmed; "" for everything else."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()


def moment(value: Any) -> datetime | None:
    """A client's time as an aware moment; None when it is none.

    value      ISO 8601 (without a zone: UTC; 24:00 and a 60th second allowed), or seconds or
               milliseconds since 1970
    """
    try:
        if isinstance(value, str) and len(value) <= 60:
            return _iso(value.strip())
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def happened(said: datetime | None, sent: datetime | None, received: datetime) -> datetime:
    """When an event happened by our clock: the client's clock put right by how wrong it was when it sent.

    received - (sent - said), kept between ten years before `received` and a minute after it; with no
    `sent`, the client is believed within the same bounds; with no `said`, it happened on arrival.
    Source: Segment, HTTP API, "timestamps"; docs/algorithms/ingest.md
    """
    if said is None:
        return received
    ago = (sent or received) - said
    return received - min(max(ago, -AHEAD), OLDEST)


def email_of(event: Event) -> str:
    """The address that an event itself gives for its person, in lower case; "" without one."""
    told = (event.traits, event.properties, _mapping(event.context.get("traits")))
    found = (identity.email(str(t["email"])) for t in told if t.get("email"))
    return next(filter(None, found), "") or (identity.email(event.user_id) if "@" in event.user_id else "")


def _iso(value: str) -> datetime | None:
    if value[4:5] == "-" and value[10:11] == "T" and value[11:13] != "24":
        try:
            at = datetime.fromisoformat(value)
            return at if at.tzinfo is UTC else (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        except ValueError:
            pass  # a 60th second, or no time at all
    if re.fullmatch(r"\d{9,13}(\.\d+)?", value):
        return moment(float(value))
    late = timedelta(days=1) if "T24:00" in value or " 24:00" in value else timedelta()
    value = value.replace("24:00", "00:00", 1) if late else value
    at = datetime.fromisoformat(re.sub(r"(:\d\d):60", r"\1:59", value)) + late
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _opened(value: Any, path: str, sent_at: str) -> tuple[list[Any], dict[str, Any]]:
    """The items of a delivery, and what holds for all of them: type, context, sentAt."""
    if isinstance(value, list):
        value = {"batch": value}
    if not isinstance(value, dict):
        return [value], {}
    if posthog.is_spoken(value):
        value = posthog.said(value)
    shared = {"sentAt": value.get("sentAt") or sent_at}
    batch = value.get("batch")
    if isinstance(batch, list):
        return batch, shared | {k: _mapping(value.get(k)) for k in ("context", "integrations")}
    return [value], shared | {"type": TYPES.get(path.rstrip("/").rpartition("/")[2])}


def _event(
    index: int, item: Any, shared: Mapping[str, Any], sent: datetime | None, received: datetime, plain: bool
) -> Event:
    """One item as an event.

    sent       when the delivery left, by the client's clock
    plain      nothing in it needs to be cleaned
    raises     Unreadable: why it is none
    """
    if isinstance(item, Unreadable):
        raise item
    if not isinstance(item, dict):
        raise Unreadable(Reason.NOT_AN_EVENT, f"{type(item).__name__} where an object was expected")
    for part in ("context", "integrations"):
        if shared.get(part):
            item = item | {part: shared[part] | _mapping(item.get(part))}
    if not plain:
        item = clean(item)
    told = _encode(item)
    if plain and told.count(b"{") + told.count(b"[") > DEPTH:
        item = clean(item)
    if (size := len(told)) > EVENT_BYTES:
        raise Unreadable(Reason.EVENT_TOO_LARGE, f"{size} bytes; the limit is {EVENT_BYTES}")
    kind = TYPES.get(str(shared.get("type") or item.get("type")))
    if kind is None:
        raise Unreadable(Reason.UNKNOWN_TYPE, f"type {str(item.get('type'))[:40]!r}")
    said_at = item.get("originalTimestamp") or item.get("timestamp")
    said = moment(said_at)
    at = happened(said, moment(item["sentAt"]) if item.get("sentAt") else sent, received)
    off = said_at is not None and (said is None or abs(said - at) > AHEAD)
    event = Event(
        index=index,
        type=kind,
        message_id=_message_id(item, said, received),
        at=at,
        said_at=str(said_at)[:60] if off else "",
        user_id=name_of(item.get("userId")),
        anonymous_id=name_of(item.get("anonymousId")),
        previous_id=name_of(item.get("previousId")),
        group_id=name_of(item.get("groupId")),
        name=_name(item, kind),
        properties=_mapping(item.get("properties")),
        traits=_mapping(item.get("traits")),
        context=_mapping(item.get("context")),
    )
    _demand(event)
    return event


def _demand(event: Event) -> None:
    """What every event of its type must have.

    raises     Unreadable: what is missing
    """
    if not (event.user_id or event.anonymous_id or email_of(event)):
        raise Unreadable(Reason.NO_IDENTITY)
    if event.type == "track" and not event.name:
        raise Unreadable(Reason.NO_EVENT_NAME)
    if event.type == "group" and not event.group_id:
        raise Unreadable(Reason.NO_GROUP_ID)
    if event.type == "alias" and not (event.previous_id and event.user_id):
        raise Unreadable(Reason.NO_PREVIOUS_ID)


def _message_id(item: Mapping[str, Any], said: datetime | None, received: datetime) -> str:
    """The client's id; else a hash of what was said, with the arrival where no time was said."""
    given = item.get("messageId")
    if isinstance(given, str | int) and str(given).strip():
        return str(given).strip()
    told = {k: v for k, v in item.items() if k not in ("sentAt", "receivedAt", "messageId", "writeKey")}
    if said is None:
        told["receivedAt"] = received.isoformat()
    return hashlib.blake2b(msgspec.json.encode(told, order="sorted"), digest_size=16).hexdigest()


def _name(item: Mapping[str, Any], kind: str) -> str:
    """What happened (track), else the page or screen: "Docs Install"."""
    if kind == "track":
        return words(item.get("event"))
    return " ".join(filter(None, (words(item.get("category")), words(item.get("name")))))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
