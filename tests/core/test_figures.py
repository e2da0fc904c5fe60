"""Numbers, money and yes/no as people write them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core import figures
from tilth.core.figures import Decimals, Unreadable, money, number, yes

amounts = st.integers(-(10**14), 10**14)


def _written(minor: int, group: str, mark: str) -> str:
    whole, cents = divmod(abs(minor), 100)
    return ("-" if minor < 0 else "") + f"{whole:,}".replace(",", group) + f"{mark}{cents:02}"


@given(
    amounts, st.sampled_from([(".", ","), (",", "."), (" ", ","), ("'", "."), ("", "."), ("", ","), ("\u00a0", ",")])
)
def test_an_amount_is_read_back_as_it_was_written(minor: int, marks: tuple[str, str]) -> None:
    assert money(_written(minor, *marks), "EUR", marks[1]) == minor


@given(st.lists(amounts, min_size=1, max_size=20), st.sampled_from([(".", ","), (",", ".")]))
def test_a_column_that_proves_its_decimal_mark_is_read_with_it(column: list[int], marks: tuple[str, str]) -> None:
    seen = Decimals()
    texts = [_written(minor, *marks) for minor in column]
    for text in texts:
        seen.see(text)
    assert [money(text, "EUR", seen.mark) for text in texts] == column


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1.000.000,00", 100_000_000), ("1,000,000.00", 100_000_000), ("€ 1.234,–", 123_400), ("€ 1.234,-", 123_400),
        ("-12,5", -1_250), ("(1.200,00)", -120_000), ("12-", -1_200), ("€ -5", -500), ("-€ 5", -500), ("5 EUR", 500),
        ("1 234,56", 123_456), ("1\u00a0234,56", 123_456), ("1\u202f234,56", 123_456), ("1e6", 100_000_000), ("1.5E+06", 150_000_000), (".5", 50),
        ("5.", 500), ("12,34,567.89", 123_456_789), ("0.125", 13), ("1.054,005", 105_401),
    ],
)  # fmt: skip
def test_amounts_are_read_in_the_forms_that_files_have(text: str, minor: int) -> None:
    assert money(text, "EUR") == minor


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "inf",
        "-Infinity",
        "1e30",
        "1e999",
        "9" * 50,
        "",
        "-",
        "abc",
        "1,5 million",
        "12.34.56",
        "1,2,3",
        "--5",
        "(5",
        "0x10",
        "1_",
        "5%",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        money(text, "EUR")


def test_an_amount_in_another_currency_is_refused() -> None:
    assert money("$ 5", "USD") == money("$5", "CAD") == money("5 USD", "USD") == 500
    for text in ("$ 5", "USD 5", "5 GBP", "kr. 5"):
        with pytest.raises(Unreadable, match="is not in EUR"):
            money(text, "EUR")


def test_currencies_have_their_own_number_of_digits() -> None:
    assert money("1,234", "JPY") == 1_234
    assert money("1.234", "KWD", ".") == 1_234


def test_three_digits_behind_one_mark_are_thousands_until_the_column_says_otherwise() -> None:
    assert number("1.234") == number("1,234") == 1_234
    assert number("1.234", ".") == Decimal("1.234")
    assert number("1.234", ",") == 1_234


def test_a_column_that_contradicts_itself_refuses_only_what_can_be_read_in_two_ways() -> None:
    seen = Decimals()
    for text in ("1.000.000,00", "1,000,000.00"):
        seen.see(text)
    assert seen.mixed
    assert seen.mark == ""
    assert money("1.000.000,00", "EUR", mixed=True) == money("1,000,000.00", "EUR", mixed=True) == 100_000_000
    with pytest.raises(Unreadable, match="two ways"):
        money("1.000", "EUR", mixed=True)


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_numbers(text: str) -> None:
    try:
        assert number(text).is_finite()
    except Unreadable:
        pass


def test_yes_and_no_are_read_as_words_and_as_floats() -> None:
    assert all(map(yes, ["True", "1", "1.0", "ja", "WAHR", "x", " yes "]))
    assert not any(map(yes, ["False", "0", "0.0", "nee", "falsch"]))
    with pytest.raises(Unreadable):
        yes("2.0")


def test_unknown_is_a_value_and_nan_is_none() -> None:
    assert all(map(figures.missing, ["", "  ", "NaN", "null", "N/A", "\\N"]))
    assert not any(map(figures.missing, ["unknown", "0", "none of them", "Null", "-"]))
