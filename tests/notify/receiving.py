"""Receivers that a test stands up: they listen on this machine, remember what they were sent, and answer as they are told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tilth.notify import wall


@dataclass
class Receiver:
    """`answers` is taken from the front, one for each request, the last one stays: (status, headers, body)."""

    port: int = 0
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=lambda: [(200, {}, b"ok")])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in"

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(body) for _path, _headers, body in self.got]

    @property
    def ids(self) -> list[str]:
        return [headers.get("webhook-id", "") for _path, headers, _body in self.got]


class _Talk(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        answers = receiver.answers
        status, headers, said = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver, and the opening in the wall that lets Tilth reach it and nothing else."""
    receiver = Receiver()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Talk) as server:
        server.daemon_threads = True
        server.receiver = receiver  # type: ignore[attr-defined]
        receiver.port = server.server_address[1]
        opening = ("127.0.0.1", receiver.port)
        openings = wall.OPENINGS  # a test may put others in their place meanwhile
        openings.add(opening)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield receiver
        finally:
            openings.discard(opening)
            server.shutdown()
            thread.join()
