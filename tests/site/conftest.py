"""A house of its own for each test, and the command in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

TILTH = [sys.executable, "-m", "tilth.site.command"]


class Started:
    """A command that stays, and what it says."""

    def __init__(self, words: tuple[str, ...], house: dict[str, str], said: Path) -> None:
        self.said = said
        with open(said, "w") as out:
            self.process = subprocess.Popen([*TILTH, *words], env=house, stdout=out, stderr=subprocess.STDOUT)

    def until(self, words: str, seconds: float = 60) -> str:
        """What was said, once `words` are among it."""
        end = time.monotonic() + seconds
        while words not in self.said.read_text():
            assert self.process.poll() is None, self.said.read_text()
            assert time.monotonic() < end, f"{words!r} was not said in {seconds} s:\n{self.said.read_text()}"
            time.sleep(0.05)
        return self.said.read_text()

    def stop(self, by: int = signal.SIGTERM) -> int:
        self.process.send_signal(by)
        return self.process.wait(60)


@pytest.fixture
def house(tmp_path: Path) -> dict[str, str]:
    """An environment in which nothing was ever started."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TILTH_", "DJANGO_"))}
    return kept | {"TILTH_HOME": str(tmp_path / "home")}


@pytest.fixture
def run(house: dict[str, str]) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run a command to its end, with some settings of its own."""

    def run(*words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*TILTH, *words], env=house | settings, capture_output=True, text=True, timeout=120, check=False
        )

    return run


@pytest.fixture
def start(house: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Started]]:
    """Start a command that stays; it is stopped when the test is over."""
    running = []

    def start(*words: str) -> Started:
        running.append(Started(words, house, tmp_path / f"said-{len(running)}"))
        return running[-1]

    yield start
    for started in running:
        started.stop()


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
