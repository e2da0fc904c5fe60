"""Our own people, networks and websites, and the machines that this house has met: what tells them from customers.

Reads   Telltale, the mail domains of members, persons of our own company
Writes  Telltale

    Unfit    it would tell nothing, or far too much
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from tilth.core import identity
from tilth.core.evidence import Known, network
from tilth.journal.models import note
from tilth.team.models import Member

from .models import Person, Telltale

WIDEST = {4: 8, 6: 19}  # leading bits of a network: wider ones hold whole countries
SHORTEST = 4  # letters of what a machine calls itself
# What every browser calls itself, so that no machine can be told by it.
BROWSERS = (
    "mozilla/5.0 (windows nt 10.0; win64; x64) applewebkit/537.36 (khtml, like gecko) chrome/140.0.0.0 safari/537.36 edg/140.0.0.0",
    "mozilla/5.0 (macintosh; intel mac os x 10_15_7) applewebkit/605.1.15 (khtml, like gecko) version/18.0 safari/605.1.15",
    "mozilla/5.0 (iphone; cpu iphone os 18_0 like mac os x) applewebkit/605.1.15 version/18.0 mobile/15e148 safari/604.1",
    "mozilla/5.0 (x11; linux x86_64; rv:140.0) gecko/20100101 firefox/140.0",
    "mozilla/5.0 (linux; android 15; pixel 9) applewebkit/537.36 chrome/140.0.0.0 mobile safari/537.36",
)


class Unfit(ValueError):
    """It would tell nothing, or far too much; the message says what to write instead."""


def known() -> Known:
    """All that is known here, ready to judge by. Two or three short queries: ask once for many events."""
    told: dict[str, list[str]] = {kind: [] for kind in Telltale.Kind.values}
    for kind, value in Telltale.objects.order_by("pk").values_list("kind", "value"):
        told[kind].append(value)
    domains = frozenset([*told[Telltale.Kind.DOMAIN], *members_domains()])
    return Known(
        agents=tuple(told[Telltale.Kind.AGENT]),
        networks=tuple(filter(None, map(network, told[Telltale.Kind.NETWORK]))),
        scanners=tuple(filter(None, map(network, told[Telltale.Kind.SCANNER]))),
        colleagues=_colleagues(domains),
        domains=domains,
    )


@transaction.atomic
def add(kind: str, value: str, by: Member, now: datetime) -> Telltale:
    """Something by which machines or our own people are told from now on; what was recorded before stays as it is.

    raises     Unfit
    """
    row, new = Telltale.objects.get_or_create(kind=kind, value=_plain(kind, value), defaults={"at": now, "by": by})
    if new:
        note("added telltale", row, now, by, kind=row.kind, value=row.value)
    return row


@transaction.atomic
def remove(telltale: Telltale, by: Member, now: datetime) -> None:
    """From now on it tells nothing; what was judged by it stays as it is."""
    note("removed telltale", telltale, now, by, kind=telltale.kind, value=telltale.value)
    telltale.delete()


def _plain(kind: str, value: str) -> str:
    """What is kept of what somebody typed."""
    value = value.strip()
    if kind in (Telltale.Kind.NETWORK, Telltale.Kind.SCANNER):
        return _network(value)
    if kind == Telltale.Kind.AGENT:
        return _agent(" ".join(value.lower().split()))
    host = identity.website(value.rpartition("@")[2])
    if not host:
        raise Unfit(_("Write a domain of your own, such as kasbouw.nl; one that anybody can have tells nothing."))
    return host


def _network(value: str) -> str:
    found = network(value)
    if found is None:
        raise Unfit(_("Write an address or a network, such as 203.0.113.7 or 203.0.113.0/24."))
    if found.prefixlen < WIDEST[found.version]:
        raise Unfit(_("This network is so wide that customers are in it. Write a smaller one."))
    return str(found)


def _agent(value: str) -> str:
    if len(value) < SHORTEST:
        raise Unfit(_("Write at least four letters of what the program calls itself."))
    if any(value in browser for browser in BROWSERS):
        raise Unfit(
            _("Browsers call themselves that too, so everybody would be taken for a machine. Write more of it.")
        )
    return value[:200]


def members_domains() -> list[str]:
    """The mail domains of our members, but for those that anybody may have."""
    addresses = Member.objects.filter(is_active=True).values_list("email", flat=True)
    return sorted(set(filter(None, map(identity.domain, addresses))))


def _colleagues(domains: frozenset[str]) -> frozenset[int]:
    """Persons of our own company; an address gives its domain's company, so these are who has an address of ours."""
    rows = Person.objects.filter(company__domain__in=domains) if domains else Person.objects.none()
    return frozenset(rows.values_list("pk", flat=True))
