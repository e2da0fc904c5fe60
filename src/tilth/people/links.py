"""Personal links: a mail's links know whose they are, so that a click says who came.

Reads   Link, Telltale (which websites are ours)
Writes  Link

A token is the number of its row, signed: nobody can make one, nothing about a person can be read in it, and it leads
only where it was made to lead. Source: docs/algorithms/evidence.md
"""

import re
from collections.abc import Iterable
from html import escape, unescape
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.signing import BadSignature, Signer, b62_decode, b62_encode

from .models import Link, Person, Telltale

RECOGNISED_BY = "tilth"  # the parameter by which a page of ours is told whose link was followed
LONGEST = 2_000


class NoWebAddress(ValueError):
    """Only what begins with http:// or https:// can be a personal link."""


def token(person: Person, url: str, mail: str = "", hidden: bool = False) -> str:
    """What stands in a link that is this person's own; the same for the same link.

    mail       which mail it stands in, by the key that its sender gave it: its links are judged together
    hidden     no reader sees it
    raises     NoWebAddress
    """
    if not (url.lower().startswith(("https://", "http://")) and len(url) <= LONGEST):
        raise NoWebAddress(f"{url[:80]!r} is no address of a page. Write it whole, beginning with https://.")
    same = {"person": person, "url": url, "mail": mail[:120], "hidden": hidden}
    row = Link.objects.filter(**same).order_by("pk").first() or Link.objects.create(**same)
    return _signer().sign(b62_encode(row.pk))


def opened(token: str) -> Link | None:
    """The link that a token opens; None for one that we did not make, or whose person is gone."""
    number = _number(token)
    return Link.objects.select_related("person").filter(pk=number).first() if number else None


def person_of(token: str) -> int | None:
    """Whose link it is; None for a token that we did not make, and for a link that no reader sees."""
    return persons_of([token]).get(token)


def persons_of(tokens: Iterable[str]) -> dict[str, int]:
    """Whose these links are, by token; those that say nothing are left out."""
    numbers = {token: number for token in tokens if (number := _number(token))}
    owners = dict(Link.objects.filter(pk__in=numbers.values(), hidden=False).values_list("pk", "person_id"))
    return {token: owners[number] for token, number in numbers.items() if number in owners}


def leads_to(link: Link, token: str) -> str:
    """Where a click goes on to: the address that was signed; on a website of ours with the token, to be recognised."""
    if link.hidden or not is_ours(link.url):
        return link.url
    parts = urlsplit(link.url)
    query = "&".join(filter(None, [parts.query, f"{RECOGNISED_BY}={token}"]))
    return urlunsplit(parts._replace(query=query))


def personal(body: str, person: Person, mail: str, house: str = "") -> str:
    """A mail, as text or as HTML, with its links made this person's own.

    mail     the key of the mail, the same for all who get it
    house    under which address Tilth is reached; the installation's own when not given. Links that lead to Tilth
             itself stay as they are: each of them is somebody's already
    returns  HTML has one link more, which no reader sees: who follows it is a machine
    """
    house = house or settings.ADDRESS
    first: list[str] = []

    def own(url: str) -> str:
        if len(url) > LONGEST or f"{url}/".startswith(f"{house}/"):
            return url
        first.append(url)
        return f"{house}/l/{token(person, url, mail)}"

    if not _HTML.search(body):
        return _IN_TEXT.sub(lambda found: own(found[0]), body)
    body = _IN_HTML.sub(lambda found: f'{found[1]}"{escape(own(unescape(found[2]).strip()))}"', body)
    if not first:
        return body
    trap = f"{house}/l/{token(person, first[0], mail, hidden=True)}"
    ends = [found.end() for found in _LINK_ENDS.finditer(body)]
    middle = ends[len(ends) // 2] if ends else len(body)  # who follows every link finds it on the way
    return f'{body[:middle]}<a href="{escape(trap)}" hidden aria-hidden="true" tabindex="-1"></a>{body[middle:]}'


_HTML = re.compile(r"<(?:html|body|p|div|table|a|br)\b", re.IGNORECASE)
_IN_HTML = re.compile(r"""(<a\b[^>]*?\shref\s*=\s*)["'](\s*https?://[^"']*)["']""", re.IGNORECASE)
_IN_TEXT = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]]", re.IGNORECASE)
_LINK_ENDS = re.compile(r"</a\s*>", re.IGNORECASE)


def is_ours(url: str) -> bool:
    """Whether an address lies on a website that we call ours, or below one."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return False
    sites = Telltale.objects.filter(kind=Telltale.Kind.SITE).values_list("value", flat=True)
    return any(host == site or host.endswith(f".{site}") for site in sites)


def _number(token: str) -> int | None:
    try:
        return int(b62_decode(_signer().unsign(token)))
    except (BadSignature, ValueError, TypeError):
        return None


def _signer() -> Signer:
    return Signer(salt="tilth.people.links", sep=".")
