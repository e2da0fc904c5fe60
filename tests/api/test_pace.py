"""A sender that goes too fast is asked to wait, and nobody else is."""

from typing import Any

import pytest

from tilth.api import pace
from tilth.api.pace import Pace
from tilth.capture.models import Received, Source

from .conftest import BASIC, over_asgi, over_wsgi

HERE, THERE = (1, "203.0.113.0"), (1, "198.51.100.0")


def test_a_burst_is_borne_and_then_the_rate_holds() -> None:
    one = Pace()
    assert [one.wait(HERE, 100, 0.0) for _ in range(1000)] == [0] * 1000
    assert one.wait(HERE, 100, 0.0) == pytest.approx(0.01)
    assert one.wait(HERE, 100, 0.009) > 0
    assert one.wait(HERE, 100, 0.011) == 0
    assert sum(one.wait(HERE, 100, 1 + n / 1000) == 0 for n in range(1000)) == pytest.approx(199, abs=2)


def test_each_network_and_each_key_has_its_own() -> None:
    one = Pace()
    while not one.wait(HERE, 10, 0.0):
        pass
    assert one.wait(THERE, 10, 0.0) == 0
    assert one.wait((2, HERE[1]), 10, 0.0) == 0


def test_no_rate_is_no_limit() -> None:
    one = Pace()
    assert not any(one.wait(HERE, 0, 0.0) for _ in range(10_000))


def test_it_remembers_no_more_than_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SENDERS", 10)
    one = Pace()
    for n in range(100):
        assert one.wait((n, ""), 1, n / 10) == 0
        assert len(one._full_at) <= 10


def test_who_goes_too_fast_is_told_when_to_come_back(source: Source, settings: Any) -> None:
    settings.RATE = 1
    for call in (over_wsgi, over_asgi):
        replies = [call("POST", "/v1/batch", b"{}", authorization=BASIC) for _ in range(12)]
        assert [r.status for r in replies] == [200] * 10 + [429] * 2
        late = replies[-1]
        assert (late.json["code"], late.headers["Retry-After"]) == ("busy", "1")
        assert late.headers["Access-Control-Expose-Headers"] == "Retry-After"
    assert Received.objects.count() == 20
