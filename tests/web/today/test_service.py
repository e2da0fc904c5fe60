"""Today for service: find who it is, log what they said, see what was logged."""

import pytest

from tilth.touches.models import Touch

pytestmark = pytest.mark.usefixtures("stopped_clock")


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_customer_is_found_by_name_or_company(client_of, dirk, anouk) -> None:
    for wanted in ("anou", "Zonneveld", "anouk@zonneveldtomaten.example"):
        assert "Anouk Zonneveld</a>" in text(client_of(dirk).get("/", {"q": wanted}))
    assert "Nobody begins with “&lt;x”." in text(client_of(dirk).get("/", {"q": "<x"}))


def test_what_was_said_is_logged_as_service_and_stands_among_the_last_contacts(client_of, dirk, anouk) -> None:
    client = client_of(dirk)
    form = {"kind": "call", "note": "Do you connect to our climate computer?"}
    answer = client.post(f"/people/{anouk.pk}/contacts/", form, headers={"referer": "http://testserver/?q=anouk"})
    assert answer["Location"].endswith("/?q=anouk")
    touch = Touch.objects.get(kind="call")
    assert (touch.team, touch.member) == ("service", dirk)
    assert "Call: “Do you connect to our climate computer?”" in text(client.get("/"))


def test_colleagues_contacts_are_not_ones_own(client_of, dirk, bob, anouk) -> None:
    client_of(bob).post(f"/people/{anouk.pk}/contacts/", {"kind": "call", "note": "mine"})
    assert "Nothing yet." in text(client_of(dirk).get("/"))
