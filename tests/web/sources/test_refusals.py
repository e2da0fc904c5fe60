"""All that was refused: counted by reason, shown as it came, and read again one by one or all of a reason."""

import gzip
import json

import pytest

from tests.conftest import NOW
from tilth import conveyor
from tilth.capture import understand
from tilth.capture.models import Received, Refusal, Source
from tilth.core import wire
from tilth.core.wire import Reason
from tilth.journal.models import Entry
from tilth.touches.models import Touch

pytestmark = pytest.mark.usefixtures("clock")
GOOD = {"type": "track", "event": "Docs Read", "anonymousId": "v", "messageId": "1"}


@pytest.fixture
def admin(client_of, eva):
    return client_of(eva)


@pytest.fixture
def site(db):
    return Source.open("Website", "person", None, NOW)


def arrived(source, *events, body=None):
    body = body if body is not None else json.dumps({"batch": events}).encode()
    row = Received.objects.create(source=source, at=NOW, path="/v1/batch", body=body)
    understand.catch_up(NOW)
    return row


def test_what_is_refused_is_counted_by_reason_and_shown_as_it_came(admin, site):
    arrived(site, GOOD, {"type": "wave", "userId": "u", "hand": "left <b>"}, {"type": "track", "userId": "u"})
    arrived(site, {"type": "wave", "userId": "u"})
    page = admin.get("/sources/refusals/").content.decode()
    assert page.count("As it came</summary>") == 3
    assert "2 events" in page
    assert "&quot;hand&quot;: &quot;left &lt;b&gt;&quot;" in page
    assert "Docs Read" not in page
    only = admin.get("/sources/refusals/?reason=no_event_name").content.decode()
    assert only.count("As it came</summary>") == 1


def test_it_is_narrowed_to_one_source(admin, site):
    desk = Source.open("Help desk", "service", None, NOW)
    arrived(site, {"type": "wave", "userId": "u"})
    arrived(desk, {"type": "bow", "userId": "u"})
    page = admin.get(f"/sources/refusals/?source={desk.pk}").content.decode()
    assert "bow" in page
    assert "wave" not in page


def test_all_of_a_reason_are_read_again_by_the_conveyor_and_nothing_counts_twice(admin, site, eva):
    mended, other = arrived(site, GOOD), arrived(site, {"type": "wave", "userId": "u"})
    for row in (mended, arrived(site, {**GOOD, "messageId": "2"})):
        Refusal.objects.create(received=row, index=0, reason=Reason.NOT_UNDERSTOOD, at=NOW)
    assert admin.post("/sources/refusals/again/", {"reason": "not_understood"}).status_code == 302
    assert Received.objects.filter(taken_at=None).count() == 2
    conveyor.run_dry(NOW)
    assert list(Refusal.objects.values_list("received", flat=True)) == [other.pk]
    assert Touch.objects.count() == 2
    entry = Entry.objects.get(verb="read refusals again")
    assert (entry.by_id, entry.data) == (eva.pk, {"reason": "not_understood", "source": None, "deliveries": 2})


def test_what_is_still_wrong_is_refused_anew(admin, site):
    arrived(site, {"type": "wave", "userId": "u"}, {"type": "track", "userId": "u"})
    admin.post("/sources/refusals/again/")
    conveyor.run_dry(NOW)
    assert sorted(Refusal.objects.values_list("reason", flat=True)) == ["no_event_name", "unknown_type"]


def test_one_delivery_is_read_again_and_leads_back_here(admin, site):
    row = arrived(site, {"type": "wave", "userId": "u"})
    answer = admin.post(f"/sources/deliveries/{row.pk}/replay/", {"then": "refusals"})
    assert answer["Location"] == "/sources/refusals/"


def test_reading_again_what_is_not_refused_says_so(admin, site):
    admin.post("/sources/refusals/again/", {"reason": "too_deep", "source": "x"})
    assert "Nothing is refused for this reason" in admin.get("/sources/refusals/").content.decode()
    assert not Entry.objects.filter(verb="read refusals again").exists()


@pytest.mark.parametrize(
    "body", [b"\xff\xfe no json \x00", b"", b"[1, 2]", b'"x"', gzip.compress(b'{"batch": [{"type": "wave"}]}')[:20], b'{"batch":[{"a":', b'{"batch":[{"type":"wave","x":"\\ud800\\u0000"}]}']
)  # fmt: skip
def test_whatever_came_can_be_shown(admin, site, body):
    arrived(site, body=body)
    assert admin.get("/sources/refusals/").status_code == 200


def test_the_page_is_turned_and_asks_the_same_few_questions(admin, site, django_assert_max_num_queries):
    arrived(site, *[{"type": "wave", "userId": "u", "n": n} for n in range(60)])
    with django_assert_max_num_queries(14):
        page = admin.get("/sources/refusals/").content.decode()
    assert page.count("As it came</summary>") == 25
    older = admin.get(f"/sources/refusals/?before={Refusal.objects.order_by('-pk')[49].pk}").content.decode()
    assert older.count("As it came</summary>") == 10


def test_an_item_is_found_in_a_list_a_batch_and_a_single_event():
    assert wire.item(b'[{"a": 1}, {"b": 2}]', 1) == {"b": 2}
    assert wire.item(b'{"batch": [{"a": 1}]}', 0) == {"a": 1}
    assert wire.item(b'{"a": 1}', 0) == {"a": 1}
    assert wire.item(b'{"batch": [{"a": 1}]}', 7) == {"batch": [{"a": 1}]}
