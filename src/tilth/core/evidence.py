"""How sure we are that a human did it: machines by what they call themselves, where they call from, and how they click.

What one touch shows by itself is decided when it comes in (`of_event`, `of_request`). What only several show together,
as when all links of a mail are clicked within seconds, is decided a minute later (`scanned`).
Source: docs/algorithms/evidence.md
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from itertools import pairwise
from typing import Any, NamedTuple

from . import addresses
from .delivery import Event, email_of, words
from .meaning import GIVES_DETAILS

UNSETTLED, RETRACTED, MACHINE, ANONYMOUS, OBSERVED, DECLARED = -2, -1, 0, 1, 2, 3
BOT, SCANNER, COLLEAGUE, MONITOR = "bot", "scanner", "colleague", "monitor"
OF_MAILS = ("mail_click", "mail_open")  # what scanners do too: settled only when all around it is known
WAITS = timedelta(seconds=60)  # for what else happens around a click

BURST = timedelta(seconds=10)  # clicks of one mail that follow each other within this belong together
AT_ONCE = timedelta(seconds=1)  # nobody follows two different links of a mail within this
PACE = timedelta(seconds=3)  # nor three of them, each so soon after the one before
ALL = 3  # links at least of which following every one is no reader's doing

Network = IPv4Network | IPv6Network

# Mail filters that open links themselves, where the range holds nothing else and no reader sits behind it. We know
# addresses only by their /24 or /48, so narrower ranges would take their neighbours along.
SCANNERS: tuple[Network, ...] = tuple(
    map(
        ip_network,
        # Exchange Online Protection: sets 9 and 10 of Microsoft's list of Microsoft 365 endpoints, worldwide.
        "40.92.0.0/15 40.107.0.0/16 52.100.0.0/14 104.47.0.0/17 2a01:111:f400::/48 2a01:111:f403::/48 "
        # Barracuda Email Gateway Defense: "IP Analysis - Inbound" in its manual.
        "209.222.80.0/21".split(),
    )
)
# Mail filters by what they call themselves; the list of crawlers has few of them.
_FILTERS = re.compile(
    r"barracuda|proofpoint|mimecast|ironport|cisco ?secure ?email|forti(mail|guard)|trend ?micro|messagelabs|symantec|"
    r"sophos|f-secure|trellix|fireeye|safelinks|cloudmark|hornetsecurity|retarus|vade ?secure",
    re.IGNORECASE,
)
# What no list knows yet says it often enough. A maker of phones is called Cubot.
_SAYS_SO = re.compile(r"(?<!cu)bot\b|crawler|spider|headless", re.IGNORECASE)
# Services that fetch a mail's pictures when its reader opens it, and not before: a human did it.
_READERS = re.compile(r"GoogleImageProxy|YahooMailProxy")
_KINDS = {"monitoring": MONITOR, "scanner": SCANNER}


@dataclass(frozen=True)
class Known:
    """What one house knows besides: its own networks and people, machines and scanners that it has met.

    agents       texts in what a machine calls itself, in lower case
    networks     from which our own people come
    scanners     networks of mail scanners
    colleagues   persons who are our own people
    domains      mail domains of our own people
    """

    agents: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()
    scanners: tuple[Network, ...] = ()
    colleagues: frozenset[int] = frozenset()
    domains: frozenset[str] = frozenset()
    judged: dict[tuple[str, str], str] = field(default_factory=dict, compare=False, repr=False)  # senders seen before

    def machine(self, agent: str, network: str) -> str:
        """Which machine calls itself that or comes from there, or "colleague"; "" when it may be a customer."""
        sender = agent, network
        if sender not in self.judged:
            self.judged[sender] = _by_name(agent, self) or _by_place(network, self)
        return self.judged[sender]


NOTHING = Known()


class Judged(NamedTuple):
    """How sure we are, and the marks that a touch keeps of why (see `marked`)."""

    evidence: int
    marks: dict[str, Any]


MARKS = "evidence"  # among the properties of a touch: ours alone, whatever a client calls its own


def marked(properties: Mapping[str, Any], marks: Mapping[str, Any]) -> dict[str, Any]:
    """Properties of a touch with our marks.

    marks    machine   which machine did it: bot, scanner, monitor; or "colleague"
             sign      by which sign a mail scanner was told, once settled
             said      "person" or "machine": what a member said, against all signs
             agent, network, hidden   of what was done with a mail, for when it is settled
    """
    own = {name: value for name, value in properties.items() if name != MARKS}
    return own | {MARKS: dict(marks)} if marks else own


def marks_of(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The marks that a touch has; empty when it has none."""
    found = properties.get(MARKS)
    return found if isinstance(found, dict) else {}


def of_event(
    event: Event, kind: str, person: int | None, network: str = "", agent: str = "", known: Known = NOTHING
) -> Judged:
    """The evidence of what somebody did, as far as the event shows by itself.

    kind       of touch, as `meaning.kind` has it
    person     who it was, where we know
    network    where the delivery came from, shortened or not; "" when unknown
    agent      what its sender called itself
    returns    UNSETTLED for clicks in mails and openings of mails, whatever they show
    """
    own = words(event.context.get("userAgent"))
    if not own and agent.startswith("Mozilla/"):  # a browser told us itself; libraries tell of others
        own = agent
    address = words(event.context.get("ip")) or (network if agent.startswith("Mozilla/") else "")
    told = email_of(event).rpartition("@")[2]
    reason = known.machine(own, address)
    if person in known.colleagues or (told and told in known.domains):
        reason = COLLEAGUE
    marks = {"machine": reason} if reason else {}
    if kind in OF_MAILS:
        asked = {"agent": own[:300], "network": addresses.shortened(address)}
        return Judged(UNSETTLED, marks | {k: v for k, v in asked.items() if v})
    if reason:
        return Judged(MACHINE, marks)
    if person is None:
        return Judged(ANONYMOUS, marks)
    return Judged(DECLARED if kind in GIVES_DETAILS and told else OBSERVED, marks)


def of_request(agent: str, network: str, known: Known = NOTHING) -> str:
    """Which machine asked for a page, a link or a file of ours, or "colleague"; "" when it may be a customer.

    A browser always says what it is, so who says nothing is a bot.
    """
    return _by_name(agent, known) or _by_place(network, known) or ("" if agent.strip() else BOT)


def _by_name(agent: str, known: Known) -> str:
    lower = agent.lower()
    if any(text in lower for text in known.agents):
        return BOT
    return by_agent(agent[:300])


@lru_cache(maxsize=20_000)
def by_agent(agent: str) -> str:
    """bot, scanner or monitor by what a program calls itself; "" for a browser, and for one that says nothing.

    Source: the list of crawlers of `crawler-user-agents`, with its tags
    """
    if not agent or _READERS.search(agent):
        return ""
    if _FILTERS.search(agent):
        return SCANNER
    import crawleruseragents  # two thousand patterns: not for who only serves pages

    found = crawleruseragents.matching_crawlers(agent)
    tags = {tag for n in found for tag in crawleruseragents.CRAWLER_USER_AGENTS_DATA[n]["tags"]}
    kind = next((kind for tag, kind in _KINDS.items() if tag in tags), BOT)
    return kind if found or _SAYS_SO.search(agent) else ""


def _by_place(network: str, known: Known) -> str:
    if not network:
        return ""
    place, scanner = _place(network)
    if place is None:
        return ""
    if any(place in own for own in known.networks):
        return COLLEAGUE
    return SCANNER if scanner or any(place in theirs for theirs in known.scanners) else ""


@lru_cache(maxsize=20_000)
def _place(text: str) -> tuple[IPv4Address | IPv6Address | None, bool]:
    """An address, and whether it lies in a network of `SCANNERS`."""
    place = addresses.parsed(text)
    return place, place is not None and any(place in theirs for theirs in SCANNERS)


def network(text: str) -> Network | None:
    """A network as people write it: 203.0.113.0/24, one address, or an IPv6 prefix; None when it is none.

    Widened to what we know of addresses: a /24, or a /48 in IPv6.
    """
    host, _, length = text.strip().partition("/")
    if not (address := addresses.parsed(host)):
        return None
    most = addresses.KEPT[address.version]
    if length and not (length.isascii() and length.isdigit() and len(length) < 4):
        return None
    try:
        return ip_network((address, min(int(length or most), most)), strict=False)
    except ValueError:
        return None


# What several touches show together


@dataclass(frozen=True, slots=True)
class Hit:
    """One click in a mail, or one opening of it.

    link       which link; "" for an opening
    hidden     of a link that no reader sees
    machine    what it showed by itself, as `of_event` and `of_request` say it
    """

    id: int
    at: datetime
    link: str = ""
    hidden: bool = False
    machine: str = ""
    agent: str = ""
    network: str = ""


# Why a mail scanner is thought to have done it, from the surest sign down.
HIDDEN, NAMED, EARLY, ALL_LINKS, TOO_FAST, SAME = "hidden", "named", "early", "all", "fast", "same"


def scanned(hits: Iterable[Hit], links: int = 0, delivered: datetime | None = None) -> dict[int, str]:
    """Which of what was done with one mail of one person was a scanner's doing: id to the sign that says so.

    hits        in any order; what colleagues did themselves is left out by the caller
    links       how many different links the mail has; 0 when unknown
    delivered   when it was delivered, or sent; None when unknown

    More hits only ever add to the answer, so it does not matter in which order they become known.
    Source: docs/algorithms/evidence.md
    """
    out: dict[int, str] = {}
    ordered = sorted(hits, key=lambda h: (h.at, h.id))
    for burst in _bursts(ordered):
        if sign := _sign(burst, links, delivered):
            out |= dict.fromkeys((h.id for h in burst), sign)
    gave_away = {(h.agent, h.network) for h in ordered if h.hidden and h.agent and h.network}
    for hit in ordered:
        if (hit.agent, hit.network) in gave_away:
            out.setdefault(hit.id, SAME)
    return out


def _bursts(ordered: Sequence[Hit]) -> list[list[Hit]]:
    out: list[list[Hit]] = []
    for hit in ordered:
        if out and hit.at - out[-1][-1].at <= BURST:
            out[-1].append(hit)
        else:
            out.append([hit])
    return out


def _sign(burst: Sequence[Hit], links: int, delivered: datetime | None) -> str:
    """The surest sign that a burst was a scanner's; "" when a reader may have done it."""
    if any(h.hidden for h in burst):
        return HIDDEN
    if any(h.machine for h in burst):
        return NAMED
    if delivered and burst[0].at < delivered.replace(microsecond=0) + AT_ONCE:
        return EARLY
    clicked = {h.link for h in burst if h.link}
    if links >= ALL and len(clicked) >= links:
        return ALL_LINKS
    return TOO_FAST if _too_fast([h for h in burst if h.link]) else ""


def _too_fast(clicks: Sequence[Hit]) -> bool:
    """Two different links at once, or three with no time to read between them."""
    if any(b.link != a.link and b.at - a.at <= AT_ONCE for a, b in pairwise(clicks)):
        return True
    for n, first in enumerate(clicks):
        near = (c.link for c in clicks[n:] if c.at - first.at <= 2 * PACE)
        if len({*near}) >= 3:
            return True
    return False


# What a click says about its mail, in the words of whoever sends events about mails

_MAIL = ("mail", "mail_id", "mailId", "email_id", "emailId", "message_id", "messageId", "delivery_id", "deliveryId",
         "newsletter_id", "broadcast_id", "campaign_id", "campaignId", "campaign", "subject")  # fmt: skip
_LINK = ("link", "link_id", "href", "url", "link_url", "linkUrl", "clicked_url")


def mail_of(said: Mapping[str, Any]) -> str:
    """Which mail a click or an opening was in, by its properties; "" when they do not say."""
    return next(filter(None, (words(said.get(name)) for name in _MAIL)), "")


def link_of(said: Mapping[str, Any], url: str = "") -> str:
    """Which link was clicked."""
    return next(filter(None, (words(said.get(name)) for name in _LINK)), url)
