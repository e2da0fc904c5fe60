"""Numbers, money and yes/no as people write them, read exactly or refused with a reason.

A decimal mark is a property of a whole column: `marks` says what one text allows, `Decimals` adds
that up, `number` and `money` read with the outcome.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

LARGEST = 10**15  # minor units: beyond this it is a typing error
DIGITS = {"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3} | dict.fromkeys(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0
)
MISSING = frozenset(("", "NaN", "nan", "NAN", "NaT", "NULL", "null", "N/A", "n/a", "#N/A", "<NA>", "\\N"))
YES = frozenset("true yes y t 1 1.0 1,0 ja j wahr waar oui x".split())
NO = frozenset("false no n f 0 0.0 0,0 nee nein falsch onwaar non".split())
_SIGNS = {"€": ("EUR",), "£": ("GBP",), "R$": ("BRL",), "zł": ("PLN",), "Kč": ("CZK",), "Ft": ("HUF",), "₹": ("INR",)} | {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"), "¥": ("JPY", "CNY"), "Fr.": ("CHF",), "kr.": ("DKK", "NOK", "SEK", "ISK"),
    "kr": ("DKK", "NOK", "SEK", "ISK"), "US$": ("USD",), "CA$": ("CAD",), "A$": ("AUD",),
}  # fmt: skip
_UNIT = r"(?:[A-Z]{3}|" + "|".join(re.escape(s) for s in sorted(_SIGNS, key=len, reverse=True)) + ")"
_MONEY = re.compile(rf"([-−+(]?)\s*({_UNIT})?\s*([^A-Za-z€£$¥₹]*?(?:[eE][+-]?\d+)?)\s*({_UNIT})?\s*([)-]?)")
_SPACES = str.maketrans("", "", " \t\u00a0\u202f\u2009'’")
_LONGEST = 60
_PLAIN = re.compile(r"\d+(?:[.,]\d*)?|[.,]\d+")
_GROUPED = re.compile(r"(\d{1,3}(?:\.\d{3})+(?:,\d*)?)|(\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d*)?)")
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_EXPONENT = re.compile(r"([+-]?\d+(?:[.,]\d+)?)[eE]([+-]?\d{1,3})")


class Unreadable(ValueError):
    """A text that is not what its column says; the message quotes it and says what was expected."""


def missing(text: str) -> bool:
    """Whether a cell says nothing: empty, or a program's word for empty. "unknown" is a value."""
    return text.strip() in MISSING


def yes(text: str) -> bool:
    """Yes or no, in English, Dutch, German or French, or as 1, 0, 1.0, 0.0.

    raises     Unreadable
    """
    word = text.strip().casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise Unreadable(f"“{text.strip()[:60]}” is neither yes nor no")


@dataclass
class Decimals:
    """What the texts of a column say about its decimal mark."""

    point: int = 0
    comma: int = 0

    def see(self, text: str) -> None:
        mark = marks(text)
        self.point += mark == "."
        self.comma += mark == ","

    @property
    def mark(self) -> str:
        """ "." or "," when all that speak agree; "" when none speaks or they contradict each other."""
        if bool(self.point) == bool(self.comma):
            return ""
        return "." if self.point else ","

    @property
    def mixed(self) -> bool:
        return bool(self.point and self.comma)


def marks(text: str) -> str:
    """The decimal mark that one text proves: "." or ","; "" when it proves nothing ("1.000", "12")."""
    body = _parts(text)[0]
    if _AMBIGUOUS.fullmatch(body) or not ("." in body or "," in body):
        return ""
    if "." in body and "," in body:
        return max(".,", key=body.rindex)
    mark = "." if "." in body else ","
    if body.count(mark) == 1:
        return mark
    return "," if mark == "." else "."


def number(text: str, mark: str = "", mixed: bool = False) -> Decimal:
    """The number that a text stands for; a currency beside it is passed over.

    mark     the column's decimal mark; "" when not known, and then "1.234" is read as grouped: 1234
    mixed    the column contradicts itself, so a text that proves nothing is refused
    raises   Unreadable; NaN and infinity are no numbers
    """
    body, negative, _unit = _parts(text)
    if found := _EXPONENT.fullmatch(body):
        plain: str | None = f"{found[1].replace(',', '.')}e{found[2]}"
    elif mixed and _AMBIGUOUS.fullmatch(body):
        raise Unreadable(f"“{text.strip()}” can be read in two ways, and this column uses both")
    else:
        plain = _ungrouped(body, marks(text) or mark)
    if plain is None:
        raise Unreadable(f"“{text.strip()[:_LONGEST]}” is not a number")
    return -Decimal(plain) if negative else Decimal(plain)


def money(text: str, currency: str, mark: str = "", mixed: bool = False) -> int:
    """An amount in minor units of `currency`, halves rounded away from zero: "€ 1.234,50" -> 123450.

    raises   Unreadable, also when beyond ±10¹⁵ minor units or written in another currency
    """
    value = number(text, mark, mixed).scaleb(DIGITS.get(currency, 2))
    unit = _parts(text)[2]
    if unit and currency not in _SIGNS.get(unit, (unit,)):
        raise Unreadable(f"“{text.strip()}” is not in {currency}")
    if abs(value) > LARGEST:
        raise Unreadable(f"“{text.strip()}” is out of range: more than ten trillion")
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def _parts(text: str) -> tuple[str, bool, str]:
    """Digits and marks alone; whether a minus or accountants' brackets made it negative; the currency."""
    found = _MONEY.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if not found or (found[2] and found[4]):
        return "", False, ""
    before, unit, body, unit_after, after = found.groups(default="")
    body = body.translate(_SPACES).replace("−", "-")
    for dashes in (",-", ",–", ",—", ".-", ".–", ".—"):
        body = body.removesuffix(dashes)
    signs = (
        (before in ("-", "−"))
        + body.startswith("-")
        + (before == "(" and after == ")")
        + (after == "-" and body[-1:].isdigit())
    )
    if signs > 1 or (before == "(") != (after == ")"):
        return "", False, ""
    return body.removeprefix("-").removeprefix("+").rstrip(",."), bool(signs), unit or unit_after


def _ungrouped(body: str, mark: str) -> str | None:
    """A plain decimal with a point; None when the digits are not grouped as numbers are."""
    if not mark and _AMBIGUOUS.fullmatch(body):
        return body.replace(".", "").replace(",", "")
    if _PLAIN.fullmatch(body) and (not mark or mark in body or not ("." in body or "," in body)):
        return body.replace(",", ".")
    found = _GROUPED.fullmatch(body)
    if not found:
        return None
    comma = bool(found[1])
    if mark and (mark == ",") != comma:
        return None
    return body.replace(".", "").replace(",", ".") if comma else body.replace(",", "")
