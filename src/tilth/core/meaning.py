"""What an event means on the sales floor: which touch it is, where it came from, whom it tells us about.

The tables here are the whole dictionary: a new word is one line in one of them.
Source: docs/algorithms/ingest.md
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from . import contacts, countries
from .delivery import Event, email_of, name_of, words
from .terms import TOUCH_KINDS
from .whose import Says, Use

# What clients call it, in lower case without punctuation -> the kind of touch.
KINDS = {
    "form": "form", "form submitted": "form", "form submit": "form", "form completed": "form",
    "demo requested": "form", "quote requested": "form", "contact requested": "form", "lead submitted": "form",
    "download": "download", "content downloaded": "download", "file downloaded": "download",
    "whitepaper downloaded": "download", "asset downloaded": "download",
    "subscribe": "subscribe", "subscribed": "subscribe", "newsletter subscribed": "subscribe",
    "unsubscribe": "unsubscribe", "unsubscribed": "unsubscribe",
    "email opened": "mail_open", "email clicked": "mail_click", "email link clicked": "mail_click",
    "email replied": "mail_reply",
    "webinar": "webinar", "webinar attended": "webinar", "event attended": "event",
    "chat": "chat", "chat started": "chat", "live chat conversation started": "chat",
}  # fmt: skip

# Kinds that somebody makes by giving their details: their properties tell who it is.
GIVES_DETAILS = frozenset({"form", "download", "subscribe", "webinar", "event", "chat"})
CONSENTS = {"Consent Given": "given", "Consent Withdrawn": "withdrawn"}
PURPOSES = ("mail", "phone", "tracking")
OFFERS = ("offer", "form", "form_id", "formId", "form_name", "formName", "asset", "content", "webinar", "file")

# Marks that advertising platforms put on links by themselves -> (source, medium).
CLICK_IDS = {
    "gclid": ("google", "cpc"), "gbraid": ("google", "cpc"), "wbraid": ("google", "cpc"),
    "msclkid": ("bing", "cpc"), "li_fat_id": ("linkedin", "cpc"),
}  # fmt: skip

# Traits in lower case without punctuation -> our attribute.
PERSON = {
    "firstname": "first_name", "givenname": "first_name", "lastname": "last_name", "surname": "last_name",
    "familyname": "last_name", "title": "title", "jobtitle": "title", "position": "title",
    "country": "country", "language": "language", "locale": "language",
}  # fmt: skip
COMPANY = {
    "name": "name", "companyname": "name", "industry": "industry", "employees": "employees",
    "employeecount": "employees", "companysize": "employees", "country": "country", "city": "city",
}  # fmt: skip
READ_APART = frozenset(
    {
        "email",
        "phone",
        "name",
        "company",
        "companyname",
        "organization",
        "organisation",
        "address",
        "website",
        "domain",
        "id",
    }
)
NEVER_KEPT = re.compile(r"pass(word|wd)|secret|token|credit|card|iban|ssn|bsn", re.IGNORECASE)


@dataclass(frozen=True)
class CameFrom:
    """Source, medium and campaign as they were written; "" where nobody said."""

    source: str = ""
    medium: str = ""
    campaign: str = ""


NOWHERE = CameFrom()


@dataclass
class Card:
    """What an event tells about a person and their company: attribute to value, never an empty value."""

    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    person: dict[str, Any] = field(default_factory=dict)
    company: dict[str, Any] = field(default_factory=dict)
    company_id: str = ""
    domain: str = ""


@dataclass(frozen=True)
class Agreed:
    """What somebody agreed to, or withdrew: act ("given", "withdrawn"), purpose, the text that they read, and where."""

    act: str
    purpose: str
    text: str
    page: str


def kept(properties: Mapping[str, Any]) -> dict[str, Any]:
    """What was told of an event, without what looks like a secret: passwords, tokens, numbers of cards."""
    return {
        name: kept(value) if isinstance(value, dict) else value
        for name, value in properties.items()
        if not _is_secret(name)
    }


@lru_cache(maxsize=5_000)
def _is_secret(name: str) -> bool:
    return bool(NEVER_KEPT.search(name))


def uses(event: Event, person: int = 0) -> list[Use]:
    """The ways in which an event names somebody; the first is under which it was done.

    person    whom the link vouches for by which they came; 0: none
    """
    browser, user, address = event.anonymous_id, event.user_id, email_of(event)
    if event.type == "alias":
        renamed = Use(event.previous_id, user, says=Says.ALIAS)
        return (
            [renamed]
            if event.previous_id != user and not browser
            else _both(Use(browser, user, says=Says.WHO), renamed)
        )
    if event.type == "group":
        address = _own_address(event)
    elif user and event.type != "identify" and kind(event) not in GIVES_DETAILS:
        address = _own_address(event)  # one among the properties may be somebody else's: an invitation
    explains = bool(address) or (event.type in ("identify", "group") and bool(user))
    named = Use(browser, user, address, Says.WHO if explains else Says.NOTHING)
    vouched = [Use(browser, says=Says.VOUCHED, person=person)] if person and browser else []
    return [*vouched, named] if vouched and not named.named else [named, *vouched]


def link(event: Event) -> str:
    """The personal link by which somebody came, as a token; "" without one."""
    return words(event.context.get("link"))[:200]


def consents(event: Event) -> bool:
    """Whether somebody agreed to something, or withdrew it."""
    return event.type == "track" and event.name in CONSENTS


def consent(event: Event) -> Agreed:
    """What somebody agreed to, or withdrew; recognition on our websites where no purpose is named that we know."""
    told = event.properties
    purpose = words(told.get("purpose"))
    return Agreed(
        CONSENTS[event.name], purpose if purpose in PURPOSES else "tracking", words(told.get("text"))[:20_000],
        words(told.get("page")) or url(event),
    )  # fmt: skip


def kind(event: Event) -> str:
    """Which of agreement.TOUCH_KINDS a track, page or screen event is."""
    if event.type in ("page", "screen"):
        return "page"
    asked = words(event.properties.get("kind"))
    if asked in TOUCH_KINDS:
        return asked
    name = _spoken(event.name)
    return KINDS.get(name) or contacts.kind(name, event.properties) or "track"


@lru_cache(maxsize=5_000)
def _spoken(name: str) -> str:
    """The name of an event in small letters, without punctuation."""
    return " ".join(re.findall(r"[a-z0-9]+", name.lower().replace("e-mail", "email")))


def offer(event: Event, kind: str) -> str:
    """The offer that was taken up: `offer` on any event, the form or file where details were given."""
    keys = OFFERS if kind in GIVES_DETAILS else OFFERS[:1]
    return next(filter(None, (words(event.properties.get(k)) for k in keys)), "")


def url(event: Event) -> str:
    """The web address of the page; "" when there is none, or something else than http."""
    address = words(event.properties.get("url")) or words(_part(event.context, "page").get("url"))
    return address if address[:8].lower().startswith(("https://", "http://")) else ""


def came_from(event: Event) -> CameFrom:
    """The campaign that the client named, else the one in the page's address, else an advertiser's mark."""
    named = _part(event.context, "campaign")
    found = CameFrom(*(words(named.get(k)) for k in ("source", "medium", "name"))) if named else NOWHERE
    if found != NOWHERE:
        return found
    query = _query(event)
    found = CameFrom(*(query.get(k, "") for k in ("utm_source", "utm_medium", "utm_campaign"))) if query else NOWHERE
    if found != NOWHERE or not (query or named):
        return found
    return CameFrom(*next((CLICK_IDS[k] for k in CLICK_IDS if query.get(k) or words(named.get(k))), ("", "")))


def card(event: Event) -> Card:
    """Whom the event tells of: traits of identify and group, the fields of a form, else an address at most."""
    if event.type == "group":
        return _of_company(event)
    email = email_of(event)
    emails = [email] if email else []
    if event.type == "identify":
        return _of_person(dict(_part(event.context, "traits")) | dict(event.traits), emails, keep_all=True)
    if kind(event) in GIVES_DETAILS:
        return _of_person(event.properties, emails, keep_all=False)
    return Card(emails=emails)


def _both(named: Use, renamed: Use) -> list[Use]:
    return [named, renamed] if renamed.browser not in (named.user, named.browser) else [named]


def _of_person(traits: Mapping[str, Any], emails: list[str], keep_all: bool) -> Card:
    told = {_plain(k): v for k, v in traits.items()}
    out = Card(emails=emails, domain=words(told.get("website")))
    out.phones = [p for p in (words(told.get("phone")),) if p]
    first, _, last = words(told.get("name")).partition(" ")
    out.person = {k: v for k, v in (("first_name", first), ("last_name", last.strip())) if v}
    address = told.get("address")
    if isinstance(address, dict) and (country := words(address.get("country"))):
        out.person["country"] = country
    out.person |= {PERSON[k]: words(v) for k, v in told.items() if k in PERSON and words(v)}
    if "country" in out.person:
        out.person["country"] = countries.code(out.person["country"]) or out.person["country"]
    if "language" in out.person:
        out.person["language"] = out.person["language"].replace("_", "-")[:8]
    if keep_all:
        out.person |= dict(_rest(traits, PERSON))
    firm = told.get("company") or told.get("companyname") or told.get("organization") or told.get("organisation")
    if isinstance(firm, dict):
        plain = {_plain(k): v for k, v in firm.items()}
        out.company, out.company_id = _attributes(plain, COMPANY), name_of(plain.get("id"))
    elif name := words(firm):
        out.company = {"name": name}
    return out


def _of_company(event: Event) -> Card:
    told = {_plain(k): v for k, v in event.traits.items()}
    out = Card(emails=list(filter(None, [_own_address(event)])), company_id=event.group_id)
    address = told.get("address")
    if isinstance(address, dict):
        out.company = {k: words(address.get(k)) for k in ("country", "city") if words(address.get(k))}
    out.company |= _attributes(told, COMPANY) | dict(_rest(event.traits, COMPANY))
    out.domain = words(told.get("domain")) or words(told.get("website"))
    return out


def _own_address(event: Event) -> str:
    """The person's address beside a group: the group's own traits may hold the firm's."""
    return email_of(Event(0, "track", "", event.at, user_id=event.user_id, context=event.context))


def _attributes(told: Mapping[str, Any], table: Mapping[str, str]) -> dict[str, Any]:
    return {table[k]: words(v) for k, v in told.items() if k in table and words(v)}


def _rest(traits: Mapping[str, Any], table: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Traits with names of their own: single values, no secrets; at most 100."""
    names = [k for k in traits if _plain(k) not in table and _plain(k) not in READ_APART and not NEVER_KEPT.search(k)]
    for name in names[:100]:
        value = traits[name]
        if isinstance(value, bool | int | float) or (isinstance(value, str) and 0 < len(value) <= 1_000):
            yield name[:60], value


def _query(event: Event) -> dict[str, str]:
    page = _part(event.context, "page")
    return _asked(url(event), words(page.get("search")) or words(event.properties.get("search")))


@lru_cache(maxsize=5_000)
def _asked(address: str, search: str) -> dict[str, str]:
    try:
        asked = urlsplit(address).query if "?" in address else ""
    except ValueError:
        asked = ""
    return {k.lower(): v.strip() for k, v in parse_qsl(asked or search.lstrip("?"), max_num_fields=None)[:100]}


def _part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = value.get(name)
    return part if isinstance(part, dict) else {}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
