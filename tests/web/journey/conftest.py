"""Tilth as it is served, ingest in front of the pages; and a website of another origin that has our tracker and our forms."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from tests.conftest import VIOLATIONS
from tests.serving import serving, tilth
from tilth.api import wsgi
from tilth.api.inbox import Inbox
from tilth.api.keys import Keys
from tilth.capture.models import Source

KEY = "JOURNEYKEY1"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


@pytest.fixture
def house(transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> Iterator[str]:
    """Where Tilth is: every request on a thread of its own, with keys and an inbox of this test."""
    settings.HOME = tmp_path
    monkeypatch.setattr("tilth.api.inbox.IDLE", 0.05)
    monkeypatch.setattr(wsgi, "keys", Keys())
    monkeypatch.setattr(wsgi, "inbox", Inbox(wsgi._tell))
    Source.objects.create(name="Website", write_key=KEY, at=timezone.now())
    with serving(tilth("localhost")) as port:
        yield f"http://localhost:{port}"
    if writer := wsgi.inbox._writer:
        writer.join()


@dataclass
class Website:
    """Our customer's site. `pages` maps a path to what stands on it."""

    url: str
    house: str
    pages: dict[str, str] = field(default_factory=dict)

    def html(self, path: str) -> str:
        tracker = f'<script src="{self.house}/tilth-tracker.js" data-key="{KEY}" defer></script>'
        yes = '<button id="yes" data-tilth-consent="true">Agree</button>'
        return f'<!doctype html><html lang="en"><title>Kasbouw</title><link rel="icon" href="data:,">{tracker}<body>{yes}{self.pages.get(path, "")}</body></html>'


@pytest.fixture
def website(house: str) -> Iterator[Website]:
    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(site.html(urlsplit(self.path).path).encode())

        def log_message(self, *_: Any) -> None:
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Pages)) as port:
        site = Website(f"http://127.0.0.1:{port}", house)
        yield site


@pytest.fixture
def visitor(browser: Any, troubles: list[str]) -> Iterator[Callable[[], Any]]:
    """A browser of somebody we do not know yet, each time another one."""
    contexts = []

    def visitor() -> Any:
        context = browser.new_context(user_agent=DESKTOP, viewport={"width": 900, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
        page.on("console", lambda said: troubles.append(f"{page.url}: {said.text}") if said.type == "error" else None)
        return page

    yield visitor
    for context in contexts:
        context.close()


@pytest.fixture
def desk_of(page_of: Callable[..., Any], house: str) -> Callable[..., Any]:
    """A member's page on Tilth as it is served: `desk_of(bob)("/people/")` opens it there."""

    def desk_of(member: Any) -> Any:
        page = page_of(member)
        page.add_init_script(VIOLATIONS)

        def opened(path: str) -> Any:
            assert page.goto(f"{house}{path}").status == 200, path
            return page

        return opened

    return desk_of
