from typing import Any

import pytest
from django.db import OperationalError, connection

from tilth.site import health


def ask(path: str) -> tuple[str, bytes]:
    said: list[Any] = []
    application = health.in_front_of(lambda environ, start: [start("200 OK", []) or b"a page"])
    body = b"".join(application({"PATH_INFO": path}, lambda status, headers: said.append(status)))
    return said[0], body


@pytest.fixture(autouse=True)
def _open_connection(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "close_old_connections", lambda: None)  # the test's own transaction lives on it


def test_a_house_whose_database_answers_is_fine() -> None:
    assert ask("/health") == ("200 OK", b"fine\n")


def test_every_other_address_goes_on_to_the_pages() -> None:
    assert ask("/healthy") == ("200 OK", b"a page")


def test_a_silent_database_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", refuse)
        assert ask("/health") == ("503 Service Unavailable", b"The database does not answer.\n")
