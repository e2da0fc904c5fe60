"""Whether two are one: by what is the same about them, and what speaks against it.

Two are compared when they share a mark (`marks_of`), never all with all. Each thing that is the same makes it likelier, each
by its own weight; what speaks against it takes a share away. Every score carries its reasons.
Source: docs/algorithms/duplicates.md
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from rapidfuzz.distance import JaroWinkler

from .identity import domain, is_free_mail, registered

PROPOSED = 0.6  # below it, two are left alone
CERTAIN, LIKELY = 0.9, 0.75
CLOSE = 0.92  # Jaro-Winkler of two names that a typing error may separate

Reason = Literal[
    "same_mail", "same_phone", "same_name", "close_name", "same_company", "same_mailbox", "other_name", "other_mail",
    "other_country", "same_firm", "no_domain", "same_label", "same_city", "other_domain",
    "same_domain", "other_company",
]  # fmt: skip
FOR: Mapping[Reason, float] = {
    "same_mail": 0.9, "same_phone": 0.5, "same_name": 0.5, "close_name": 0.35, "same_company": 0.5, "same_mailbox": 0.4,
    "same_firm": 0.5, "no_domain": 0.4, "same_label": 0.5, "same_city": 0.35, "same_domain": 0.8,
}  # fmt: skip
AGAINST: Mapping[Reason, float] = {
    "other_name": 0.8,
    "other_mail": 0.15,
    "other_country": 0.2,
    "other_domain": 0.1,
    "other_company": 0.2,
}

ROLES = frozenset(
    "info sales office contact admin mail hello hallo verkoop inkoop service support kontakt buero".split()
)
LEGAL = frozenset(
    """bv nv vof cv bvba srl sprl sa sas sarl spa gmbh mbh ag kg ohg ug gbr ev eg se co ltd limited plc llc llp inc incorporated corp
    corporation company holding the de het""".split()
)
_WORDS = re.compile(r"[^\W_]+")
_SPELLING = (("ue", "u"), ("oe", "o"), ("ae", "a"), ("ij", "y"))
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})


@dataclass(frozen=True)
class Somebody:
    """A person, as far as it tells them from others. `company` is its number, 0 where we know none."""

    first: str = ""
    last: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    company: int = 0
    country: str = ""


@dataclass(frozen=True)
class Firm:
    """A company, as far as it tells it from others."""

    name: str = ""
    domain: str = ""
    city: str = ""
    country: str = ""


class Alike(NamedTuple):
    """How sure it is that two are one (0..1), and why, what weighs most first."""

    score: float
    reasons: tuple[Reason, ...]


def how_sure(score: float) -> Literal["certain", "likely", "possible"]:
    """A score as people say it."""
    return "certain" if score >= CERTAIN else "likely" if score >= LIKELY else "possible"


def marks_of(who: Somebody | Firm) -> set[str]:
    """What somebody must share with another to be compared with them."""
    return set(_marks(who) if isinstance(who, Somebody) else _marks_of_firm(who))


def alike(one: Somebody, other: Somebody) -> Alike | None:
    """Whether two persons are one; None where too little says so."""
    return _weighed(_same(one, other))


def alike_firms(one: Firm, other: Firm) -> Alike | None:
    """Whether two companies are one; None where too little says so."""
    return _weighed(_same_firm(one, other))


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """A name as spellings of it have it in common: Müller, Mueller and MULLER are one; so are Dijk and Dyk."""
    text = unicodedata.normalize("NFKD", text.casefold())
    text = " ".join(_WORDS.findall("".join(c for c in text if not unicodedata.combining(c))))
    for written, same in _SPELLING:
        text = text.replace(written, same)
    return text


def plain_mail(address: str) -> str:
    """An address as its other spellings reach the same mailbox: without a tag, and at Gmail without dots."""
    local, _, host = address.rpartition("@")
    local = local.partition("+")[0] or local
    return f"{local.replace('.', '')}@gmail.com" if host in _DOTLESS else f"{local}@{host}"


def plain_firm(name: str) -> str:
    """A company's name without its legal form: "Kasbouw Software B.V." and "KASBOUW SOFTWARE" are one."""
    words = plain(name.replace(".", "")).split()
    return " ".join(w for w in words if w not in LEGAL) or " ".join(words)


def _weighed(found: Iterator[Reason]) -> Alike | None:
    """1 - (1 - a)(1 - b)…, and of that what speaks against it leaves."""
    reasons = sorted(set(found), key=lambda r: (r in AGAINST, -FOR.get(r, 0), r))
    doubt, stays = 1.0, 1.0
    for reason in reasons:
        doubt *= 1 - FOR.get(reason, 0)
        stays *= 1 - AGAINST.get(reason, 0)
    score = round((1 - doubt) * stays, 3)
    return Alike(score, tuple(reasons)) if score >= PROPOSED else None


def _same(one: Somebody, other: Somebody) -> Iterator[Reason]:
    mails, theirs = ({plain_mail(e) for e in who.emails} for who in (one, other))
    name = _name(one, other)
    if mails & theirs:
        yield "same_mail"
    if {p for p in one.phones if p.startswith("+")} & set(other.phones):
        yield "same_phone"
    if name:
        yield name
    if one.company and one.company == other.company and name != "other_name":
        yield "same_company"
    if _mailboxes(one) & _mailboxes(other) and not mails & theirs:
        yield "same_mailbox"
    if _at_work(mails) & _at_work(theirs) and not mails & theirs:
        yield "other_mail"
    if one.company and other.company and one.company != other.company:
        yield "other_company"  # anna.smit@ is at home in many firms
    if one.country and other.country and one.country != other.country:
        yield "other_country"


def _name(one: Somebody, other: Somebody) -> Literal["same_name", "close_name", "other_name"] | None:
    """How the names compare; None where one of them has none."""
    mine, theirs = (plain(f"{who.first} {who.last}") for who in (one, other))
    if not mine or not theirs:
        return None
    if " " not in mine or " " not in theirs:  # half a name says little
        return "close_name" if set(mine.split()) & set(theirs.split()) else "other_name"
    if sorted(mine.split()) == sorted(theirs.split()):
        return "same_name"
    return "close_name" if _close(one, other) else "other_name"


def _close(one: Somebody, other: Somebody) -> bool:
    """A typing error, an initial, or names in the wrong fields."""
    firsts, lasts = [plain(one.first), plain(other.first)], [plain(one.last), plain(other.last)]
    same_last = JaroWinkler.similarity(*lasts) >= CLOSE
    initial = min(map(len, firsts)) <= 2 and firsts[0][:1] == firsts[1][:1]
    return same_last and (initial or JaroWinkler.similarity(*firsts) >= CLOSE)


def _same_firm(one: Firm, other: Firm) -> Iterator[Reason]:
    mine, theirs = plain_firm(one.name), plain_firm(other.name)
    labels = [_label(firm.domain) for firm in (one, other)]
    if one.domain and registered(one.domain) == registered(other.domain):
        yield "same_domain"
    elif mine and mine == theirs:
        yield "same_firm"
        if not (one.domain and other.domain):
            yield "no_domain"
    elif JaroWinkler.similarity(mine, theirs) >= CLOSE or _named_by(labels, mine, theirs):
        yield "close_name"
    else:
        yield "other_name"
    if labels[0] and labels[0] == labels[1]:
        yield "same_label"
    elif all(labels):
        yield "other_domain"
    if one.city and plain(one.city) == plain(other.city):
        yield "same_city"
    if one.country and other.country and one.country != other.country and labels[0] != labels[1]:
        yield "other_country"


def _named_by(labels: list[str], *names: str) -> bool:
    """Whether both begin with the name in the domain that they share: kasbouw.nl and kasbouw.de."""
    return bool(labels[0]) and labels[0] == labels[1] and all(name.startswith(plain(labels[0])) for name in names)


def _marks(who: Somebody) -> Iterator[str]:
    yield from (f"mail {plain_mail(e)}" for e in who.emails)
    yield from (f"phone {p}" for p in who.phones if p.startswith("+"))
    name = plain(f"{who.first} {who.last}").split()
    if len(name) > 1:
        yield f"name {' '.join(sorted(name))}"
    if last := plain(who.last):
        yield from (f"bones {_bones(last)} {where}" for where in _where(who))
    yield from (f"box {box}" for box in _mailboxes(who))


def _where(who: Somebody) -> Iterator[str]:
    if who.company:
        yield str(who.company)
    yield from sorted(_at_work(set(who.emails)))


def _marks_of_firm(firm: Firm) -> Iterator[str]:
    if name := plain_firm(firm.name):
        yield f"firm {name}"
        yield f"bones {_bones(name)} {plain(firm.city)}"
    if label := _label(firm.domain):
        yield f"label {label}"


def _bones(word: str) -> str:
    """A word without its vowels and doubles, which typing errors hit most: jansen, janssen and jansn are one."""
    rest = re.sub(r"[aeiouy ]", "", word[1:])
    return word[0] + re.sub(r"(.)\1+", r"\1", rest)


def _mailboxes(who: Somebody) -> set[str]:
    """What stands before the @, where it is long enough to be somebody's name."""
    boxes = {re.sub(r"[^a-z]", "", e.partition("@")[0].partition("+")[0]) for e in who.emails}
    return {box for box in boxes if len(box) >= 6 and box not in ROLES}


def _at_work(mails: set[str]) -> set[str]:
    return {domain(mail) for mail in mails if not is_free_mail(mail)}


def _label(host: str) -> str:
    """The name in a domain: kasbouw of kasbouw.nl and kasbouw.co.uk; "" for one of three letters or less."""
    label = registered(host).partition(".")[0]
    return label if len(label) > 3 else ""
