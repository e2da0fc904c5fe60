"""What help desks and telephone systems send is a call, a mail, a chat or a visit; other events are left alone."""

import pytest

from tilth.core import contacts


@pytest.mark.parametrize(
    ("name", "said", "kind"),
    [
        ("ticket created", {}, "mail"),
        ("ticket created", {"channel": "phone"}, "call"),
        ("ticket replied", {"channel": "E-mail"}, "mail"),
        ("conversation closed", {"channel": "carrier pigeon"}, "chat"),
        ("call missed", {"channel": None}, "call"),
        ("case updated", {"channel": "In_Person"}, "meeting"),
        ("call booked", {}, ""),
        ("ticket", {}, ""),
        ("train ticket created", {}, ""),
        ("message in a bottle sent", {}, ""),
    ],
)
def test_a_contact_is_known_by_its_thing_and_what_became_of_it(name, said, kind):
    assert contacts.kind(name, said) == kind


@pytest.mark.parametrize(
    ("said", "direction"),
    [("Inbound", "in"), ("out", "out"), ("outgoing", "out"), ("sideways", ""), (None, ""), ({"x": 1}, ""), (7, "")],
)
def test_who_began_is_told_in_several_words(said, direction):
    assert contacts.direction({"direction": said}) == direction


def test_a_channel_that_we_do_not_know_is_not_guessed():
    assert contacts.channel({"channel": "SMS"}) == "chat"
    assert contacts.channel({"channel": "smoke"}) == contacts.channel({}) == ""
