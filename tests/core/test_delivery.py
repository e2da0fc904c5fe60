"""Bytes become events: every spelling, every clock, every bad one refused by itself and by name."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core import delivery, wire
from tilth.core.delivery import Event, Refused
from tilth.core.wire import Reason

NOW = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
TRACK = {"type": "track", "event": "Docs Read", "userId": "u1", "messageId": "m1"}


def read(value: Any, path: str = "/v1/batch", sent_at: str = "") -> tuple[list[Event], list[Refused]]:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return delivery.read(body, path, NOW, sent_at)


def only(value: Any, path: str = "/v1/batch", sent_at: str = "") -> Event:
    (event,), refused = read(value, path, sent_at)
    assert not refused
    return event


def reasons(value: Any, path: str = "/v1/batch") -> list[tuple[int, Reason]]:
    return [(r.index, r.reason) for r in read(value, path)[1]]


# Every reason of the closed set, and what it takes to get it.
REFUSED = {
    Reason.BAD_GZIP: gzip.compress(b"{}" * 1000)[:-4],
    Reason.TOO_LARGE: gzip.compress(b" " * (wire.INFLATED + 1)),
    Reason.NOT_JSON: b'{"batch": oops}',
    Reason.TOO_DEEP: {**TRACK, "properties": json.loads("[" * 80 + "]" * 80)},
    Reason.TOO_MANY_EVENTS: [TRACK] * (delivery.EVENTS + 7),
    Reason.NOT_AN_EVENT: ["just text"],
    Reason.EVENT_TOO_LARGE: {**TRACK, "properties": {"x": "y" * delivery.EVENT_BYTES}},
    Reason.UNKNOWN_TYPE: {**TRACK, "type": "wave"},
    Reason.NO_IDENTITY: {**TRACK, "userId": None, "anonymousId": ""},
    Reason.NO_EVENT_NAME: {**TRACK, "event": " "},
    Reason.NO_GROUP_ID: {"type": "group", "userId": "u1"},
    Reason.NO_PREVIOUS_ID: {"type": "alias", "userId": "u1"},
}


@pytest.mark.parametrize("reason", REFUSED)
def test_each_reason_has_its_refusal(reason: Reason) -> None:
    assert [r for _, r in reasons(REFUSED[reason])] == [reason]


def test_no_reason_is_without_a_test() -> None:
    """`not_understood` is given by capture, for what breaks after reading."""
    assert set(REFUSED) == set(Reason) - {Reason.NOT_UNDERSTOOD}


def test_good_events_of_a_batch_never_suffer_for_a_bad_one() -> None:
    good = [{**TRACK, "messageId": f"m{i}"} for i in range(3)]
    events, refused = read({"batch": [good[0], None, good[1], {"type": "track"}, 7, good[2]]})
    assert [(e.index, e.message_id) for e in events] == [(0, "m0"), (2, "m1"), (5, "m2")]
    assert [r.index for r in refused] == [1, 3, 4]


def test_events_over_the_limit_are_refused_and_those_before_are_kept() -> None:
    events, refused = read([TRACK] * (delivery.EVENTS + 7))
    assert len(events) == delivery.EVENTS
    assert refused[0].detail.startswith("7 after")


@pytest.mark.parametrize("size", [32_769, 100_360])
def test_events_larger_than_clients_promise_are_taken(size: int) -> None:
    assert only({**TRACK, "properties": {"x": "y" * size}}).properties["x"] == "y" * size


@pytest.mark.parametrize(
    ("path", "type"),
    [
        ("/v1/track", "track"), ("/v1/t", "track"), ("/v1/p/", "page"), ("/v1/i", "identify"), ("/v1/g", "group"),
        ("/v1/a", "alias"), ("/v1/s", "screen"), ("/api/s/page", "page"),
    ],
)  # fmt: skip
def test_a_single_event_has_the_type_of_its_address(path: str, type: str) -> None:
    event = {"userId": "u1", "event": "X", "groupId": "g", "previousId": "p"}
    assert only(event, path).type == only({**event, "type": "track"}, path).type == type


@pytest.mark.parametrize("short", "tpisga")
def test_short_types_are_read(short: str) -> None:
    event = {"userId": "u1", "event": "X", "groupId": "g", "previousId": "p", "type": short}
    assert only({"batch": [event]}).type == delivery.TYPES[short]


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b", "/v1/track", "/sdk/batch", "/beacon/v1/batch"])
def test_a_batch_is_a_batch_wherever_it_is_sent(path: str) -> None:
    events, _ = read({"batch": [TRACK, {"type": "page", "userId": "u"}]}, path)
    assert [e.type for e in events] == ["track", "page"]
    assert read([TRACK], path)[0] == events[:1]


def test_what_holds_for_the_batch_holds_for_its_events() -> None:
    body = {"batch": [{**TRACK, "context": {"a": 1}}], "context": {"a": 0, "b": 2}, "integrations": {"All": True}}
    assert only(body).context == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, ""), ("", ""), ("  ", ""), (0, ""), ("0-0", ""), (-1, ""), ("null", ""), ("undefined", ""), ("Anonymous", ""),
        (True, ""), ({}, ""), ([1], ""), (42, "42"), (42.0, "42"), (4.5, "4.5"), (" u1 ", "u1"), ("nullable", "nullable"),
    ],
)  # fmt: skip
def test_ids_are_made_text_and_nobodies_are_nobody(value: Any, name: str) -> None:
    assert delivery.name_of(value) == name


def test_ids_that_are_too_long_stay_apart() -> None:
    a, b = (delivery.name_of("x" * 300 + end) for end in "ab")
    assert len(a) == len(b) == 95
    assert a != b


def test_an_address_is_identity_enough() -> None:
    assert delivery.email_of(only({"type": "identify", "traits": {"email": "A@Kas.example"}})) == "a@kas.example"
    assert delivery.email_of(only({**TRACK, "userId": "a@kas.example"})) == "a@kas.example"


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("2026-06-16T08:00:00Z", (8, 0)), ("2026-06-16T10:00:00+02:00", (8, 0)), ("2026-06-16T08:00:00.123456", (8, 0)),
        ("2026-06-16 08:00", (8, 0)), ("2026-06-15T24:00:00Z", (0, 0)), ("2026-06-16T07:59:60Z", (7, 59)),
        (1781596800, (8, 0)), (1781596800000, (8, 0)), ("1781596800000", (8, 0)), (1781596800.5, (8, 0)),
    ],
)  # fmt: skip
def test_moments_are_read_as_clients_write_them(said: Any, at: tuple[int, int]) -> None:
    moment = delivery.moment(said)
    assert moment is not None
    assert moment.utcoffset() == timedelta(0)
    assert (moment.date(), moment.hour, moment.minute) == (NOW.date(), *at)


@pytest.mark.parametrize(
    "said", [None, "", "yesterday", True, [], 1e300, "9999-12-31T23:59:59-12:00", float("nan"), "1" * 99]
)
def test_what_is_no_moment_is_none(said: Any) -> None:
    assert delivery.moment(said) is None


def test_the_clients_clock_is_put_right_by_how_wrong_it_was_when_it_sent() -> None:
    wrong = {**TRACK, "timestamp": "2016-06-16T08:00:00Z", "sentAt": "2016-06-16T08:00:09Z"}
    event = only(wrong)
    assert (event.at, event.said_at) == (NOW - timedelta(seconds=9), "2016-06-16T08:00:00Z")


def test_each_event_may_say_when_it_was_sent_else_the_batch_else_the_header() -> None:
    event = {**TRACK, "originalTimestamp": "2026-06-16T08:00:00Z", "timestamp": "2026-06-16T01:00:00Z"}
    own = {**event, "sentAt": "2026-06-16T08:00:01Z"}
    assert only({"batch": [own], "sentAt": "2026-06-16T08:00:02Z"}).at == NOW - timedelta(seconds=1)
    assert only({"batch": [event], "sentAt": "2026-06-16T08:00:02Z"}).at == NOW - timedelta(seconds=2)
    assert only({"batch": [event]}, sent_at="2026-06-16T08:00:03Z").at == NOW - timedelta(seconds=3)


def test_an_event_without_a_time_happened_on_arrival() -> None:
    assert (only(TRACK).at, only(TRACK).said_at) == (NOW, "")
    assert only({**TRACK, "timestamp": "soon"}).said_at == "soon"


moments = st.datetimes(timezones=st.just(UTC))


@given(said=moments, sent=st.none() | moments)
def test_no_clock_makes_the_future_or_the_distant_past(said: datetime, sent: datetime | None) -> None:
    at = delivery.happened(said, sent, NOW)
    assert NOW - delivery.OLDEST <= at <= NOW + delivery.AHEAD


@given(said=st.integers(-300_000_000, 0), off=st.integers(-400_000_000, 400_000_000))
def test_a_wrong_clock_gives_the_same_moment_as_a_right_one(said: int, off: int) -> None:
    right, wrong = NOW + timedelta(seconds=said), timedelta(seconds=off)
    assert delivery.happened(right + wrong, NOW + wrong, NOW) == right


def test_a_retry_has_the_same_id_whenever_it_is_sent() -> None:
    event = {
        "type": "track",
        "event": "X",
        "userId": "u",
        "timestamp": "2026-06-16T08:00:00Z",
        "properties": {"a": 1, "b": 2},
    }
    again = {**event, "sentAt": "2026-06-16T08:30:00Z", "properties": {"b": 2, "a": 1}}
    assert only(event).message_id == only(again).message_id
    assert only(event).message_id != only({**event, "userId": "v"}).message_id


def test_without_id_and_time_the_arrival_tells_events_apart() -> None:
    event = json.dumps({"type": "track", "event": "X", "userId": "u"}).encode()
    first, second = (delivery.read(event, "/v1/track", at, "")[0][0] for at in (NOW, NOW + timedelta(seconds=1)))
    assert first.message_id != second.message_id


def test_posthogs_words_are_understood() -> None:
    envelope = {"api_key": "k", "sent_at": "2026-06-16T08:00:05Z"}
    said = {"$device_id": "d1", "$current_url": "https://kas.example/?utm_source=li", "x": 1}
    page = {
        "event": "$pageview",
        "uuid": "1",
        "timestamp": "2026-06-16T08:00:00Z",
        "properties": {**said, "distinct_id": "d1"},
    }
    known = {"event": "$identify", "distinct_id": "u1", "properties": {**said, "$set": {"email": "a@kas.example"}}}
    group = {
        "event": "$groupidentify",
        "distinct_id": "u1",
        "properties": {"$group_key": "g", "$group_set": {"name": "G"}},
    }
    alias = {"event": "$create_alias", "distinct_id": "a1", "properties": {"distinct_id": "a1", "alias": "u1"}}
    events, refused = read({**envelope, "batch": [page, known, group, alias, 7]}, "/e")
    assert [(e.type, e.user_id, e.anonymous_id) for e in events] == [
        ("page", "", "d1"), ("identify", "u1", "d1"), ("group", "u1", ""), ("alias", "u1", ""),
    ]  # fmt: skip
    assert (events[0].at, events[0].properties) == (NOW - timedelta(seconds=5), {"distinct_id": "d1", "x": 1})
    assert (delivery.email_of(events[1]), events[2].traits, events[3].previous_id) == (
        "a@kas.example",
        {"name": "G"},
        "a1",
    )
    assert [r.reason for r in refused] == [Reason.NOT_AN_EVENT]


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.just("\ud800\0"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
fields = st.sampled_from(
    ["type", "event", "userId", "anonymousId", "traits", "properties", "context", "timestamp", "sentAt", "messageId",
     "batch", "writeKey", "api_key", "distinct_id", "groupId", "previousId", "integrations", "name", "category"]
)  # fmt: skip


@given(
    st.one_of(
        plain,
        st.dictionaries(fields, plain),
        st.fixed_dictionaries({"batch": st.lists(st.dictionaries(fields, plain))}),
    )
)
def test_whatever_is_json_is_read_or_refused_and_what_is_read_fits_a_database(value: Any) -> None:
    events, refused = read(json.dumps(value).encode(), "/v1/track")
    for event in events:
        kept = json.dumps(
            [event.properties, event.traits, event.context, event.name, event.message_id], allow_nan=False
        )
        assert "\\u0000" not in kept
        kept.encode().decode()
        json.loads(kept, parse_constant=pytest.fail)
        assert not any("\ud800" <= c <= "\udfff" for c in json.loads(json.dumps(kept)))
    assert all(r.reason in Reason for r in refused)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(body: bytes) -> None:
    for sent in (
        body,
        gzip.compress(body),
        b"\x1f\x8b" + body,
        b'{"batch":[' + body,
        json.dumps({"batch": [TRACK]}).encode() + body,
    ):
        events, refused = read(sent)
        assert events or refused or b"[" in sent or b"{" in sent


@given(cut=st.integers(0, 400))
def test_what_breaks_off_keeps_the_events_that_were_whole(cut: int) -> None:
    whole = json.dumps({"batch": [{**TRACK, "messageId": f"m{i}"} for i in range(4)]}).encode()
    events, refused = read(whole[:cut])
    assert [e.message_id for e in events] == [f"m{i}" for i in range(whole[:cut].count(b"}"))][:4]
    assert refused or len(events) == 4
