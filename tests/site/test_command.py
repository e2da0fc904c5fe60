"""The command as an operator meets it."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def status(url: str) -> int:
    try:
        with urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as e:
        return e.code


def test_help_names_every_command_and_loads_no_django(run: Run) -> None:
    assert {"up", "demo", "work", "import", "report", "doctor", "rebuild"} <= set(
        re.findall(r"\w+", run("--help").stdout)
    )
    loaded = "import sys, tilth.site.command; sys.exit('django' in sys.modules or 'granian' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0


def test_it_says_its_version(run: Run) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", run("--version").stdout)


def test_an_empty_tilth_starts_shows_the_way_in_and_stops(run: Run, start: Callable[..., Any], port: int) -> None:
    tilth = start("up", "--port", str(port))
    link = re.search(r"http://127\.0\.0\.1:\d+/join/\S+", tilth.until("Tilth is at"))
    assert link
    assert status(link[0]) == 200
    assert status(f"http://127.0.0.1:{port}/join/somebody-elses/") == 410

    examined = run("doctor")
    assert examined.returncode == 0, examined.stdout
    assert "fine     The conveyor runs." in examined.stdout

    second = run("up", "--port", str(port))
    assert second.returncode == 1
    assert f"choose another: --port {port + 1}" in second.stderr

    assert tilth.stop(by=signal.SIGINT) == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert "The conveyor does not run" in run("doctor").stdout


def test_before_the_first_start_commands_say_what_to_do(run: Run) -> None:
    for words in (("work", "--once"), ("import", __file__), ("report",), ("rebuild",)):
        told = run(*words)
        assert told.returncode == 1
        assert (
            told.stderr
            == "The database is not up to date with this version. Start Tilth with `tilth up`, which brings it up to date.\n"
        )
    examined = run("doctor")
    assert examined.returncode == 1
    assert "error    The database is not up to date" in examined.stdout


def test_a_wrong_setting_stops_the_start_with_its_name(run: Run) -> None:
    told = run("doctor", TILTH_HTTPS="perhaps")
    assert (told.returncode, told.stderr) == (1, "TILTH_HTTPS=perhaps is neither yes nor no. Write yes or no.\n")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "tilth.example"])
def test_the_demo_refuses_to_be_reached_by_others(run: Run, house: dict[str, str], host: str) -> None:
    told = run("demo", "--host", host)
    assert told.returncode == 2
    assert "demo passwords are public" in " ".join(told.stderr.replace("│", " ").split())
    assert not Path(house["TILTH_HOME"]).exists()
