"""Our own people, networks and websites, and the machines that this house has met: what tells them from customers.

Reads   Telltale, the mail domains of members, persons of our own company
"""

from tilth.core import identity
from tilth.core.evidence import Known, network
from tilth.team.models import Member

from .models import Person, Telltale


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


def members_domains() -> list[str]:
    """The mail domains of our members, but for those that anybody may have."""
    addresses = Member.objects.filter(is_active=True).values_list("email", flat=True)
    return sorted(set(filter(None, map(identity.domain, addresses))))


def _colleagues(domains: frozenset[str]) -> frozenset[int]:
    """Persons of our own company; an address gives its domain's company, so these are who has an address of ours."""
    rows = Person.objects.filter(company__domain__in=domains) if domains else Person.objects.none()
    return frozenset(rows.values_list("pk", flat=True))
