"""Where a request came from, as far as it can be known and as little of it as is needed.

Source: docs/algorithms/ingest.md
"""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

KEPT = {4: 24, 6: 48}  # leading bits: a neighbourhood, no household


def shortened(address: str) -> str:
    """The network that an address lies in: enough to know a data centre or an office by, too little for a person.

    address    IPv4 or IPv6, as `parsed` reads it
    returns    the first address of its /24 (IPv4) or /48 (IPv6): 203.0.113.0, 2001:db8:1::; "" when it is none
    """
    found = parsed(address)
    return str(ip_network((found, KEPT[found.version]), strict=False).network_address) if found else ""


def client(peer: str, forwarded_for: str, proxies: int) -> str:
    """The address of who sent a request, behind `proxies` proxies of our own.

    peer           who opened the connection to us
    forwarded_for  X-Forwarded-For: each proxy adds whom it heard from at the end, and anybody can write the beginning
    proxies        how many in front of us add to it; 0 believes nobody
    returns        what the outermost of our proxies saw; "" when that is no address
    """
    hops = [*filter(None, (hop.strip() for hop in forwarded_for.split(","))), peer]
    return str(parsed(hops[max(len(hops) - 1 - proxies, 0)]) or "")


@lru_cache(maxsize=4096)
def network(peer: str, forwarded_for: str, proxies: int, full: bool = False) -> str:
    """What is kept of who sent a request: its network, or with `full` its whole address. See `client`, `shortened`."""
    address = client(peer, forwarded_for, proxies)
    return address if full else shortened(address)


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    """The address in a text, also with a port, in brackets, or with a zone; an IPv4 address in IPv6 is that IPv4."""
    text = text.strip().strip('"')
    if found := _WITH_PORT.fullmatch(text):
        text = found[1] or found[2]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


_WITH_PORT = re.compile(r"\[([^]]*)\](?::\d*)?|(\d+\.\d+\.\d+\.\d+):\d*")
