"""An empty database gets its tables at once, and they are those to which all migrations come."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tilth.site import fresh

WAYS = ("at once", "migration by migration")


@pytest.fixture
def databases(tmp_path: Path, transactional_db: None) -> Iterator[list[str]]:
    """The addresses of two that are empty."""
    if connection.vendor == "sqlite":
        yield [f"sqlite:///{tmp_path}/{n}.sqlite3" for n in range(2)]
        return
    names, url = [f"fresh_{os.getpid()}_{n}" for n in range(2)], urlsplit(os.environ["TILTH_DATABASE"])
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f'CREATE DATABASE "{name}"')
        yield [url._replace(path=f"/{name}").geturl() for name in names]
        for name in names:
            cursor.execute(f'DROP DATABASE "{name}"')


def test_tables_that_are_made_at_once_are_those_of_all_migrations(databases: list[str], house: dict[str, str]) -> None:
    told = [made(how, database, house) for how, database in zip(WAYS, databases, strict=True)]
    assert told[0] == told[1]
    assert any("people_person" in line for line in told[0])


def made(how: str, database: str, house: dict[str, str]) -> list[str]:
    script, env = Path(__file__).with_name("schema.py"), house | {"TILTH_DATABASE": database}
    done = subprocess.run(
        [sys.executable, str(script), how], env=env | {"DJANGO_SETTINGS_MODULE": "tilth.site.settings"},
        capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.django_db
def test_a_database_in_which_something_is_gets_its_tables_by_migrations() -> None:
    assert not fresh.is_empty()
