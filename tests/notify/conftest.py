"""A mail server that listens on this machine, remembers what it was given, and refuses what a test tells it to."""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from tests.notify.receiving import Receiver, receiving


@dataclass
class MailServer:
    """`answers` maps a recipient to what the server says to them; `hangs_up` are recipients at whom it hangs up."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    hangs_up: set[str] = field(default_factory=set)

    @property
    def subjects(self) -> list[str]:
        return [m["Subject"] for m in self.mails]


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        office: MailServer = self.server.office  # type: ignore[attr-defined]
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            word, rest = line[:4].upper(), line[4:].strip()
            if word == "RCPT":
                to = rest.partition("<")[2].rstrip(">")
                if to in office.hangs_up:
                    return
                self.say(office.answers.get(to, "250 ok"))
            elif word == "DATA":
                self.say("354 go on")
                office.mails.append(message_from_bytes(self.body(), policy=policy.default))
                self.say("250 kept")
            else:
                self.say("221 bye" if word == "QUIT" else "250 ok")
                if word == "QUIT":
                    return

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def body(self) -> bytes:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    office = MailServer()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.daemon_threads = True
        server.office = office  # type: ignore[attr-defined]
        office.port = server.server_address[1]
        settings.MAIL = {
            "backend": "django.core.mail.backends.smtp.EmailBackend",
            "host": "127.0.0.1",
            "port": office.port,
        }
        settings.MAIL_FROM = "Kasbouw <mail@kasbouw.example>"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield office
        server.shutdown()
        thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
