"""Money as each language says it."""

import pytest

from tilth.core.saying import money


@pytest.mark.parametrize(
    ("language", "said"), [("en", "€9,120"), ("nl", "€ 9.120"), ("de", "9.120 €"), ("xx", "€9,120")]
)
def test_money_follows_the_language(language, said):
    assert money(912_000, "EUR", language).replace("\xa0", " ") == said


def test_cents_only_where_sums_must_prove_themselves():
    assert money(912_050, "EUR", "en", cents=True) == "€9,120.50"


def test_a_currency_without_cents_and_a_loss():
    assert money(-5000, "JPY", "en") == "−¥5,000"
