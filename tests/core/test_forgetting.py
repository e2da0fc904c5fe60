"""Taking one person out of what others wrote, and nobody else."""

import gzip
import json

import pytest

from tests.conftest import NOW
from tilth.core.delivery import read
from tilth.core.forgetting import Ways, mentions, redacted, theirs, without

ADA = Ways(
    emails=frozenset(["ada@firm.example"]), users=frozenset(["7"]), browsers=frozenset(["b-123456"]),
    others=frozenset(["+31105550142"]),
)  # fmt: skip


def body(*events, **envelope) -> bytes:
    return json.dumps({"batch": events, **envelope}).encode()


@pytest.mark.parametrize("event", [
    {"userId": "7"}, {"userId": 7}, {"userId": "Ada@Firm.example"}, {"anonymousId": "b-123456"}, {"previousId": "7"},
    {"traits": {"email": " ADA@firm.example"}}, {"context": {"traits": {"email": "ada@firm.example"}}},
    {"properties": {"email": "ada@firm.example"}, "anonymousId": "x"}, {"properties": {"distinct_id": "7"}},
    {"context": {"link": "b-123456"}}, {"properties": {"$set": {"email": "ada@firm.example"}}},
])  # fmt: skip
def test_an_event_that_names_them_is_theirs(event):
    assert mentions(body(event), ADA)
    assert theirs(body(event), ADA) == [(0, event)]
    assert without(body(event), ADA) == (None, {0})


@pytest.mark.parametrize("event", [
    {"userId": "77"}, {"userId": "8", "anonymousId": "b-123456"}, {"anonymousId": "b-1234567"},
    {"anonymousId": "b-123456", "traits": {"email": "bea@firm.example"}}, {"traits": {"email": "xada@firm.example"}},
    {"userId": "8", "properties": {"quantity": 7}},
])  # fmt: skip
def test_an_event_that_names_somebody_else_is_not(event):
    assert theirs(body(event), ADA) == []


def test_in_others_events_only_the_mention_goes():
    others = {
        "userId": "8",
        "properties": {"by": "ada@firm.example", "say": "Ada <ada@firm.example> rang from +31105550142"},
    }
    kept, gone = without(body(others, writeKey="k"), ADA)
    assert gone == set()
    assert json.loads(kept) == {
        "writeKey": "k", "batch": [{"userId": "8", "properties": {"by": "", "say": "Ada <[erased]> rang from [erased]"}}],
    }  # fmt: skip


def test_the_other_events_keep_their_places_and_are_understood_as_before():
    events = [{"type": "page", "userId": n, "messageId": f"m{n}"} for n in ("1", "7", "2")]
    kept, gone = without(gzip.compress(body(*events)), ADA)
    before, after = (read(b, "/v1/batch", NOW)[0] for b in (body(*events), kept))
    assert gone == {1}
    assert after == [before[0], before[2]]
    assert read(kept, "/v1/batch", NOW)[1] == []


@pytest.mark.parametrize("sent", [
    b'{"traits":{"email":"ada\\u0040firm.example"}}', b'{"url":"https://x.example/?m=ada%40firm.example"}', b"ada@firm.example",
    gzip.compress(b'[{"userId":"7"}]'), b'{"note":"hello\\nada@firm.example"}', b'{"u":"mailto%3Aada%40firm.example"}',
])  # fmt: skip
def test_they_are_found_however_they_are_spelled(sent):
    assert mentions(sent, ADA)


def test_a_mention_is_found_behind_a_line_break_and_in_an_address():
    said = {"note": "hello\nada@firm.example.", "u": "https://x.example/?to=mailto%3Aada%40firm.example&x=1"}
    assert redacted(said, ADA) == {"note": "hello\n[erased].", "u": "https://x.example/?to=mailto%3A[erased]&x=1"}


def test_what_is_no_json_goes_as_a_whole():
    assert without(b"{broken ada@firm.example", ADA) == (None, set())


def test_where_only_some_of_it_can_be_read_the_rest_goes():
    kept, gone = without(b'{"batch":[{"userId":"8"},{"userId":"7"},{"email":"ada@firm.example",]}', ADA)
    assert gone == {1}
    assert b"ada" not in kept
    assert [
        event.user_id for event in read(kept, "/v1/batch", NOW)[0]
    ] == []  # without a type it is none, but it is there
    assert b'"userId":"8"' in kept


def test_nobody_is_found_by_nothing():
    nobody = Ways()
    assert not mentions(body({"userId": "7"}), nobody)
    assert redacted({"a": "ada@firm.example"}, nobody) == {"a": "ada@firm.example"}


def test_ways_come_back_from_where_they_were_kept():
    assert Ways.of_plain(json.loads(json.dumps(ADA.plain()))) == ADA
