"""Personal links: whose they are, where they lead, and what they do not tell."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOW
from tilth.people.links import NoWebAddress, _number, is_ours, leads_to, opened, person_of, personal, persons_of, token
from tilth.people.models import Link, Person, Telltale

PRICES = "https://kasbouw.example/prices?plan=a&x=1#top"


@pytest.fixture
def site(db: None) -> Telltale:
    return Telltale.objects.create(kind="site", value="kasbouw.example", at=NOW)


def test_a_link_knows_whose_it_is_and_where_it_leads(anouk: Person) -> None:
    made = token(anouk, PRICES, "spring-7")
    link = opened(made)
    assert link
    assert (link.person, link.url, link.mail, link.hidden) == (anouk, PRICES, "spring-7", False)
    assert person_of(made) == anouk.pk


def test_the_same_link_has_the_same_token(anouk: Person) -> None:
    assert token(anouk, PRICES, "a") == token(anouk, PRICES, "a") != token(anouk, PRICES, "b")
    assert Link.objects.count() == 2


def test_nothing_about_a_person_can_be_read_in_a_token(anouk: Person) -> None:
    made = token(anouk, PRICES, "spring-7")
    number, _, signature = made.partition(".")
    assert len(base64.urlsafe_b64decode(signature + "==")) == 32
    assert number.isalnum()
    assert not any(word in made for word in ("anouk", "kasbouw", "spring"))


def test_a_token_that_we_did_not_make_opens_nothing(anouk: Person) -> None:
    made = token(anouk, PRICES)
    other = token(anouk, "https://other.example/")
    forged = other.partition(".")[0] + "." + made.partition(".")[2]
    for wrong in ("", ".", "1", "1.", f"{made}x", f" {made}", forged, made.upper(), "\0", "é.é"):
        assert (opened(wrong), person_of(wrong)) == (None, None), wrong


@given(st.text(max_size=60))
def test_no_text_opens_anything_by_chance(text: str) -> None:
    assert _number(text) is None


def test_whoever_is_gone_takes_their_links_along(anouk: Person) -> None:
    made = token(anouk, PRICES)
    anouk.delete()
    assert (opened(made), person_of(made)) == (None, None)


def test_many_tokens_are_looked_up_at_once(anouk: Person, django_assert_num_queries) -> None:
    made = [token(anouk, f"https://kasbouw.example/{n}") for n in range(9)]
    with django_assert_num_queries(1):
        assert persons_of([*made, "1.x"]) == dict.fromkeys(made, anouk.pk)


def test_a_hidden_link_names_nobody(anouk: Person) -> None:
    made = token(anouk, PRICES, hidden=True)
    link = opened(made)
    assert link
    assert link.hidden
    assert person_of(made) is None


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//evil.example", "/inside", "ftp://a.example", "", "data:,x"])
def test_only_pages_can_be_linked_to(url: str, anouk: Person) -> None:
    with pytest.raises(NoWebAddress, match="https://"):
        token(anouk, url)


def test_on_a_website_of_ours_a_visitor_can_be_recognised(anouk: Person, site: Telltale) -> None:
    made = token(anouk, PRICES)
    link = opened(made)
    assert link
    assert leads_to(link, made) == f"https://kasbouw.example/prices?plan=a&x=1&tilth={made}#top"


def test_elsewhere_and_for_machines_the_address_stays_as_it_was_signed(anouk: Person, site: Telltale) -> None:
    for url, hidden in (("https://elsewhere.example/a", False), (PRICES, True)):
        made = token(anouk, url, hidden=hidden)
        link = opened(made)
        assert link
        assert leads_to(link, made) == url


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("https://kasbouw.example", True),
        ("http://www.KASBOUW.example:8080/a", True),
        ("https://kasbouw.example.evil.test/", False),
        ("https://notkasbouw.example/", False),
        ("https://kasbouw.example@evil.test/", False),
        ("https://[broken", False),
    ],
)
def test_a_website_is_ours_by_its_host(url: str, ours: bool, site: Telltale) -> None:
    assert is_ours(url) is ours


# Whole mails

MAIL = """<html><body><p>Hello, see <a class="x" href="https://kasbouw.example/prices?a=1&amp;b=2">prices</a>,
<A HREF='https://other.example/'>a partner</A>, <a href="mailto:ann@kasbouw.example">Ann</a>, <a href="#top">top</a>,
<a href="https://tilth.example/unsubscribe/x/">no more</a> or https://in-words.example.</p></body></html>"""
TEXT = "See https://kasbouw.example/prices?a=1&b=2, (https://other.example/a).\nNo more: https://tilth.example/unsubscribe/x/"
HOUSE = "https://tilth.example"


def followed(mail: str) -> list[str]:
    """Where the personal links of a mail lead, hidden ones in brackets."""
    found = [opened(t) for t in re.findall(rf"{HOUSE}/l/([\w.-]+)", mail)]
    return [f"[{link.url}]" if link.hidden else link.url for link in found if link]


def test_the_links_of_a_mail_become_the_persons_own(anouk: Person) -> None:
    made = personal(MAIL, anouk, "spring", HOUSE)
    assert sorted(followed(made)) == [
        "[https://kasbouw.example/prices?a=1&b=2]", "https://kasbouw.example/prices?a=1&b=2", "https://other.example/",
    ]  # fmt: skip
    for untouched in (
        '"mailto:ann@kasbouw.example"',
        '"#top"',
        f'"{HOUSE}/unsubscribe/x/"',
        "https://in-words.example.",
    ):
        assert untouched in made
    assert 'hidden aria-hidden="true" tabindex="-1"></a>' in made
    assert re.sub(r"<a href[^>]*hidden[^>]*></a>", "", made).count("<a") + made.count("<A") == MAIL.lower().count("<a")


def test_a_mail_of_plain_text_gets_them_too(anouk: Person) -> None:
    made = personal(TEXT, anouk, "spring", HOUSE)
    assert followed(made) == ["https://kasbouw.example/prices?a=1&b=2", "https://other.example/a"]
    assert made.endswith(f"No more: {HOUSE}/unsubscribe/x/")
    assert ", (" in made
    assert ").\n" in made


def test_a_mail_made_personal_again_is_the_same(anouk: Person) -> None:
    assert personal(MAIL, anouk, "spring", HOUSE) == personal(MAIL, anouk, "spring", HOUSE)
    assert Link.objects.count() == 3


def test_a_mail_without_links_stays_as_it_is(anouk: Person) -> None:
    for mail in ("<p>Hello</p>", "Hello", ""):
        assert personal(mail, anouk, "spring", HOUSE) == mail
