"""A source with a key, and both front doors without a network."""

import asyncio
import base64
import io
import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tilth.api import asgi, wsgi
from tilth.api.inbox import Inbox
from tilth.api.ingest import Parcel
from tilth.api.keys import Keys
from tilth.capture.models import Source

from .processes import House

KEY = "WRITEKEY123"
PEER = "192.0.2.44"
BASIC = "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()


@dataclass
class Reply:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> House:
    """An installation with one source, to be copied."""
    house = House(tmp_path_factory.mktemp("template"))
    house.install()
    return house


@pytest.fixture
def house(template: House, tmp_path: Path) -> House:
    """An installation of this test alone."""
    return House(shutil.copytree(template.home, tmp_path, dirs_exist_ok=True))


@pytest.fixture
def source(transactional_db: None, now: Any) -> Source:
    return Source.objects.create(name="Website", write_key=KEY, at=now)


@pytest.fixture(autouse=True)
def inbox(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Iterator[Inbox]:
    """Each test with a spool, rings of keys and inboxes of its own; their writers end with the test. Gives that of WSGI."""
    settings.HOME = tmp_path
    monkeypatch.setattr("tilth.api.inbox.IDLE", 0.05)
    for module in (wsgi, asgi):
        monkeypatch.setattr(module, "keys", Keys())
        monkeypatch.setattr(module, "inbox", Inbox(module._tell))
    yield wsgi.inbox
    for module in (wsgi, asgi):
        for thread in (module.inbox._writer, module.inbox._hanging, module.keys._reader):
            if thread:
                thread.join()


def put(inbox: Inbox, parcel: Parcel) -> Future[None]:
    """Hand over a parcel; the future is told what became of it."""
    kept: Future[None] = Future()
    inbox.put(parcel, kept)
    return kept


def over_wsgi(method: str, path: str, body: bytes = b"", query: str = "", **headers: str) -> Reply:
    said: dict[str, Any] = {}

    def start(status: str, given: list[tuple[str, str]]) -> None:
        said.update(status=int(status[:3]), headers=dict(given))

    def pages(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"a page"]

    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_LENGTH": str(len(body)),
        "REMOTE_ADDR": PEER, "wsgi.input": io.BytesIO(body), **{f"HTTP_{k.upper()}": v for k, v in headers.items()},
    }  # fmt: skip
    answer = b"".join(wsgi.in_front_of(pages)(environ, start))
    return Reply(body=answer, **said)


def over_asgi(method: str, path: str, body: bytes = b"", query: str = "", **headers: str) -> Reply:
    parts = [body[i : i + 50_000] for i in range(0, len(body), 50_000)] or [b""]
    messages = [{"type": "http.request", "body": p, "more_body": p is not parts[-1]} for p in parts]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": method, "path": path, "query_string": query.encode(), "client": (PEER, 51234),
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
    }  # fmt: skip
    asyncio.run(asgi.application(scope, receive, send))
    given = {k.decode().title(): v.decode() for k, v in sent[0]["headers"]}
    return Reply(sent[0]["status"], given, sent[1]["body"])


@pytest.fixture(params=[over_wsgi, over_asgi])
def call(request: pytest.FixtureRequest) -> Iterator[Callable[..., Reply]]:
    """Call ingest through one of its doors: `call("POST", "/v1/batch", body, authorization=BASIC)`."""
    yield request.param
    connection.close()
