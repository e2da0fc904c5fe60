"""The demo as a newcomer meets it: built once, there at once the second time."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection


@pytest.mark.timeout(600)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="The demo always lives in a SQLite file of its own.")
def test_the_demo_is_built_once_right_and_then_there_in_seconds(
    start: Callable[..., Any], port: int, tmp_path: Path, house: dict[str, str]
) -> None:
    built = start("demo", "--port", str(port))
    assert "ann@kasbouw.example" in built.until("Tilth is at", seconds=500)
    assert built.stop() == 0
    assert (tmp_path / "home" / "demo.sqlite3").exists()
    assert not (tmp_path / "home" / "demo.building").exists()

    judged, different = replayed(house, tmp_path / "home" / "demo.sqlite3")
    assert judged > 1_000
    assert different == 0

    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # others' work on this machine is not ours
    assert min(seconds_to_start(start, port) for _ in range(2)) < 5 * busy


def replayed(house: dict[str, str], database: Path) -> tuple[int, int]:
    """How many people of the demo company were judged, live and by a replay; and of how many that differs."""
    settings = {"DJANGO_SETTINGS_MODULE": "tilth.site.settings", "TILTH_DATABASE": f"sqlite:///{database}"}
    script = Path(__file__).with_name("replayed.py")
    done = subprocess.run(
        [sys.executable, str(script)], env=house | settings, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    people, different = done.stdout.split(" people, ")
    return int(people), int(different.split()[0])


def seconds_to_start(start: Callable[..., Any], port: int) -> float:
    began = time.monotonic()
    demo = start("demo", "--port", str(port))
    demo.until("Tilth is at")
    seconds = time.monotonic() - began
    demo.stop()
    return seconds
