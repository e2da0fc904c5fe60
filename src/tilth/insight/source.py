"""Reading very many rows of the database as Arrow, past Django: on a connection of its own, in snapshots.

What an open transaction has written is not seen here, not even our own.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from urllib.parse import quote

import pyarrow as pa
from django.db import connection

Read = Callable[[str], pa.RecordBatchReader]
ROWS = 65_536
WAIT = 5.0  # seconds for transactions that have drawn an id and not yet ended
STREAMS = {
    "touch": "touches_touch",
    "correction": "touches_correction",
    "learned": "people_learned",
    "person": "people_person",
}

# Whoever has drawn an id holds its sequence until the transaction ends.
DRAWING = f"""
    SELECT DISTINCT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND relation IN ({", ".join(f"pg_get_serial_sequence('{table}', 'id')::regclass" for table in STREAMS.values())})
"""


class Horizon(NamedTuple):
    """Of each stream, the id below the first one and the last one; and whether none between them can still appear."""

    below: dict[str, int]
    last: dict[str, int]
    sealed: bool


@contextmanager
def opened() -> Iterator["Source"]:
    """The database of this installation, on a connection of our own."""
    if connection.vendor == "sqlite":
        import adbc_driver_sqlite.dbapi as sqlite

        connecting = sqlite.connect(f"file:{quote(str(connection.settings_dict['NAME']))}?mode=ro")
    else:
        import adbc_driver_postgresql.dbapi as postgresql
        from psycopg.conninfo import make_conninfo

        connecting = postgresql.connect(make_conninfo(**_parameters()))
    with connecting as connected:
        yield Source(connected)


class Source:
    def __init__(self, connected: Any):
        self.connected, self.is_sqlite = connected, connection.vendor == "sqlite"

    @contextmanager
    def snapshot(self) -> Iterator[Read]:
        """`read(sql)` gives batches of rows, all from one moment. One query at a time: each is read to its end."""
        with ExitStack() as using:

            def read(sql: str) -> pa.RecordBatchReader:
                using.close()
                cursor = using.enter_context(self.connected.cursor())
                if self.is_sqlite:
                    cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(ROWS)})
                cursor.execute(sql)
                return cursor.fetch_record_batch()

            try:
                if not self.is_sqlite:
                    with self.connected.cursor() as cursor:
                        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield read
            finally:
                using.close()
                self.connected.rollback()

    def identity(self) -> str:
        """Which database this is: when its first table was made."""
        return str(self._row("SELECT min(applied) AS at FROM django_migrations")["at"])

    def horizon(self) -> Horizon:
        """How far the streams go.

        SQLite has one writer, so ids are committed in the order in which they were drawn. PostgreSQL may commit a lower
        id later: we wait until everybody who had drawn an id when we looked has ended, at most `WAIT`.
        """
        last = self._ids("max")
        before, until = self._drawing(), time.monotonic() + WAIT
        while before and time.monotonic() < until:
            time.sleep(0.01)
            before &= self._drawing()
        first = self._ids("min")  # asked last: who was waited for may have brought a lower one
        return Horizon({n: (m or 1) - 1 for n, m in first.items()}, {n: m or 0 for n, m in last.items()}, not before)

    def _drawing(self) -> set[str]:
        """The transactions that have drawn an id; on SQLite none that could matter."""
        if self.is_sqlite:
            return set()
        with self.snapshot() as read:
            return set(read(DRAWING).read_all().column(0).to_pylist())

    def _ids(self, end: str) -> dict[str, int | None]:
        return self._row("SELECT " + ", ".join(f"(SELECT {end}(id) FROM {t}) AS {name}" for name, t in STREAMS.items()))

    def _row(self, sql: str) -> dict[str, Any]:
        with self.snapshot() as read:
            return read(sql).read_all().to_pylist()[0]


def _parameters() -> dict[str, Any]:
    """What libpq needs of Django's parameters."""
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.pq import Conninfo

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    told = connection.get_connection_params()
    return conninfo_to_dict("", **{k: v for k, v in told.items() if k in known and v is not None})
