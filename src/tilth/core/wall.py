"""Which addresses of the internet we may talk to when somebody else names them: those that everybody can reach.

A colleague who writes the address of a webhook must not be able to let this machine talk to its own network: that is
where databases and the keys of clouds answer whoever asks. Source: docs/algorithms/webhooks.md
"""

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

PORTS = (443, 8443)
LONGEST = 1000
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_LOCAL = tuple(map(IPv6Network, ("64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "fec0::/10", "3fff::/20")))
_PROTOCOLS = IPv4Network("192.0.0.0/24")  # some Pythons call parts of it global
_OLD = IPv6Network("::/96")  # IPv4-compatible, long deprecated


class Forbidden(ValueError):
    """An address that we do not talk to; the message says why, and what would do."""


def target(url: str, opening: Callable[[str, int], bool] = lambda host, port: False) -> SplitResult:
    """The parts of an address that may be asked, as far as its text says.

    opening    whether a test stands at this host and port: plain http is then spoken there
    raises     Forbidden
    """
    if len(url) > LONGEST or not url.isascii() or any(c <= " " or c in '"<>\\^`{|}' for c in url):
        raise Forbidden(
            "This is not the address of a web page. Copy it anew; letters such as ü are not written in one."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as e:
        raise Forbidden("This is not the address of a web page. Copy it anew.") from e
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise Forbidden("Write an address that begins with https://.")
    if parts.username is not None or parts.password is not None:
        raise Forbidden("Write the address without a name and password in it.")
    if opening(parts.hostname, port or 0):
        return parts
    if parts.scheme != "https":
        raise Forbidden("Write an address that begins with https://: what is sent is for nobody else.")
    if port not in (None, *PORTS):
        raise Forbidden(f"Port {port} is not one that receivers use. Use one of {', '.join(map(str, PORTS))}.")
    return parts


def is_public(address: str) -> bool:
    """Whether everybody on the internet reaches this IP address: neither private nor local, in none of its disguises.

    address    as a resolver gives it, also with a zone (fe80::1%eth0)
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_public(inside) for inside in _insides(found))


def _insides(found: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """An address, and the IPv4 addresses that packets to it may end at."""
    yield found
    if isinstance(found, IPv4Address):
        return
    if found.ipv4_mapped:
        yield found.ipv4_mapped
    if found.sixtofour:
        yield found.sixtofour
    if found.teredo:
        yield from found.teredo
    if found in _NAT64 or found in _OLD:
        yield IPv4Address(int(found) & 0xFFFF_FFFF)


def _is_public(found: IPv4Address | IPv6Address) -> bool:
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped or found in _NAT64:
            return True  # a way to write an IPv4 address, which is looked at itself
        if any(found in net for net in _LOCAL) or found in _OLD:
            return False
    elif found in _PROTOCOLS:
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)
