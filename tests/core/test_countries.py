"""Countries by the names that people write."""

import pytest

from tilth.core.countries import code


@pytest.mark.parametrize(
    "text", ["NL", "nl", "Nederland", "netherlands", "The Netherlands", "Niederlande", "Pays-Bas", " Holland "]
)
def test_one_country_in_four_languages(text: str) -> None:
    assert code(text) == "NL"


@pytest.mark.parametrize(
    ("text", "known"), [("Österreich", "AT"), ("United States", "US"), ("UK", "GB"), ("Russia", "RU")]
)
def test_other_countries_by_their_usual_names(text: str, known: str) -> None:
    assert code(text) == known


@pytest.mark.parametrize("text", ["", "Wonderland", "EU", "ZZ", "N"])
def test_what_is_no_country_has_no_code(text: str) -> None:
    assert code(text) == ""
