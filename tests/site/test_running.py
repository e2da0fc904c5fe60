import signal
import socket
import sys
from typing import Any

import pytest

from tilth.site import running
from tilth.site.running import Child, Taken, expect_free, is_loopback, serve, shown


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> dict[int, Any]:
    """What would be called on a signal; the signals of the tests themselves stay as they are."""
    out: dict[int, Any] = {}
    monkeypatch.setattr("signal.signal", out.__setitem__)
    return out


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


SLEEPS = python("import time; time.sleep(60)")
FALLS = python("raise SystemExit(3)")


@pytest.mark.parametrize(("host", "yes"), [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("192.168.1.4", False), ("tilth.example", False)])  # fmt: skip
def test_loopback_is_this_machine_alone(host: str, yes: bool) -> None:
    assert is_loopback(host) is yes


def test_a_host_is_shown_as_one_types_it() -> None:
    assert [shown(h) for h in ("127.0.0.1", "0.0.0.0", "::1")] == ["127.0.0.1", "localhost", "[::1]"]


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Taken, match=rf"Cannot listen on 127\.0\.0\.1:{port}.*choose another: --port {port + 1}"):
            expect_free("127.0.0.1", port)
        with pytest.raises(Taken, match=f"--ingest-port {port + 1}"):
            expect_free("127.0.0.1", port, "--ingest-port")
    expect_free("127.0.0.1", port)


def test_signals_stop_every_child(handlers: dict[int, Any]) -> None:
    house = [Child("one", SLEEPS), Child("two", SLEEPS)]
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        if "Tilth is at" in text:
            handlers[signal.SIGTERM](signal.SIGTERM, None)

    serve(house, "http://localhost:8000", say)
    assert said[0] == "\nTilth is at http://localhost:8000/   (Ctrl-C stops it)"
    assert [c.process and c.process.returncode for c in house] == [-signal.SIGTERM, -signal.SIGTERM]
    assert said[-1] == "Stopping."


def test_a_child_that_never_gets_going_ends_the_house(handlers: dict[int, Any]) -> None:
    other = Child("conveyor", SLEEPS)
    with pytest.raises(SystemExit, match="web ended while starting"):
        serve([Child("web", FALLS, ("127.0.0.1", 1)), other], "", lambda text: None)
    assert other.fallen


def test_a_child_that_keeps_falling_is_given_up(handlers: dict[int, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(running, "TRIES", 3)
    monkeypatch.setattr(Child, "pause", lambda self: setattr(self, "falls", self.falls + 1) or 0.01)
    with pytest.raises(SystemExit, match="conveyor fell 3 times in a row"):
        serve([Child("conveyor", FALLS)], "", said.append)
    assert sum("starting it again" in line for line in said) == 2


def test_pauses_grow_and_a_steady_child_is_forgiven() -> None:
    child = Child("conveyor", SLEEPS)
    child.started = running.time.monotonic()
    assert [child.pause() for _ in range(3)] == [1, 2, 4]
    child.started -= running.STEADY + 1
    assert child.pause() == 1


def test_a_child_that_ignores_the_signal_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PATIENCE", 0.5)
    deaf = Child(
        "deaf", python("import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)")
    )
    deaf.start()
    running.time.sleep(0.4)
    deaf.ask_to_stop()
    deaf.end()
    assert deaf.process
    assert deaf.process.returncode in (-signal.SIGKILL, -signal.SIGTERM)


def test_ingest_joins_when_it_is_asked_for() -> None:
    assert [c.name for c in running.children("127.0.0.1", 8000, None)] == ["web", "conveyor"]
    assert [c.name for c in running.children("127.0.0.1", 8000, 8001)] == ["web", "conveyor", "ingest"]
