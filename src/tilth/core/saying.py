"""How a language says money, for pages and for what is sent."""

from decimal import Decimal
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, get_currency_precision


@cache
def locale(language: str) -> Locale:
    """The locale of a language code such as "nl" or "en-gb"; English when nobody knows it."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def money(minor: int | float, currency: str, language: str, cents: bool = False) -> str:
    """Minor units as money: €9,120 · € 9.120 · 9.120 €; whole units unless `cents`."""
    amount, here = Decimal(round(minor)).scaleb(-get_currency_precision(currency)), locale(language)
    pattern = here.currency_formats["standard"].pattern
    whole = None if cents else ";".join(p.replace(".00", "") for p in pattern.split(";"))
    return format_currency(amount, currency, format=whole, locale=here, currency_digits=cents).replace("-", "−")
