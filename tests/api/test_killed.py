"""The real server, killed without warning while many send: nothing that it acknowledged is lost, nothing is doubled."""

import http.client
import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from itertools import count
from typing import Any

import pytest

from .processes import HEADERS, Forks, House, free_port, granian, kill, wait_for, wait_until_understood

DOORS = [("asginl", "tilth.api.asgi:application"), ("wsgi", "tilth.site.wsgi:application")]
SENDERS, KILLS = 6, 3
LARGE = json.dumps({"batch": [{"x": str(n) * 1000} for n in range(900)]}).encode()


@pytest.fixture
def started(house: House) -> Iterator[Callable[..., tuple[subprocess.Popen[bytes], int]]]:
    """Start the server on a free port of this machine."""
    servers: list[subprocess.Popen[bytes]] = []

    def started(interface: str, application: str) -> tuple[subprocess.Popen[bytes], int]:
        port = free_port()
        server = granian(house, interface, application, port)
        servers.append(server)
        wait_for(port)
        return server, port

    yield started
    for server in servers:
        if server.poll() is None:
            kill(server)


def _event(name: str) -> bytes:
    return json.dumps({"type": "track", "event": name, "userId": "u", "messageId": name}).encode()


def _send(port: int, numbers: Iterator[int], acknowledged: list[str]) -> None:
    """Send one event after another until the server is gone; write down what it acknowledged."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        while True:
            name = f"message-{next(numbers)}"
            connection.request("POST", "/v1/track", _event(name), HEADERS)
            answer = connection.getresponse()
            if (answer.status, answer.read()) == (200, b'{"success":true}'):
                acknowledged.append(name)
    except (OSError, http.client.HTTPException):
        connection.close()


def _bodies(house: House) -> list[bytes]:
    """What is in the inbox, by somebody who knows nothing of Tilth."""
    assert house.query("PRAGMA integrity_check") == [("ok",)]
    return [body for (body,) in house.query("SELECT body FROM capture_received")]


@pytest.mark.parametrize(("interface", "application"), DOORS)
def test_what_was_acknowledged_survives_a_kill(
    interface: str, application: str, house: House, started: Callable[..., Any]
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
        kill(server)
        for sender in senders:
            sender.join(30)
    kept = [json.loads(body)["messageId"] for body in _bodies(house)]
    assert len(acknowledged) >= 100 * KILLS
    assert set(acknowledged) <= set(kept)
    assert len(kept) == len(set(kept)) <= len(acknowledged) + SENDERS * KILLS


class Sender(threading.Thread):
    """A client as they are: it sends an event again and again until somebody answers 200, and writes that down."""

    def __init__(self, ports: list[int], numbers: Iterator[int], stopping: threading.Event, seed: int) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[str] = []
        self.answers: Counter[int] = Counter()
        self._ports, self._numbers, self._stopping = ports, numbers, stopping
        self._chance = random.Random(seed)

    def run(self) -> None:
        while not self._stopping.is_set():
            name = f"message-{next(self._numbers)}"
            while not self._sent(self._chance.choice(self._ports), name):
                time.sleep(0.005)
            self.acknowledged.append(name)

    def _sent(self, port: int, name: str) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("POST", "/v1/track", _event(name), HEADERS)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        self.answers[status] += 1
        return status == 200


def test_fifty_kills_of_doors_and_conveyors_lose_nothing_and_double_nothing(house: House) -> None:
    """Two doors and a conveyor, one of them killed at a time; thrice the database is away meanwhile."""
    chance, numbers, stopping = random.Random(4), count(), threading.Event()
    ports = [free_port(), free_port()]
    with ExitStack() as cleaning:
        forks = Forks(house)
        cleaning.callback(forks.close)
        start = {port: lambda port=port: forks.door(port) for port in ports} | {0: forks.conveyor}
        running = {name: begin() for name, begin in start.items()}
        cleaning.callback(lambda: [os.kill(child, signal.SIGKILL) for child in running.values()])
        for port in ports:
            wait_for(port)
        senders = [Sender(ports, numbers, stopping, seed) for seed in range(SENDERS)]
        for sender in senders:
            sender.start()
        for n in range(50):
            victim = chance.choice([*ports, 0])
            with house.away() if n in (10, 25, 40) else nullcontext():
                time.sleep(3 if n in (10, 25, 40) else chance.uniform(0.05, 0.35))
                os.kill(running[victim], signal.SIGKILL)
                running[victim] = start[victim]()
        stopping.set()
        for sender in senders:
            sender.join(60)
            assert not sender.is_alive()
        acknowledged = [name for sender in senders for name in sender.acknowledged]
        wait_until_understood(house)
    touches = [event for (event,) in house.query("SELECT event FROM touches_touch")]
    assert house.query("SELECT count(*) FROM capture_spooled") > [(0,)]
    assert sorted(touches) == sorted(acknowledged)  # lost 0, doubled 0
    assert len(acknowledged) > 500
    assert set().union(*(sender.answers for sender in senders)) == {200}  # never a 5xx, whatever was killed


def test_the_server_answers_over_a_real_network_as_it_does_without(house: House, started: Callable[..., Any]) -> None:
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
        kill(server)
    large = [body for body in _bodies(house) if len(body) > 1000]
    assert large == [LARGE] * len(DOORS)
