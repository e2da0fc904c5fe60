"""The outbox as an administrator sees it."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tilth.journal.models import Entry
from tilth.notify.models import Event, Line, Message
from tilth.notify.outbox import put


@pytest.fixture
def mails(anouk) -> None:
    for n, key in enumerate(("waits", "failed", "sent")):
        put(
            key,
            "anouk@zonneveldtomaten.example",
            f"Subject {key}",
            "Text <b>\nhttps://tilth.example/d/x/",
            "",
            NOW - timedelta(hours=n),
            person=anouk,
        )
    Message.objects.filter(key="failed").update(
        given_up_at=NOW, attempts=8, trouble="The mail server answered 550: No such user"
    )
    Message.objects.filter(key="sent").update(sent_at=NOW, attempts=1)


@pytest.mark.parametrize(
    ("state", "shown"), [("", "waits"), ("waiting", "waits"), ("failed", "failed"), ("sent", "sent"), ("x", "waits")]
)
def test_each_state_has_its_list(client_of, eva, mails, clock, state, shown):
    page = client_of(eva).get("/outbox/", {"state": state}).content.decode()
    assert [key for key in ("waits", "failed", "sent") if f"Subject {key}" in page] == [shown]
    assert "Mail is kept and not sent" in page


def test_what_failed_says_why_and_can_be_sent_again(client_of, eva, mails, clock):
    admin, row = client_of(eva), Message.objects.get(key="failed")
    assert "550: No such user" in admin.get("/outbox/?state=failed").content.decode()
    admin.post(f"/outbox/{row.pk}/again/")
    row.refresh_from_db()
    assert (row.given_up_at, row.attempts, row.due_at) == (None, 0, NOW)
    assert Entry.objects.filter(verb="sent again").count() == 1


def test_what_was_sent_is_not_sent_again(client_of, eva, mails, clock):
    row = Message.objects.get(key="sent")
    page = client_of(eva).post(f"/outbox/{row.pk}/again/", follow=True).content.decode()
    assert "It has been sent meanwhile." in page


def test_a_mail_can_be_read(client_of, eva, mails, clock):
    page = client_of(eva).get(f"/outbox/{Message.objects.get(key='waits').pk}/").content.decode()
    assert "Text &lt;b&gt;" in page
    assert 'href="https://tilth.example/d/x/"' in page


def test_the_mail_of_a_day_is_shown_as_it_would_be_now(client_of, eva, bob, anouk, clock):
    event = Event.objects.create(what="lead", row="lead 1", person=anouk, at=NOW, told_at=NOW, data={"came": "demo"})
    row = Message.objects.create(key="day", to=bob.email, subject="Your day", member=bob, made_at=NOW, due_at=NOW)
    line = Line.objects.create(member=bob, event=event, channel="mail", why="pool", due_at=NOW, message=row)
    admin = client_of(eva)
    assert "New lead: Anouk Zonneveld" in admin.get(f"/outbox/{row.pk}/").content.decode()
    line.delete()
    assert "Nothing is left of it" in admin.get(f"/outbox/{row.pk}/").content.decode()
