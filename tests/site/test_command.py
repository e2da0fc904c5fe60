"""The command as an operator meets it: in a process of its own, with a house of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

TILTH = [sys.executable, "-m", "tilth.site.command"]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def house(tmp_path: Path) -> dict[str, str]:
    """An environment in which nothing was ever started."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TILTH_", "DJANGO_"))}
    return kept | {"TILTH_HOME": str(tmp_path / "home"), "PYTHONWARNINGS": ""}


def run(house: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*TILTH, *words], env=house, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def start(house: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """Start a command that stays; what it says goes to `tmp_path / "said"`."""
    running = []

    def start(*words: str) -> "subprocess.Popen[str]":
        with open(tmp_path / "said", "w") as said:
            process = subprocess.Popen([*TILTH, *words], env=house, stdout=said, stderr=subprocess.STDOUT, text=True)
        running.append(process)
        return process

    yield start
    for process in running:
        process.terminate()
        process.wait(60)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(said: Path, words: str, process: "subprocess.Popen[str]", seconds: float = 60) -> str:
    """What was said, once `words` are among it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if words in said.read_text():
            return said.read_text()
        assert process.poll() is None, said.read_text()
        time.sleep(0.05)
    raise AssertionError(f"{words!r} was not said in {seconds} s:\n{said.read_text()}")


def status(url: str) -> int:
    try:
        with urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as e:
        return e.code


def test_help_names_every_command_and_loads_no_django() -> None:
    told = subprocess.run([*TILTH, "--help"], capture_output=True, text=True, check=True).stdout
    assert {"up", "demo", "work", "import", "doctor", "rebuild"} <= set(re.findall(r"\w+", told))
    loaded = "import sys, tilth.site.command; sys.exit('django' in sys.modules or 'granian' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0


def test_an_empty_tilth_starts_shows_the_way_in_and_stops(
    house: dict[str, str], start: Start, port: int, tmp_path: Path
) -> None:
    tilth = start("up", "--port", str(port))
    said = until(tmp_path / "said", "Tilth is at", tilth)
    link = re.search(r"http://127\.0\.0\.1:\d+/join/\S+", said)
    assert link
    assert status(link[0]) == 200
    assert status(f"http://127.0.0.1:{port}/join/somebody-elses/") == 410

    examined = run(house, "doctor")
    assert examined.returncode == 0, examined.stdout
    assert "fine     The conveyor runs." in examined.stdout

    second = run(house, "up", "--port", str(port))
    assert second.returncode == 1
    assert f"choose another: --port {port + 1}" in second.stderr

    tilth.send_signal(signal.SIGINT)
    assert tilth.wait(30) == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert "The conveyor does not run" in run(house, "doctor").stdout


def test_before_the_first_start_commands_say_what_to_do(house: dict[str, str]) -> None:
    for words in (("work", "--once"), ("rebuild",)):
        told = run(house, *words)
        assert told.returncode == 1
        assert (
            told.stderr
            == "The database is not up to date with this version. Start Tilth with `tilth up`, which brings it up to date.\n"
        )
    examined = run(house, "doctor")
    assert examined.returncode == 1
    assert "error    The database is not up to date" in examined.stdout


def test_a_wrong_setting_stops_the_start_with_its_name(house: dict[str, str]) -> None:
    told = run(house | {"TILTH_HTTPS": "perhaps"}, "doctor")
    assert (told.returncode, told.stderr) == (1, "TILTH_HTTPS=perhaps is neither yes nor no. Write yes or no.\n")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "tilth.example"])
def test_the_demo_refuses_to_be_reached_by_others(house: dict[str, str], host: str) -> None:
    told = run(house, "demo", "--host", host)
    assert told.returncode == 2
    assert "demo passwords are public" in " ".join(told.stderr.replace("│", " ").split())
    assert not Path(house["TILTH_HOME"]).exists()
