"""A Tilth in processes of its own, which tests may kill without warning."""

import base64
import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

KEY = "kill-me"
SOURCE = f"""
from datetime import UTC, datetime
from tilth.capture.models import Source
Source.objects.create(name="Site", write_key={KEY!r}, at=datetime(2026, 1, 1, tzinfo=UTC))
"""
HEADERS = {"Authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode(), "Content-Type": "text/plain"}


@dataclass(frozen=True)
class House:
    """An installation: its home, and its database where that is not the file in there."""

    home: Path
    database: str = ""

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("TILTH_")}
        chosen = {"TILTH_HOME": str(self.home), "TILTH_DATABASE": self.database}
        return {**kept, **chosen, "DJANGO_SETTINGS_MODULE": "tilth.site.settings"}

    def install(self) -> None:
        """With one source."""
        for command in ("migrate --verbosity 0".split(), ["shell", "--no-imports", "-c", SOURCE]):
            subprocess.run([sys.executable, "-m", "django", *command], env=self.environment, check=True, timeout=240)

    def query(self, sql: str) -> list[Any]:
        """What somebody reads who knows nothing of Tilth."""
        with closing(psycopg.connect(self.database) if self.database else _file(self.home)) as connection:
            return list(connection.execute(sql))

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody else can write to its file meanwhile, nor even begin to."""
        with closing(_file(self.home)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.rollback()


def _file(home: Path) -> sqlite3.Connection:
    return sqlite3.connect(home / "tilth.sqlite3", timeout=60)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def granian(house: House, interface: str, application: str, port: int) -> subprocess.Popen[bytes]:
    """The server as it runs in the field, in a process group of its own."""
    options = f"--port {port} --interface {interface} --log-level error --no-ws {application}"
    command = [sys.executable, "-m", "granian", *options.split()]
    return subprocess.Popen(command, env=house.environment, start_new_session=True)


def wait_for(port: int, seconds: float = 60) -> None:
    """raises     TimeoutError, when nothing answers there in time"""
    until = time.monotonic() + seconds
    while not answers(port):
        if time.monotonic() > until:
            raise TimeoutError(f"nothing answers at port {port}")
        time.sleep(0.05)


def wait_until_understood(house: House, seconds: float = 150) -> None:
    """raises     TimeoutError, when the conveyor does not come to the end of what came in"""
    waiting = "SELECT count(*) FROM capture_received WHERE taken_at IS NULL"
    until = time.monotonic() + seconds
    while any(house.home.glob("spool/*/*.spool")) or house.query(waiting) != [(0,)]:
        if time.monotonic() > until:
            raise TimeoutError("the conveyor takes too long")
        time.sleep(0.1)


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("OPTIONS", "/v1/batch")
        return connection.getresponse().status == 204
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def kill(server: subprocess.Popen[bytes]) -> None:
    """Like a machine that goes out of memory: all of its group, with no time to say anything."""
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()


class Forks:
    """Processes with Tilth loaded already, so that a new one runs at once: doors of ingest, and conveyors."""

    def __init__(self, house: House) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("forking.py"))],
            env=house.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def door(self, port: int) -> int:
        """The id of a new process that answers there."""
        return self._new(f"door {port}")

    def conveyor(self) -> int:
        return self._new("conveyor")

    def close(self) -> None:
        kill(self._parent)
        for pipe in filter(None, (self._parent.stdin, self._parent.stdout)):
            pipe.close()

    def _new(self, what: str) -> int:
        assert self._parent.stdin
        assert self._parent.stdout
        print(what, file=self._parent.stdin, flush=True)
        return int(self._parent.stdout.readline())
