"""What we do not talk to, in every disguise that is known."""

import pytest

from tilth.core.wall import Forbidden, is_public, target

PRIVATE = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1",
    "100.64.0.1", "169.254.169.254", "169.254.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:7f00:1", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101::1",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe", "100::1", "3fff::1",
    "localhost", "not an address", "", "0177.0.0.1", "2130706433", "127.1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2a00:1450::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_not_public_however_it_is_written(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_that_everybody_reaches_is(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example/", "ftp://receiver.example/", "file:///etc/passwd", "gopher://receiver.example/",
        "https://", "https:///path", "//receiver.example/", "receiver.example", "https://bob:pw@receiver.example/",
        "https://bob@receiver.example/", "https://receiver.example:22/", "https://receiver.example:6379/",
        "https://receiver.example:99999/", "https://receiver.example:x/", "https://receiver.example/a b",
        "https://receiver.example/\r\nHost: x", "https://receiver.example\\@127.0.0.1/", "https://[::1/", "",
        "https://ｒeceiver.example/", "https://receiver.example/" + "a" * 1000, "javascript:alert(1)",
    ],
)  # fmt: skip
def test_an_address_that_is_odd_is_refused_with_a_way_out(url):
    with pytest.raises(Forbidden, match=r"\w+"):
        target(url)


def test_what_is_asked_is_https_at_a_port_of_receivers():
    assert target("https://hooks.receiver.example/services/T0/B0/x?sig=%2F").hostname == "hooks.receiver.example"
    assert target("https://receiver.example:8443/").port == 8443


def test_an_opening_is_for_one_host_and_port():
    opening = {("127.0.0.1", 8080)}
    assert target("http://127.0.0.1:8080/", lambda host, port: (host, port) in opening).port == 8080
    with pytest.raises(Forbidden):
        target("http://127.0.0.1:8081/", lambda host, port: (host, port) in opening)
