"""How numbers, shares and money are said, in the language of who reads."""

from decimal import Decimal

from babel import Locale
from babel.numbers import (
    format_compact_currency,
    format_decimal,
    format_percent,
    format_scientific,
    get_currency_precision,
)
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tilth.core import saying

LARGEST = 10**15  # above that nobody counts digits


def money(minor: int | float | None, currency: str, cents: bool = False) -> str:
    """Minor units as money; whole units unless `cents`. Nothing for None."""
    if minor is None:
        return ""
    return saying.money(minor, currency, get_language() or "en", cents)


def compact(minor: int | float, currency: str) -> str:
    """Money in short, for axes and labels: €2.5M, €800K."""
    amount = Decimal(round(minor)).scaleb(-get_currency_precision(currency))
    return format_compact_currency(amount, currency, fraction_digits=1, locale=_locale()).replace("-", "−")


def number(value: float | None, decimals: int = 0) -> str:
    if value is None:
        return ""
    if abs(value) >= LARGEST:
        return format_scientific(value, format="0.###E0", locale=_locale()).replace("-", "−")
    places = "." + "0" * decimals if decimals else ""
    return format_decimal(value, format=f"#,##0{places}", locale=_locale()).replace("-", "−")


def percent(share: float | None, decimals: int = 0) -> str:
    """A fraction 0..1 as a percentage."""
    if share is None:
        return ""
    places = "." + "0" * decimals if decimals else ""
    pattern = _locale().percent_formats[None].pattern.replace("0%", f"0{places}%").replace("0\xa0%", f"0{places}\xa0%")
    return format_percent(share, format=pattern, locale=_locale())


def points(difference: float) -> str:
    """The difference of two shares, in points of a percent: "+12 pp"."""
    whole = round(difference * 100)
    return _("%(n)s pp") % {"n": f"{'+' if whole > 0 else '−' if whole < 0 else ''}{abs(whole)}"}


def _locale() -> Locale:
    return saying.locale(get_language() or "en")
