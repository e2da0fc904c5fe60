"""Keeps the processes of one Tilth running: web, conveyor, and ingest when asked for.

A child that ends is started again, more slowly each time; one that never gets going ends the whole.
A child is only told to stop once it is ready: granian may hang when it is stopped while starting.
"""

import ipaddress
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

TRIES = 5
STEADY = 60.0  # seconds after which an earlier fall is forgotten
PATIENCE = 15.0  # seconds to become ready, and again to end


class Taken(SystemExit):
    """Somebody else listens there."""


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def shown(host: str) -> str:
    """The host as a visitor on this machine types it."""
    if host in ("0.0.0.0", "::"):
        return "localhost"
    return f"[{host}]" if ":" in host else host


def expect_free(host: str, port: int, option: str = "--port") -> None:
    """raises     Taken, naming the port and what to do"""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as e:
            mend = f"Stop what runs there, or choose another: {option} {port + 1}"
            raise Taken(f"Cannot listen on {host}:{port}: {e.strerror}. {mend}") from e


@dataclass
class Child:
    """One process of the house, with what we know of its falls."""

    name: str
    command: list[str]
    address: tuple[str, int] | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: int = 0
    ready: bool = False

    def start(self) -> None:
        self.sweep()
        self.process = subprocess.Popen(self.command, start_new_session=True)
        self.started, self.ready = time.monotonic(), self.address is None

    @property
    def fallen(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def look(self) -> bool:
        """Whether it answers by now. That it listens is not enough: granian does so before Tilth is loaded."""
        if not self.ready and self.address and not self.fallen:
            host, port = self.address
            asked = HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=2)
            try:
                asked.request("GET", "/health")
                self.ready = asked.getresponse().status > 0
            except (OSError, HTTPException):
                self.ready = False
            finally:
                asked.close()
        return self.ready

    def pause(self) -> float:
        """Seconds to wait before starting it again, after one more fall."""
        self.falls = 1 if time.monotonic() - self.started > STEADY else self.falls + 1
        return 0.5 * 2**self.falls

    def sweep(self) -> None:
        """End what a fallen child left behind, such as granian's worker, which would keep the port."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def ask_to_stop(self) -> None:
        until = time.monotonic() + PATIENCE
        while not self.look() and not self.fallen and time.monotonic() < until:
            time.sleep(0.05)
        if self.process is not None and not self.fallen:
            self.process.terminate()

    def end(self) -> None:
        """Wait until it is gone; one that does not go is made to."""
        if self.process is not None:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)
            self.sweep()
            self.process.wait()


def children(host: str, port: int, ingest_port: int | None) -> list[Child]:
    def granian(port: int, application: str) -> list[str]:
        options = f"--host {host} --port {port} --log-level warning --no-ws --respawn-failed-workers {application}"
        return [sys.executable, "-m", "granian", *options.split()]

    out = [
        Child("web", granian(port, "--interface wsgi --blocking-threads 4 tilth.site.wsgi:application"), (host, port)),
        Child("conveyor", [sys.executable, "-m", "tilth.site.command", "work"]),
    ]
    if ingest_port:
        door = granian(ingest_port, "--interface asginl tilth.api.asgi:application")
        out.append(Child("ingest", door, (host, ingest_port)))
    return out


def serve(house: list[Child], where: str, say: Callable[[str], None]) -> None:
    """Start everything, say where it is, and watch over it until a signal comes.

    raises     SystemExit when a child falls TRIES times in a row
    """
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    os.environ["PYTHONUNBUFFERED"] = "1"
    try:
        for child in house:
            child.start()
        _wait_until_ready(house, stopping)
        if not stopping.is_set():
            say(f"\nTilth is at {where}/   (Ctrl-C stops it)")
            _watch(house, stopping, say)
    finally:
        say("Stopping.")
        for child in house:
            child.ask_to_stop()
        for child in house:
            child.end()


def _wait_until_ready(house: list[Child], stopping: threading.Event) -> None:
    while not stopping.is_set() and not all(child.look() for child in house):
        for child in house:
            if child.fallen:
                raise SystemExit(
                    f"{child.name} ended while starting. The lines above say why; `tilth doctor` looks further."
                )
        stopping.wait(0.05)


def _watch(house: list[Child], stopping: threading.Event, say: Callable[[str], None]) -> None:
    while not stopping.wait(0.5):
        for child in house:
            if not child.fallen:
                child.look()
                continue
            pause = child.pause()
            if child.falls >= TRIES:
                raise SystemExit(
                    f"{child.name} fell {TRIES} times in a row. The lines above say why; `tilth doctor` looks further."
                )
            say(f"{child.name} ended unexpectedly; starting it again in {pause:.0f} s.")
            if stopping.wait(pause):
                return
            child.start()
