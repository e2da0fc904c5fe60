"""One request to an address that a colleague named, through the wall: never into a private network.

The name is looked up once; every address that it has must be public; the connection goes to one of exactly those, and the
certificate must be that of the name. So a name that means something else a moment later gets nowhere. Redirects are not
followed, proxies of the environment are not asked, and of an answer only the beginning is read. Source: docs/algorithms/webhooks.md
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult

from tilth.core.wall import Forbidden, is_public, target

CONNECT, WHOLE = 5.0, 15.0  # seconds until somebody answers the door, and for all of it
MOST = 4_096  # bytes of an answer that are read
OPENINGS: set[tuple[str, int]] = set()  # address and port of the receivers that a test stands up; nothing else fills it


class Unreachable(Exception):
    """Nobody there, or not who the name says; the message says which."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def check(url: str) -> None:
    """Look at an address without asking it anything.

    raises     Forbidden, Unreachable (nobody knows the name)
    """
    _addresses(target(url, _opening))


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send one POST and read the beginning of what is answered.

    raises     Forbidden: nothing was sent; Unreachable: nobody answered, though something may have been read there
    """
    parts = target(url, _opening)
    connection = _Pinned(parts, _addresses(parts))
    guard = threading.Timer(WHOLE, connection.cut)  # who answers a byte at a time holds nobody up
    guard.daemon = True
    guard.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, {"User-Agent": "Tilth", "Connection": "close", **headers})
        response = connection.getresponse()
        said = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, said, response.read(MOST))
        if connection.was_cut:  # what was read until then may look like the end of an answer
            raise TimeoutError
        return answer
    except (OSError, http.client.HTTPException, ssl.CertificateError) as e:
        raise Unreachable(_said(e, connection.was_cut)) from e
    finally:
        guard.cancel()
        connection.close()


def _addresses(parts: SplitResult) -> list[tuple[socket.AddressFamily, str, int]]:
    """Every address of the host, looked up once.

    raises     Forbidden, Unreachable
    """
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as e:
        raise Unreachable(f"Nobody knows the name {parts.hostname}.") from e
    known: list[tuple[socket.AddressFamily, str, int]] = [
        (family, str(where[0]), port) for family, _type, _proto, _name, where in found
    ]
    for _family, address, _port in known:
        if not is_public(address) and not _opening(address, port):
            raise Forbidden("This address leads into a private network, where Tilth asks nobody. Use a public one.")
    if parts.scheme == "http" and not all(_opening(address, port) for _family, address, _port in known):
        raise Forbidden("Write an address that begins with https://: what is sent is for nobody else.")
    return known


def _opening(host: str, port: int) -> bool:
    return (host, port) in OPENINGS


class _Pinned(http.client.HTTPConnection):
    """A connection to one of the addresses that were looked at, whatever the name means by now."""

    def __init__(self, parts: SplitResult, addresses: list[tuple[socket.AddressFamily, str, int]]) -> None:
        super().__init__(parts.hostname or "", addresses[0][2], timeout=CONNECT)
        self.secure, self.addresses, self.was_cut = parts.scheme == "https", addresses, False
        if self.secure:
            self.default_port = 443

    def connect(self) -> None:
        trouble: OSError | None = None
        for family, address, port in self.addresses:
            plain = socket.socket(family, socket.SOCK_STREAM)
            plain.settimeout(CONNECT)
            try:
                plain.connect((address, port))
            except OSError as e:
                plain.close()
                trouble = e
                continue
            plain.settimeout(WHOLE)
            self.sock = _context().wrap_socket(plain, server_hostname=self.host) if self.secure else plain
            return
        raise trouble or OSError("no address")

    def cut(self) -> None:
        """The time is over: whatever waits for the socket fails at once."""
        self.was_cut = True
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _said(trouble: Exception, was_cut: bool) -> str:
    """What went wrong, in one line for the page; never what was answered."""
    if was_cut or isinstance(trouble, TimeoutError):
        return f"No answer within {WHOLE:.0f} seconds."
    if isinstance(trouble, ssl.SSLCertVerificationError):
        return f"The certificate there is not the right one: {trouble.verify_message}"
    if isinstance(trouble, http.client.HTTPException):
        return "What is answered there is no HTTP."
    return f"Not reached: {getattr(trouble, 'strerror', None) or type(trouble).__name__}"
