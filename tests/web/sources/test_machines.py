"""The page on which a house says by what its own people and the machines it has met are told from customers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tilth.core import evidence
from tilth.journal.models import Entry
from tilth.people import ours
from tilth.people.known import Told, keep
from tilth.people.models import Telltale
from tilth.team.models import Member

PAGE = "/sources/machines/"


@pytest.fixture
def admin(client_of: Callable[[Member], Client], eva: Member) -> Client:
    return client_of(eva)


def add(admin: Client, kind: str, value: str) -> Any:
    return admin.post(PAGE, {"kind": kind, "value": value}, follow=True)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("domain", "Bob@Kasbouw.NL", "kasbouw.nl"),
        ("domain", "https://www.kasbouw.nl/team", "kasbouw.nl"),
        ("site", "https://www.Kasbouw.nl/prices", "kasbouw.nl"),
        ("network", "203.0.113.77", "203.0.113.0/24"),
        ("scanner", "2001:db8:5::/48", "2001:db8:5::/48"),
        ("agent", "  OurProbe  Check ", "ourprobe check"),
    ],
)
def test_what_is_typed_is_kept_in_one_form(kind: str, typed: str, kept: str, admin: Client, eva: Member) -> None:
    assert f"{kept} is known from now on." in add(admin, kind, typed).content.decode()
    row = Telltale.objects.get()
    assert (row.kind, row.value, row.by) == (kind, kept, eva)
    add(admin, kind, typed)
    assert Telltale.objects.count() == 1
    assert list(Entry.objects.filter(subject="telltale").values_list("verb", "by_name")) == [
        ("added telltale", eva.name)
    ]


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("domain", "gmail.com", "one that anybody can have tells nothing"),
        ("domain", "kasbouw", "Write a domain of your own"),
        ("network", "the office", "such as 203.0.113.7"),
        ("network", "0.0.0.0/0", "so wide that customers are in it"),
        ("scanner", "2000::/3", "so wide that customers are in it"),
        ("agent", "bot", "at least four letters"),
        ("agent", "Windows NT 10.0", "everybody would be taken for a machine"),
        ("agent", "Safari/605", "everybody would be taken for a machine"),
    ],
)
def test_what_would_tell_nothing_or_too_much_is_refused(kind: str, typed: str, said: str, admin: Client) -> None:
    answer = add(admin, kind, typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Telltale.objects.exists()


def test_it_can_be_removed(admin: Client, now: Any) -> None:
    row = Telltale.objects.create(kind="network", value="203.0.113.0/24", at=now)
    assert (
        "203.0.113.0/24 tells nothing any more." in admin.post(f"{PAGE}{row.pk}/forget/", follow=True).content.decode()
    )
    assert not Telltale.objects.exists()
    assert Entry.objects.get().data == {"kind": "network", "value": "203.0.113.0/24"}


def test_the_domains_of_members_are_known_by_themselves(admin: Client, bob: Member, now: Any) -> None:
    page = admin.get(PAGE).content.decode()
    assert "kasbouw.example" in page
    assert "from your members" in page
    colleague, _new = keep(Told(emails=["dirk@kasbouw.example"]), now, "form")
    keep(Told(emails=["anouk@zonneveldtomaten.example"]), now, "form")
    known = ours.known()
    assert (known.domains, known.colleagues) == ({"kasbouw.example"}, {colleague.pk})
    Member.objects.filter(email__endswith="kasbouw.example").update(is_active=False)
    assert ours.known() == evidence.NOTHING


def test_a_member_with_a_private_address_makes_no_colleagues_of_everybody(bob: Member, now: Any) -> None:
    Member.objects.filter(pk=bob.pk).update(email="bob@gmail.com")
    keep(Told(emails=["anouk@gmail.com"], company={"name": "Zonneveld"}), now, "form")
    assert ours.known() == evidence.NOTHING


def test_all_that_is_known_is_ready_to_judge_by(admin: Client, now: Any) -> None:
    for kind, value in (("network", "203.0.113.0/24"), ("scanner", "198.51.100.0/24"), ("agent", "ourprobe")):
        add(admin, kind, value)
    known = ours.known()
    browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    assert evidence.of_request(browser, "203.0.113.0", known) == "colleague"
    assert evidence.of_request(browser, "198.51.100.0", known) == "scanner"
    assert evidence.of_request(f"{browser} OurProbe/3", "", known) == "bot"
    assert evidence.of_request(browser, "192.0.2.0", known) == ""
