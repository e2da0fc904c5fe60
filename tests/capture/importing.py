"""What tests of imports share: a file, taken in as `tilth import --yes` does it."""

import os
from datetime import datetime
from pathlib import Path

import pytest
from rich.console import Console

from tests.conftest import NOW
from tilth.capture import imports
from tilth.capture.command import import_file
from tilth.capture.models import Import

MAPPINGS = Path(__file__).parent / "mappings"


def take_in(path: Path, kind: str = "leads", mapping: str = "", system: str = "", now: datetime = NOW) -> Import:
    """The import of a file, finished; with one of the mappings that ship with the tests, or a guessed one."""
    wish = str(MAPPINGS / f"{mapping}.yaml") if mapping else ""
    row = import_file(path, kind, wish, True, lambda: now, Console(quiet=True), system)
    assert row.done == row.created + row.updated + row.skipped + row.failed
    assert row.trouble or row.done == row.rows
    assert not list(imports.home().glob("*.utf8"))
    return row


def counts(row: Import) -> tuple[int, int, int, int]:
    """created, updated, skipped, failed"""
    return row.created, row.updated, row.skipped, row.failed


def real(*parts: str) -> Path:
    """A file of the real data, which may not ship with Tilth."""
    if not (folder := os.environ.get("TILTH_DATA")):
        pytest.skip("TILTH_DATA does not point to the real data, which may not ship with Tilth (docs/data.md).")
    return Path(folder).joinpath(*parts)
