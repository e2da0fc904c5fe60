"""What real clients send and standards forbid is read within bounds."""

import gzip
import json
import zlib
from typing import Any

import pytest

from tilth.core import wire
from tilth.core.wire import Reason, Unreadable


def test_gzip_is_told_by_its_first_bytes_and_may_have_many_parts() -> None:
    assert wire.inflate(b"{}") == b"{}"
    assert wire.inflate(gzip.compress(b"{") + gzip.compress(b"}") + b"\0\0") == b"{}"


def test_a_bomb_stops_at_the_limit() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(100)) + packer.flush()
    with pytest.raises(Unreadable) as trouble:
        wire.inflate(bomb)
    assert trouble.value.reason == Reason.TOO_LARGE
    with pytest.raises(Unreadable):
        wire.inflate(gzip.compress(b"x" * 60) * 2, limit=100)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (b'{"v":NaN,"i":Infinity,"j":-Infinity,"k":1e999}', {"v": None, "i": None, "j": None, "k": None}),
        (b'{"s":"a\\u0000b"}', {"s": "ab"}),
        (b'{"s":"\\ud800x","t":"\\ud83d\\ude00"}', {"s": "\N{REPLACEMENT CHARACTER}x", "t": "\N{GRINNING FACE}"}),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        ('{"a":"é"}'.encode("utf-16"), {"a": "é"}),
        (b'{"a":"\xe9"}', {"a": "\N{REPLACEMENT CHARACTER}"}),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'{"a":"line\nbreak"}', {"a": "line\nbreak"}),
        (b'{"n":1180591620717411303424}', {"n": 2**70}),
        (b'{"n":' + b"9" * 5000 + b"}", {"n": "9" * 5000}),
        (b'{"\\u0000k\\ud800":[NaN]}', {"k\N{REPLACEMENT CHARACTER}": [None]}),
        (b" [1, true, null] ", [1, True, None]),
    ],
)
def test_odd_json_becomes_plain_data(sent: bytes, read: Any) -> None:
    assert wire.clean(wire.parse(sent)) == read


@pytest.mark.parametrize("sent", [b"", b"{", b"nonsense", b"{}{}", b'{"a":1} x', b"\x00\x01", b"'a'"])
def test_what_is_no_json_is_refused(sent: bytes) -> None:
    with pytest.raises(Unreadable) as trouble:
        wire.parse(sent)
    assert trouble.value.reason == Reason.NOT_JSON


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_deep_nesting_is_refused_and_does_not_break_the_reader(depth: int) -> None:
    with pytest.raises(Unreadable) as trouble:
        wire.clean(wire.parse(b"[" * depth + b"]" * depth))
    assert trouble.value.reason == Reason.TOO_DEEP


def test_one_unreadable_event_is_cut_out_of_its_batch() -> None:
    deep = '{"x":' + "[" * 5000 + "]" * 5000 + "}"
    body = '{"writeKey":"k}]","batch":[{"a":"}]\\""},' + deep + ',{"b":oops},7,[1],{"c":{"d":[]}}],"sentAt":"s"}'
    value = wire.parse(body.encode())
    assert (value["writeKey"], value["sentAt"]) == ("k}]", "s")
    first, second, third, fifth, last = value["batch"]
    assert (first, fifth, last) == ({"a": '}]"'}, [1], {"c": {"d": []}})
    assert (second.reason, third.reason) == (Reason.TOO_DEEP, Reason.NOT_JSON)


def test_cutting_takes_time_in_proportion_to_length() -> None:
    """An unclosed quote must not make the reader go back again and again."""
    for odd in (b'"' * 300_001, b'\\"' * 150_000, b"{" * 300_000, b'{"a":"' + b"\\" * 300_001):
        with pytest.raises(Unreadable):
            wire.parse(b'{"batch":[' + odd)


def test_a_broken_body_is_not_cut_for_ever() -> None:
    value = wire.parse(b'{"batch":[' + b"{}," * 300_000)
    assert len(value["batch"]) == wire.PIECES + 1
    assert value["batch"][-1].reason == Reason.TOO_MANY_EVENTS
    with pytest.raises(Unreadable):
        wire.parse(b'{"batch":[{},' + b" " * wire.CUT)


def test_what_is_clean_stays_as_it_is() -> None:
    value = {"a": [1, 2.5, "x", None, True, {"é": "ü"}]}
    assert wire.clean(value) == value
    assert json.loads(json.dumps(wire.clean(value))) == value
