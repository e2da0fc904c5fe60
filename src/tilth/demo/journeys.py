"""What people do on Kasbouw's site, as the events that a Segment client would send."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from .market import Lead

SITE = "https://www.kasbouw.example"
SOURCES = (
    ("google", "organic", "", 30), ("google", "cpc", "night-heating", 18), ("linkedin", "social", "energy-webinar", 16),
    ("newsletter", "email", "spring-mail", 10), ("", "", "", 14), ("hortidaily.example", "referral", "", 8),
    ("fair-gorinchem", "event", "fair-gorinchem", 4),
)  # fmt: skip
PAGES = ("/", "/climate", "/energy", "/customers", "/labour", "/integrations")
KINDS = (("demo", 9), ("quote", 4), ("contact", 4), ("webinar", 22), ("ebook", 44), ("newsletter", 17))
WEBINAR = "Webinar: energy in the greenhouse"
EBOOKS = ("The 24-hour temperature", "LED light in practice", "Payback of energy screens")


def journey(lead: Lead, start: datetime, random: Random) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """Events of one person with their moments, in order: they come, look round, leave details, come back."""
    source, medium, campaign, _ = random.choices(SOURCES, [s[3] for s in SOURCES])[0]
    utm = {k: v for k, v in {"source": source, "medium": medium, "name": campaign}.items() if v}
    kind = random.choices([k for k, _ in KINDS], [w for _, w in KINDS])[0]
    at = start
    for _ in range(random.randint(1, 4)):
        yield at, page(lead, random.choice(PAGES), utm)
        at += timedelta(minutes=random.uniform(0.5, 6))
    if kind in ("demo", "quote"):
        yield at, page(lead, "/prices", utm)
        at += timedelta(minutes=random.uniform(1, 8))
    yield at, identify(lead, random, full=kind not in ("ebook", "newsletter"))
    yield at + timedelta(seconds=1), converts(lead, kind, utm, random)
    yield from _comes_back(lead, kind, at, random)


def scanned(lead: Lead, at: datetime) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """What the mail filter of their firm does with a newsletter: it follows every link, one a second."""
    mail = {"source": "newsletter", "medium": "email", "name": "spring-mail"}
    for n, path in enumerate(PAGES):
        told = {"campaign": "filtered", "url": f"{SITE}{path}"}
        yield at + timedelta(seconds=n), track(lead, "Email Link Clicked", told, mail)


def _comes_back(lead: Lead, kind: str, at: datetime, random: Random) -> Iterator[tuple[datetime, dict[str, Any]]]:
    warm = random.random()
    for _ in range(random.choices((0, 1, 2, 4), (4, 3, 2, 1))[0]):
        at += timedelta(days=random.expovariate(1 / 6), hours=random.uniform(0, 9))
        mail = {"source": "newsletter", "medium": "email", "name": "spring-mail"}
        yield at, track(lead, "Email Clicked", {"campaign": "spring-mail"}, mail)
        yield at + timedelta(seconds=20), page(lead, random.choice(PAGES), mail)
        if warm > 0.55:
            yield at + timedelta(minutes=4), page(lead, "/prices", mail)
    if kind in ("ebook", "webinar") and warm > 0.8:
        at += timedelta(days=random.uniform(1, 12))
        yield at, page(lead, "/prices", {})
        yield at + timedelta(minutes=3), identify(lead, random, full=random.random() < 0.8)
        yield at + timedelta(minutes=3, seconds=1), converts(lead, random.choice(("demo", "quote")), {}, random)


def page(lead: Lead, path: str, utm: dict[str, str]) -> dict[str, Any]:
    url = f"{SITE}{path}"
    context = {"page": {"url": url, "path": path}} | ({"campaign": utm} if utm else {})
    return {"type": "page", "anonymousId": lead.key, "properties": {"url": url}, "context": context}


def identify(lead: Lead, random: Random, full: bool) -> dict[str, Any]:
    """What the person fills in. The short form asks for a name and an address only."""
    traits: dict[str, Any] = {"email": lead.email, "firstName": lead.first, "lastName": lead.last}
    if full:
        traits["title"] = lead.title
        if random.random() < 0.93:
            traits["phone"] = lead.phone
    if firm := lead.firm:
        traits["company"] = {"name": firm.name, "industry": firm.industry, "employee_count": firm.employees}
        traits["address"] = {"country": firm.country, "city": firm.city}
    return {"type": "identify", "anonymousId": lead.key, "userId": lead.email, "traits": traits}


def converts(lead: Lead, kind: str, utm: dict[str, str], random: Random) -> dict[str, Any]:
    if kind == "ebook":
        return track(lead, "Content Downloaded", {"offer": random.choice(EBOOKS)}, utm)
    if kind == "webinar":
        return track(lead, "Webinar Attended", {"offer": WEBINAR}, utm)
    if kind == "newsletter":
        return track(lead, "Subscribed", {"offer": "newsletter"}, utm)
    return track(lead, "Form Submitted", {"offer": kind}, utm)


def track(lead: Lead, event: str, properties: dict[str, Any], utm: dict[str, str]) -> dict[str, Any]:
    context = {"campaign": utm} if utm else {}
    return {
        "type": "track",
        "anonymousId": lead.key,
        "userId": lead.email,
        "event": event,
        "properties": properties,
        "context": context,
    }
