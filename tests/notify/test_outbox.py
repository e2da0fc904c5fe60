"""A mail is a row in the transaction of what causes it, and is written once."""

from django.db import transaction

from tests.conftest import NOW
from tilth.notify.models import Message
from tilth.notify.outbox import address, put


def test_the_same_key_writes_nothing_twice(db):
    assert put("confirm 1", "anouk@zonneveldtomaten.example", "Confirm", "Text", "", NOW)
    assert not put("confirm 1", "anouk@zonneveldtomaten.example", "Confirm again", "Text", "", NOW)
    assert Message.objects.get().subject == "Confirm"


def test_what_is_undone_sends_no_mail(db):
    with transaction.atomic():
        assert put("confirm 1", "anouk@zonneveldtomaten.example", "Confirm", "Text", "", NOW)
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_a_subject_is_one_line(db):
    put("confirm 1", "anouk@zonneveldtomaten.example", "Hello\r\nBcc: everybody@kasbouw.example", "Text", "", NOW)
    assert Message.objects.get().subject == "Hello Bcc: everybody@kasbouw.example"


def test_links_in_mails_begin_with_the_address_of_the_house(settings):
    settings.ADDRESS = "https://tilth.kasbouw.example"
    assert address("/unsubscribe/x/") == "https://tilth.kasbouw.example/unsubscribe/x/"
