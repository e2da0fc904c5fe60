"""What came over the wire, as plain data that any database can hold.

Clients send what the standards forbid: NaN, NUL, lone surrogates, a byte order mark, gzip without
saying so. All of it is read here, within bounds; what cannot be read has a reason from `Reason`.
Source: docs/algorithms/ingest.md
"""

import json
import math
import re
import zlib
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import Any

import msgspec

INFLATED = 20_000_000  # bytes of JSON in one delivery, after gunzip
DEPTH = 64  # levels of nesting in one event
CUT = 5_000_000  # characters of a broken body that are worth cutting into events,
PIECES = 2_500  # and how many of them


class Reason(StrEnum):
    """Why a delivery or one event of it was refused. A closed set: each has a test."""

    BAD_GZIP = "bad_gzip"
    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    TOO_MANY_EVENTS = "too_many_events"
    NOT_AN_EVENT = "not_an_event"
    EVENT_TOO_LARGE = "event_too_large"
    UNKNOWN_TYPE = "unknown_type"
    NO_IDENTITY = "no_identity"
    NO_EVENT_NAME = "no_event_name"
    NO_GROUP_ID = "no_group_id"
    NO_PREVIOUS_ID = "no_previous_id"
    NOT_UNDERSTOOD = "not_understood"


class Unreadable(ValueError):
    """A body, or one event in it, that cannot be read; `reason` says why."""

    def __init__(self, reason: Reason, detail: str = ""):
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}")


def inflate(body: bytes, limit: int = INFLATED) -> bytes:
    """The body without its gzip, told by its first two bytes; never more than `limit` bytes.

    raises     Unreadable: bad_gzip, too_large
    """
    if body[:2] != b"\x1f\x8b":
        if len(body) > limit:
            raise Unreadable(Reason.TOO_LARGE, f"more than {limit} bytes")
        return body
    out = bytearray()
    while body:
        stream = zlib.decompressobj(wbits=31)
        try:
            out += stream.decompress(body, limit + 1 - len(out))
        except zlib.error as e:
            raise Unreadable(Reason.BAD_GZIP, str(e)) from e
        if len(out) > limit:
            raise Unreadable(Reason.TOO_LARGE, f"more than {limit} bytes when inflated")
        if not stream.eof:
            raise Unreadable(Reason.BAD_GZIP, "it ends before its end")
        body = stream.unused_data.lstrip(b"\0")
    return bytes(out)


def parse(raw: bytes) -> Any:
    """The JSON value of a body, as sent: not yet `clean`.

    Where the body as a whole is not JSON, its batch is cut into events and each is read by itself;
    an event that still cannot be read stands there as an `Unreadable`.

    raises     Unreadable: not_json, too_deep, when nothing in it can be read
    """
    return opened(raw)[0]


def opened(raw: bytes) -> tuple[Any, bool]:
    """What `parse` gives, and whether `clean` would find nothing in it but, perhaps, too many levels.

    raises     Unreadable: not_json, too_deep, when nothing in it can be read
    """
    try:
        return msgspec.json.decode(raw), b"\\u0000" not in raw  # it takes neither lone surrogates nor infinity
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        text = raw.decode(json.detect_encoding(raw), "replace")
    try:
        return _tolerant(text), False
    except Unreadable as whole:
        return _piecewise(text, whole), False


def item(body: bytes, index: int) -> Any:
    """The item at a place of a delivery as it was sent; all of it, where the delivery is no batch or has no such place.

    raises     Unreadable: why it cannot be shown as JSON
    """
    value = parse(inflate(body))
    batch = value.get("batch") if isinstance(value, dict) else value
    if not isinstance(batch, list) or index >= len(batch):
        return value
    if isinstance(batch[index], Unreadable):
        raise batch[index]
    return batch[index]


def clean(value: Any, depth: int = DEPTH) -> Any:
    """The value with only what every database can hold: no NUL, no lone surrogate, no NaN or infinity.

    raises     Unreadable: too_deep
    """
    match value:
        case str():
            return text(value)
        case float():
            return value if math.isfinite(value) else None
        case dict() | list() if depth == 0:
            raise Unreadable(Reason.TOO_DEEP, f"more than {DEPTH} levels")
        case dict():
            return {text(k): clean(v, depth - 1) for k, v in value.items()}
        case list():
            return [clean(v, depth - 1) for v in value]
    return value


def text(value: str) -> str:
    """Without NUL, lone surrogates replaced: what UTF-8 and PostgreSQL take."""
    if value.isascii():
        return value.replace("\0", "") if "\0" in value else value
    return _LONE.sub("\N{REPLACEMENT CHARACTER}", value.replace("\0", ""))


_LONE = re.compile("[\ud800-\udfff]")
_BATCH = re.compile(r'"batch"\s*:\s*\[')
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)  # an open string runs to the end: linear


def _tolerant(text: str) -> Any:
    try:
        return json.loads(text, strict=False, parse_constant=lambda _: None, parse_int=_whole)
    except RecursionError as e:
        raise Unreadable(Reason.TOO_DEEP, "nested too deeply to be read") from e
    except ValueError as e:
        raise Unreadable(Reason.NOT_JSON, str(e)) from e


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= 400 else digits


def _piecewise(text: str, whole: Unreadable) -> dict[str, Any]:
    """The batch cut at its brackets, and the envelope around it where that can be read."""
    if len(text) > CUT or not (start := _BATCH.search(text)):
        raise whole
    spans = list(islice(_spans(text, start.end()), PIECES + 1))
    events = [_event(text[begin:end]) for begin, end in spans[:PIECES] if begin < end]
    if not any(isinstance(e, dict) for e in events):
        raise whole
    if len(spans) > PIECES:
        events.append(Unreadable(Reason.TOO_MANY_EVENTS, f"only the first {PIECES} of a broken body are read"))
    elif spans[-1][0] < spans[-1][1]:
        events.append(Unreadable(Reason.NOT_JSON, "it ends before its end"))
    try:
        envelope = _tolerant(text[: start.start()] + '"batch":[]' + text[spans[-1][1] :])
    except Unreadable:
        envelope = {}
    return {**(envelope if isinstance(envelope, dict) else {}), "batch": events}


def _spans(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Where each bracketed piece of a list begins and ends; an empty span stands after the list's own end."""
    depth = begin = 0
    for token in _TOKEN.finditer(text, at):
        if token[0] in ("{", "["):
            depth += 1
            if depth == 1:
                begin = token.start()
        elif token[0] in ("}", "]"):
            depth -= 1
            if depth == 0:
                yield begin, token.end()
            elif depth < 0:
                yield token.end(), token.end()
                return


def _event(text: str) -> Any:
    try:
        return _tolerant(text)
    except Unreadable as e:
        return e
