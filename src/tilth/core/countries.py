"""Countries by the names that people write, in English, Dutch, German and French."""

import unicodedata
from functools import lru_cache

from babel import Locale

LANGUAGES = ("en", "nl", "de", "fr")
NO_COUNTRIES = frozenset(("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"))
ALSO = {
    "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "great britain": "GB", "usa": "US", "u.s.a.": "US", "u.s.": "US",
    "united states of america": "US", "holland": "NL", "the netherlands": "NL", "czech republic": "CZ", "korea": "KR",
    "south korea": "KR", "russia": "RU", "turkey": "TR", "vietnam": "VN", "deutschland": "DE", "philipines": "PH",
}  # fmt: skip


@lru_cache(maxsize=4_096)
def code(text: str) -> str:
    """The two-letter code of a country: "Nederland", "nl" and "Pays-Bas" are NL; "" when it is none."""
    key = _folded(text)
    upper = key.upper()
    if len(upper) == 2 and upper in _codes():
        return upper
    return ALSO.get(key) or _names().get(key, "")


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    territories = (str(k) for k in Locale.parse("en").territories)
    return frozenset(k for k in territories if len(k) == 2 and k.isalpha()) - NO_COUNTRIES


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in LANGUAGES:
        for key, name in Locale.parse(language).territories.items():
            if str(key) in _codes():
                names.setdefault(_folded(str(name)), str(key))
    return names


def _folded(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text.strip().casefold())
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).replace("-", " ").split())
