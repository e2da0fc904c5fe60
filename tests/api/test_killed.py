"""The real server, killed without warning while many send: nothing that it acknowledged is lost."""

import base64
import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

KEY = "kill-me"
HEADERS = {"Authorization": "Basic " + base64.b64encode(f"{KEY}:".encode()).decode(), "Content-Type": "text/plain"}
DOORS = [("asginl", "tilth.api.asgi:application"), ("wsgi", "tilth.site.wsgi:application")]
SENDERS, KILLS = 6, 3
LARGE = json.dumps({"batch": [{"x": str(n) * 1000} for n in range(900)]}).encode()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with one source."""
    tmp_path = tmp_path_factory.mktemp("template")
    _django(tmp_path, "migrate", "--verbosity", "0")
    with sqlite3.connect(tmp_path / "tilth.sqlite3") as database:
        database.execute(
            "INSERT INTO capture_source (name, write_key, team, at) VALUES ('Site', ?, 'person', '2026-01-01')", [KEY]
        )
    database.close()
    return tmp_path


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Path:
    """An installation of this test alone."""
    return shutil.copytree(template, tmp_path, dirs_exist_ok=True)


def _environment(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TILTH_")}
    return {**kept, "TILTH_HOME": str(home), "DJANGO_SETTINGS_MODULE": "tilth.site.settings"}


def _django(home: Path, *command: str) -> None:
    subprocess.run([sys.executable, "-m", "django", *command], env=_environment(home), check=True, timeout=120)


@pytest.fixture
def started(home: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[bytes], int]]]:
    """Start the server on a free port of this machine, in a process group of its own."""
    servers: list[subprocess.Popen[bytes]] = []

    def started(interface: str, application: str) -> tuple[subprocess.Popen[bytes], int]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "granian",
            "--port",
            str(port),
            "--interface",
            interface,
            "--log-level",
            "error",
        ]
        server = subprocess.Popen([*command, application], env=_environment(home), start_new_session=True)
        servers.append(server)
        for _ in range(300):
            if _answers(port):
                return server, port
            time.sleep(0.1)
        raise TimeoutError("the server did not start within 30 seconds")

    yield started
    for server in servers:
        if server.poll() is None:
            _kill(server)


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("OPTIONS", "/v1/batch")
        return connection.getresponse().status == 204
    except OSError:
        return False
    finally:
        connection.close()


def _kill(server: subprocess.Popen[bytes]) -> None:
    os.killpg(server.pid, signal.SIGKILL)
    server.wait()


def _send(port: int, numbers: Iterator[int], acknowledged: list[str]) -> None:
    """Send one event after another until the server is gone; write down what it acknowledged."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        while True:
            name = f"message-{next(numbers)}"
            event = {"type": "track", "event": "Sent", "userId": "u", "messageId": name}
            connection.request("POST", "/v1/track", json.dumps(event), HEADERS)
            answer = connection.getresponse()
            if (answer.status, answer.read()) == (200, b'{"success":true}'):
                acknowledged.append(name)
    except (OSError, http.client.HTTPException):
        connection.close()


def _kept(home: Path) -> list[str]:
    """What is in the inbox, by somebody who knows nothing of Tilth."""
    return [json.loads(body)["messageId"] for body in _bodies(home)]


def _bodies(home: Path) -> list[bytes]:
    database = sqlite3.connect(home / "tilth.sqlite3")
    bodies = [body for (body,) in database.execute("SELECT body FROM capture_received")]
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    return bodies


@pytest.mark.parametrize(("interface", "application"), DOORS)
def test_what_was_acknowledged_survives_a_kill(
    interface: str, application: str, home: Path, started: Callable[..., Any]
) -> None:
    acknowledged: list[str] = []
    numbers = count()
    for _ in range(KILLS):
        server, port = started(interface, application)
        senders = [threading.Thread(target=_send, args=(port, numbers, acknowledged)) for _ in range(SENDERS)]
        before = len(acknowledged)
        for sender in senders:
            sender.start()
        while len(acknowledged) < before + 100 and server.poll() is None:
            time.sleep(0.01)
        _kill(server)
        for sender in senders:
            sender.join(30)
    kept = _kept(home)
    assert len(acknowledged) >= 100 * KILLS
    assert set(acknowledged) <= set(kept)
    assert len(kept) == len(set(kept)) <= len(acknowledged) + SENDERS * KILLS


def test_the_server_answers_over_a_real_network_as_it_does_without(home: Path, started: Callable[..., Any]) -> None:
    for interface, application in DOORS:
        server, port = started(interface, application)
        for body, headers, status in [
            (b"{}", HEADERS, 200), (LARGE, HEADERS, 200), (b"{nonsense", HEADERS, 400), (b"{}", {}, 401), (b"x" * 4_000_001, HEADERS, 413),
        ]:  # fmt: skip
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("POST", "/v1/batch/", body, headers)
            answer = connection.getresponse()
            told = json.loads(answer.read())
            assert (answer.status, answer.getheader("Access-Control-Allow-Origin")) == (status, "*")
            assert told["success"] is (status == 200)
            connection.close()
        _kill(server)
    large = [body for body in _bodies(home) if len(body) > 1000]
    assert large == [LARGE] * len(DOORS)
