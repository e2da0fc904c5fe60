"""Where a request came from: only our own proxies are believed, and only the network is kept."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core.addresses import client, network, shortened


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("203.0.113.77:51234", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("[2001:db8:1:2::6]:443", "2001:db8:1::"),
        ("[2001:db8:1:2::6]", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("fe80::1%eth0", "fe80::"),
        ("::1", "::"),
        (' "203.0.113.77" ', "203.0.113.0"),
        ("unknown", ""),
        ("", ""),
        ("203.0.113", ""),
        ("203.0.113.777", ""),
        ("<script>", ""),
    ],
)
def test_an_address_is_shortened_to_its_network(address: str, kept: str) -> None:
    assert shortened(address) == kept


@given(st.ip_addresses())
def test_no_address_is_kept_whole(address: object) -> None:
    kept = shortened(str(address))
    assert shortened(kept) == kept
    assert int(ip_address(kept)) & 0xFF == 0


def test_without_proxies_nobody_is_believed() -> None:
    assert client("198.51.100.7", "203.0.113.77", 0) == "198.51.100.7"


def test_behind_proxies_only_what_they_added_counts() -> None:
    forged = "1.1.1.1, 2.2.2.2, 203.0.113.77"
    assert client("10.0.0.1", forged, 1) == "203.0.113.77"
    assert client("10.0.0.1", f"{forged}, 10.0.0.2", 2) == "203.0.113.77"


def test_who_comes_past_the_proxies_is_seen_as_far_as_can_be() -> None:
    assert client("198.51.100.7", "", 1) == "198.51.100.7"
    assert client("10.0.0.1", "203.0.113.77", 3) == "203.0.113.77"
    assert client("", "203.0.113.77", 1) == "203.0.113.77"


def test_what_is_no_address_is_nobody() -> None:
    assert client("10.0.0.1", "unknown", 1) == client("", "", 0) == ""


def test_the_whole_address_is_kept_only_when_told_to() -> None:
    assert network("203.0.113.77", "", 0) == "203.0.113.0"
    assert network("203.0.113.77", "", 0, full=True) == "203.0.113.77"
