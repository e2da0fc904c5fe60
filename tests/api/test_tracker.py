"""The tracker's script at both doors: small, cached, the same everywhere."""

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import Error

from tilth.api import asgi, tracker, wsgi

from .conftest import Reply

Call = Callable[..., Reply]


def test_it_stays_under_four_kilobytes_packed() -> None:
    assert len(tracker.PACKED) < 4096
    assert gzip.decompress(tracker.PACKED) == tracker.SCRIPT


def test_it_is_written_for_browsers_of_2017() -> None:
    newer = r"\?\.|\?\?|catch \{|\{ ?\.\.\.|\.\.\.\w+ ?\}|\*\*=|\.flat\(|replaceAll|import\(|async \*|for await"
    assert re.findall(newer, tracker.SCRIPT.decode()) == []


def test_it_comes_packed_where_the_browser_takes_it_so(call: Call) -> None:
    packed = call("GET", "/tilth-tracker.js", accept_encoding="gzip, deflate, br")
    assert (packed.status, packed.headers["Content-Encoding"]) == (200, "gzip")
    assert gzip.decompress(packed.body) == call("GET", "/tilth-tracker.js").body == tracker.SCRIPT
    assert packed.headers["Vary"] == "Accept-Encoding"


def test_it_is_kept_for_a_day_and_checked_in_the_background_for_a_week(call: Call) -> None:
    given = call("GET", "/tilth-tracker.js").headers
    lower = {k.lower(): v for k, v in given.items()}
    assert lower["cache-control"] == "public, max-age=86400, stale-while-revalidate=604800"
    assert lower["cross-origin-resource-policy"] == "cross-origin"
    assert lower["access-control-allow-origin"] == "*"
    assert lower["content-type"].startswith("text/javascript")


def test_a_browser_that_has_it_is_told_so(call: Call) -> None:
    again = call("GET", "/tilth-tracker.js", if_none_match=f'"old", {tracker.TAG}')
    assert (again.status, again.body) == (304, b"")
    assert "Content-Length" not in again.headers
    assert call("GET", "/tilth-tracker.js", if_none_match='W/"old"').status == 200


def test_it_is_only_read(call: Call) -> None:
    refused = call("POST", "/tilth-tracker.js", b"x")
    assert (refused.status, refused.json["code"]) == (405, "method_not_allowed")


def test_it_needs_no_database(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise Error("away")

    for door in (wsgi, asgi):
        monkeypatch.setattr(door.keys, "read", away)
    assert call("GET", "/tilth-tracker.js").status == 200
