"""The channels of the house, as an administrator sees them."""

import pytest

from tests.conftest import NOW
from tests.notify.receiving import receiving
from tilth.journal.models import Entry
from tilth.notify import endpoints, sending
from tilth.notify.models import Delivery, Endpoint

pytestmark = pytest.mark.usefixtures("clock", "agreement")


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def admin(client_of, eva):
    return client_of(eva)


@pytest.fixture
def shop(receiver, eva) -> Endpoint:
    """A program that is told, with one delivery that arrived."""
    row = endpoints.set_up("webhook", "The shop", receiver.url, ["handoff"], eva, NOW)
    endpoints.try_out(row, eva, NOW)
    sending.catch_up(NOW)
    return row


def new(url: str) -> dict:
    return {"channel": "webhook", "name": "The shop", "url": url, "events": ["handoff", "breach"]}


def test_a_new_one_gets_a_secret_and_a_trial(admin, receiver):
    answer = admin.post("/channels/", new(receiver.url), follow=True)
    row = Endpoint.objects.get()
    assert row.secret.startswith("whsec_")
    assert row.events == ["handoff", "breach"]
    assert "A trial is on its way." in answer.content.decode()
    assert "lead.handed_off" in answer.content.decode()
    assert sending.catch_up(NOW) == 1
    assert receiver.bodies[0]["type"] == "trial"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"url": "https://192.168.1.4/"}, "private network"),
        ({"url": "http://1.1.1.1/"}, "begins with https"),
        ({"events": []}, "Choose at least one"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_what_cannot_be_is_refused_with_a_way_out(admin, typed, says):
    answer = admin.post("/channels/", new("https://1.1.1.1/") | typed)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Endpoint.objects.exists()


def test_what_was_sent_can_be_read_and_sent_again_under_its_id(admin, shop, receiver):
    row = Delivery.objects.get()
    page = admin.get(f"/channels/deliveries/{row.pk}/").content.decode()
    assert row.key in page
    assert "Answered 200" in page
    assert "&quot;type&quot;:&quot;trial&quot;" in page
    admin.post(f"/channels/deliveries/{row.pk}/again/")
    assert sending.catch_up(NOW) == 1
    assert receiver.ids == [row.key, row.key]
    assert Entry.objects.filter(verb="sent again").count() == 1


def test_all_that_failed_is_sent_again_at_once(admin, shop, receiver):
    Delivery.objects.update(sent_at=None, given_up_at=NOW, trouble="It answered 500.")
    page = admin.get(f"/channels/{shop.pk}/?state=failed").content.decode()
    assert "It answered 500." in page
    assert "Send all again that failed" in page
    admin.post(f"/channels/{shop.pk}/again/")
    assert sending.catch_up(NOW) == 1
    assert Delivery.objects.get().sent_at == NOW


def test_stop_start_secret_and_remove(admin, shop):
    first = shop.secret
    for what in ("stop", "start", "secret", "try"):
        assert admin.post(f"/channels/{shop.pk}/do/", {"do": what}, follow=True).status_code == 200
    shop.refresh_from_db()
    assert (shop.stopped_at, shop.secret_before) == (None, first)
    assert shop.secret != first
    admin.post(f"/channels/{shop.pk}/do/", {"do": "remove"})
    assert not Endpoint.objects.exists()
    assert [e.verb for e in Entry.objects.filter(subject="endpoint").order_by("id")] == [
        "set up",
        "stopped",
        "started",
        "changed secret",
        "removed",
    ]


def test_name_address_and_events_can_be_changed(admin, shop, receiver):
    admin.post(f"/channels/{shop.pk}/", {"name": "Shop 2", "url": receiver.url, "events": ["breach"]})
    shop.refresh_from_db()
    assert (shop.name, shop.events) == ("Shop 2", ["breach"])
    answer = admin.post(f"/channels/{shop.pk}/", {"name": "Shop 2", "url": "https://10.0.0.1/", "events": ["breach"]})
    assert answer.status_code == 422
    shop.refresh_from_db()
    assert shop.url == receiver.url


def test_a_members_own_channel_is_not_the_administrators(admin, bob, receiver):
    row = Endpoint.objects.create(channel="slack", name="Mine", url=receiver.url, member=bob, made_at=NOW)
    delivery = endpoints.try_out(row, bob, NOW)
    assert "Mine" not in admin.get("/channels/").content.decode()
    assert admin.get(f"/channels/{row.pk}/").status_code == 404
    assert admin.get(f"/channels/deliveries/{delivery.pk}/").status_code == 404
