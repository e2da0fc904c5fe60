"""Whether two are one: what says so, and what speaks against it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.duplicates import (
    PROPOSED,
    Firm,
    Somebody,
    alike,
    alike_firms,
    how_sure,
    marks_of,
    plain,
    plain_firm,
    plain_mail,
)

ANOUK = Somebody("Anouk", "Zonneveld", ("anouk@zonneveld.example",), ("+31105550142",), 1, "NL")


def person(first: str = "", last: str = "", mail: str = "", phone: str = "", company: int = 0) -> Somebody:
    return Somebody(first, last, (mail,) if mail else (), (phone,) if phone else (), company)


ONE = [
    (person("Anouk", "Zonneveld", "a.zonneveld@gmail.com", "+31105550142"), "same name and number"),
    (person("A.", "Zonneveld", company=1), "an initial at the same company"),
    (person("Anouk", "Zoneveld", company=1), "a typing error at the same company"),
    (person("Zonneveld", "Anouk", company=1), "names in the wrong fields"),
    (person("Anouk", "Zonneveld", "anouk.zonneveld@zonneveld.example", company=1), "a second address at work"),
    (person("", "", "anouk+fair@zonneveld.example"), "another spelling of the address"),
]
TWO = [
    (person("Piet", "Groen", phone="+31105550142", company=1), "a colleague behind the same switchboard"),
    (person("Anouk", "Zonneveld", "anouk@elsewhere.example", company=2), "somebody of the same name elsewhere"),
    (person("Tom", "Zonneveld", "tom@zonneveld.example", company=1), "a relative at the same company"),
    (person("", "", "info@zonneveld.example", company=1), "the company's general address"),
    (person("Anouk"), "half a name"),
]


@pytest.mark.parametrize(("other", "why"), ONE, ids=[why for _, why in ONE])
def test_one_and_the_same(other: Somebody, why: str) -> None:
    assert alike(ANOUK, other)
    assert marks_of(ANOUK) & marks_of(other)


@pytest.mark.parametrize(("other", "why"), TWO, ids=[why for _, why in TWO])
def test_two(other: Somebody, why: str) -> None:
    assert alike(ANOUK, other) is None


FIRMS = [
    (Firm("Zonneveld Tomaten B.V."), True),
    (Firm("ZONNEVELD TOMATEN", "", "Bleiswijk"), True),
    (Firm("Zonneveld Tomaten", "zonneveld.de"), True),
    (Firm("Zonneveld Deutschland GmbH", "zonneveld.de"), True),
    (Firm("mail.zonneveld.nl", "mail.zonneveld.nl"), True),
    (Firm("Zonneveld Rozen", "rozen.example"), False),
    (Firm("Zonneveld Tomaten", "tomaten.be", "Gent"), False),
]


@pytest.mark.parametrize(("other", "same"), FIRMS)
def test_companies(other: Firm, same: bool) -> None:
    mine = Firm("Zonneveld Tomaten", "zonneveld.nl", "Bleiswijk", "NL")
    assert bool(alike_firms(mine, other)) == same
    assert not same or marks_of(mine) & marks_of(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Müller", "MUELLER"), ("van Dijk", "Van Dyk"), ("Groß", "Gross"), ("José", "Jose")]
)
def test_spellings_of_a_name(one: str, other: str) -> None:
    assert plain(one) == plain(other)


def test_spellings_of_an_address_and_a_firm() -> None:
    assert plain_mail("a.b.c+x@googlemail.com") == plain_mail("abc@gmail.com")
    assert plain_mail("a.b@kasbouw.nl") != plain_mail("ab@kasbouw.nl")
    assert plain_firm("Kasbouw Software B.V.") == plain_firm("KASBOUW SOFTWARE")
    assert plain_firm("B.V.") == "bv"


def test_how_sure_in_words() -> None:
    assert [how_sure(score) for score in (0.95, 0.8, PROPOSED)] == ["certain", "likely", "possible"]


names = st.text("abcdeijnoruvz .'-üé", max_size=12)
anybody = st.builds(
    Somebody,
    names,
    names,
    st.lists(st.sampled_from(["a@x.example", "a+b@x.example", "a.b@gmail.com"]), max_size=2).map(tuple),
    st.lists(st.sampled_from(["+31105550142", "142"]), max_size=1).map(tuple),
    st.integers(0, 2),
    st.sampled_from(["", "NL", "DE"]),
)


@given(one=anybody, other=anybody)
def test_it_is_the_same_both_ways(one: Somebody, other: Somebody) -> None:
    there, back = alike(one, other), alike(other, one)
    assert there == back
    assert there is None or PROPOSED <= there.score < 1


def test_namesakes_at_two_companies_stay_two_until_a_number_says_otherwise():
    """jan.devries@ is at home in many firms; somebody who changed jobs keeps the number."""
    one = Somebody("Jan", "de Vries", ("jan.devries@zonnevelds.example",), company=1)
    other = Somebody("Jan", "de Vries", ("jan.devries@westland.example",), company=2)
    assert alike(one, other) is None
    number = ("+31612345678",)
    same = alike(replace(one, phones=number), replace(other, phones=number))
    assert same is not None
    assert {"same_phone", "other_company"} <= set(same.reasons)
