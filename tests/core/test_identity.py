"""The quick way to read usual numbers says what the full rules say."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core import identity

usual = st.builds(
    lambda start, digits, mark, at: (start + digits)[:at] + mark + (start + digits)[at:],
    st.sampled_from(["0", "00", "+", "+31", "+32", "+33", "+41", "+44", "+49", ""]),
    st.text("0123456789", min_size=6, max_size=13),
    st.sampled_from(["", " ", "-", ".", "/", "/ "]),
    st.integers(3, 6),
)


@given(usual, st.sampled_from(["NL", "BE", "DE", "FR", "GB", "CH", "US", "AT"]))
def test_a_usual_number_is_what_the_full_rules_make_of_it(text: str, country: str) -> None:
    if quick := identity._usual(text, country):
        number = phonenumbers.parse(text, country)
        assert quick == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert phonenumbers.is_possible_number(number)


def test_usual_numbers_are_read_the_quick_way() -> None:
    assert identity._usual("+31 6 12345678", "DE") == identity._usual("06-12345678", "NL") == "+31612345678"
    assert identity._usual("010 555 01 42", "NL") == "+31105550142"
    assert identity._usual("+31 (0)10 555 01 42", "NL") == ""


def test_a_number_is_shown_in_groups_and_anything_else_as_it_is() -> None:
    assert identity.spoken("+31105550142") == "+31 10 555 0142"
    assert identity.spoken("+32470123456") == "+32 470 12 34 56"
    assert [identity.spoken(odd) for odd in ("ext. 12", "+", "+31")] == ["ext. 12", "+", "+31"]


@pytest.mark.parametrize(
    ("address", "firm"),
    [
        ("a@kasbouw.co.uk", "kasbouw.co.uk"),
        ("a@mail.kasbouw.co.uk", "kasbouw.co.uk"),
        ("a@shop.kasbouw.nl", "kasbouw.nl"),
        ("a@Kasbouw.NL", "kasbouw.nl"),
        ("a@kasbouw.example", "kasbouw.example"),
        ("a@grün.de", "grün.de"),
        ("a@xn--grn-ioa.xn--p1ai", "xn--grn-ioa.xn--p1ai"),
        ("a@tax.service.gov.uk", "tax.service.gov.uk"),
        ("a@kasbouw.github.io", "kasbouw.github.io"),
        ("a@co.uk", ""),
        ("a@gov.uk", ""),
        ("a@gmail.com", ""),
        ("a@uk.ymail.com", ""),
        ("a@fastmail.nl", ""),
        ("a@10.0.0.1", ""),
        ("nobody", ""),
        ("", ""),
    ],
)
def test_the_domain_of_an_address_is_the_one_that_somebody_registered(address: str, firm: str) -> None:
    assert identity.domain(address) == firm
    assert identity.is_free_mail(address) == (address in ("a@gmail.com", "a@uk.ymail.com", "a@fastmail.nl"))


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.kasbouw.co.uk/prijs?x=1", "kasbouw.co.uk"),
        ("shop.kasbouw.nl:8080", "kasbouw.nl"),
        ("http://10.0.0.1/", ""),
        ("co.uk", ""),
        ("kasbouw", ""),
        ("a..b", ""),
        ("gmail.com", ""),
    ],
)
def test_the_domain_of_a_website_is_the_registered_one(text: str, domain: str) -> None:
    assert identity.website(text) == domain
