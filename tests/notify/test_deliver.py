"""Sending: nothing lost, nothing doubled but after a crash between sending and marking, and then once."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tilth.notify import deliver
from tilth.notify.deliver import PAUSES, SERVER, TOO_LATE, catch_up, send_again
from tilth.notify.models import Message
from tilth.notify.outbox import put

TO = "anouk@zonneveldtomaten.example"


def write(key: str = "one", to: str = TO, **more) -> None:
    put(key, to, f"Subject {key}", "Text", "", NOW, **more)


def test_what_is_due_is_sent_once_and_oldest_first(db, mail_server):
    write("one")
    write("two")
    write("later", due=NOW + timedelta(hours=1))
    assert catch_up(NOW) == 2
    assert catch_up(NOW) == 0
    assert mail_server.subjects == ["Subject one", "Subject two"]
    assert catch_up(NOW + timedelta(hours=1)) == 1
    assert not deliver.waiting().exists()


def test_a_mail_has_both_forms_its_headers_and_an_id_that_stays(db, mail_server):
    put("one", TO, "Prijslijst €", "Tekst", "<p>Tekst</p>", NOW, headers={"List-Unsubscribe": "<https://x.example/u/>"})
    catch_up(NOW)
    Message.objects.update(sent_at=None)  # as if it died before marking
    catch_up(NOW)
    first, second = mail_server.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first["List-Unsubscribe"] == "<https://x.example/u/>"
    assert first["From"] == "Kasbouw <mail@kasbouw.example>"
    assert [part.get_content_type() for part in first.iter_parts()] == ["text/plain", "text/html"]


def test_without_a_server_mail_waits(db, settings):
    settings.MAIL = None
    write()
    assert catch_up(NOW) == 0
    assert deliver.waiting().count() == 1


def test_an_address_that_the_server_refuses_is_given_up_at_once_and_says_why(db, mail_server):
    mail_server.answers[TO] = "550 5.1.1 No such user"
    write("one")
    write("two", to="bob@kasbouw.example")
    assert catch_up(NOW) == 2
    row = Message.objects.get(key="one")
    assert (row.given_up_at, row.trouble) == (NOW, "The mail server answered 550: 5.1.1 No such user")
    assert mail_server.subjects == ["Subject two"]


def test_a_refusal_for_now_is_tried_again_later_and_later_until_it_is_given_up(db, mail_server):
    mail_server.answers[TO] = "451 4.7.1 Greylisted"
    write()
    at = NOW
    for pause in PAUSES:
        assert catch_up(at) == 1
        assert catch_up(at + pause - timedelta(seconds=1)) == 0
        at += pause
    assert Message.objects.get().given_up_at is None
    assert catch_up(at) == 1
    assert Message.objects.get().given_up_at == at
    mail_server.answers.clear()
    assert send_again(Message.objects.get(), at)
    assert catch_up(at) == 1
    assert mail_server.subjects == ["Subject one"]
    assert not send_again(Message.objects.get(), at)


def test_a_server_that_is_away_costs_no_message_a_try(db, settings, mail_server):
    port, settings.MAIL = settings.MAIL["port"], {**settings.MAIL, "port": 1}
    write("one")
    write("two")
    assert catch_up(NOW) == 0
    assert set(Message.objects.values_list("attempts", flat=True)) == {0}
    assert all("refused" in trouble for trouble in Message.objects.values_list("trouble", flat=True))
    settings.MAIL = {**settings.MAIL, "port": port}
    assert catch_up(NOW + SERVER / 2) == 0
    assert catch_up(NOW + SERVER) == 2
    assert set(Message.objects.values_list("trouble", flat=True)) == {""}


def test_a_message_at_which_the_server_hangs_up_holds_up_no_other(db, mail_server):
    mail_server.hangs_up.add("bad@kasbouw.example")
    write("bad", to="bad@kasbouw.example")
    write("good")
    catch_up(NOW)
    assert mail_server.subjects == []
    catch_up(NOW + SERVER)  # both are free again; the one that failed is the older one
    catch_up(NOW + 2 * SERVER)
    assert mail_server.subjects == ["Subject good"]


def test_an_address_that_no_mail_can_have_is_given_up(db, mail_server):
    write(to="anouk@zonneveldtomaten.example\nBcc: x@kasbouw.example")
    catch_up(NOW)
    assert Message.objects.get().given_up_at == NOW


def test_what_waited_for_five_days_is_given_up(db, mail_server):
    write()
    assert catch_up(NOW + TOO_LATE + timedelta(seconds=1)) == 0
    row = Message.objects.get()
    assert row.given_up_at is not None
    assert row.trouble == "It could not be sent for five days."
    assert mail_server.mails == []


def test_a_death_before_sending_loses_nothing(db, mail_server, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    write()
    with monkeypatch.context() as patch:
        patch.setattr(deliver, "_mail", die)
        with pytest.raises(Killed):
            catch_up(NOW)
    assert catch_up(NOW + deliver.LEASE - timedelta(seconds=1)) == 0
    assert catch_up(NOW + deliver.LEASE) == 1
    assert mail_server.subjects == ["Subject one"]


def test_a_message_that_somebody_else_is_sending_is_left_alone(db, mail_server):
    write()
    assert deliver._claim(NOW)
    assert catch_up(NOW) == 0
    assert mail_server.mails == []
