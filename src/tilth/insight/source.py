"""Reading very many rows of the database as Arrow, past Django: on a connection of its own, in snapshots.

What an open transaction has written is not seen here, not even our own. SQLite is read through Python's own copy
of it and no other (ADBC brings one): two copies in one process undo each other's locks, and then the file is lost.
"""

import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
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
    "merge": "people_merge",
    "split": "people_split",
    "stage": "qualify_stagechange",
    "handoff": "handoff_handoff",
    "acceptance": "handoff_acceptance",
    "return": "handoff_return",
    "review": "handoff_review",
    "qualified": "handoff_qualified",
    "handback": "handoff_handback",
    "won": "deals_won",
    "lost": "deals_lost",
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
        with closing(sqlite3.connect(f"file:{quote(_file())}?mode=ro", uri=True, isolation_level=None)) as connected:
            yield SQLite(connected)
    else:
        import adbc_driver_postgresql.dbapi as postgresql
        from psycopg.conninfo import make_conninfo

        with postgresql.connect(make_conninfo(**_parameters())) as connected:
            yield PostgreSQL(connected)


class Source(ABC):
    def __init__(self, connected: Any):
        self.connected = connected

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Read]:
        """`read(sql)` gives batches of rows, all from one moment. One query at a time: each is read to its end."""

    @abstractmethod
    def drawing(self) -> set[str]:
        """The transactions that have drawn an id and may commit it later than a higher one."""

    def identity(self) -> str:
        """Which database this is: when its first table was made."""
        return str(self._row("SELECT min(applied) AS at FROM django_migrations")["at"])

    def horizon(self) -> Horizon:
        """How far the streams go.

        SQLite has one writer, so ids are committed in the order in which they were drawn. PostgreSQL may commit a lower
        id later: we wait until everybody who had drawn an id when we looked has ended, at most `WAIT`.
        """
        last = self._ids("max")
        before, until = self.drawing(), time.monotonic() + WAIT
        while before and time.monotonic() < until:
            time.sleep(0.01)
            before &= self.drawing()
        first = self._ids("min")  # asked last: who was waited for may have brought a lower one
        return Horizon({n: (m or 1) - 1 for n, m in first.items()}, {n: m or 0 for n, m in last.items()}, not before)

    def _ids(self, end: str) -> dict[str, int | None]:
        return self._row("SELECT " + ", ".join(f"(SELECT {end}(id) FROM {t}) AS {name}" for name, t in STREAMS.items()))

    def _row(self, sql: str) -> dict[str, Any]:
        with self.snapshot() as read:
            return read(sql).read_all().to_pylist()[0]


class SQLite(Source):
    @contextmanager
    def snapshot(self) -> Iterator[Read]:
        self.connected.execute("BEGIN")
        try:
            yield self._read
        finally:
            self.connected.execute("ROLLBACK")

    def drawing(self) -> set[str]:
        return set()

    def _read(self, sql: str) -> pa.RecordBatchReader:
        """Types are those of the first rows; a column in which these have nothing holds whole numbers."""
        cursor = self.connected.execute(sql)
        names = [column[0] for column in cursor.description]
        columns = list(zip(*cursor.fetchmany(ROWS), strict=True)) or [()] * len(names)
        first = [
            pa.array(column) if any(v is not None for v in column) else pa.array(column, pa.int64())
            for column in columns
        ]
        schema = pa.schema(list(zip(names, (array.type for array in first), strict=True)))

        def batches() -> Iterator[pa.RecordBatch]:
            yield pa.record_batch(first, schema=schema)
            while rows := cursor.fetchmany(ROWS):
                yield pa.record_batch(list(map(pa.array, zip(*rows, strict=True), schema.types)), schema=schema)

        return pa.RecordBatchReader.from_batches(schema, batches())


class PostgreSQL(Source):
    @contextmanager
    def snapshot(self) -> Iterator[Read]:
        with ExitStack() as using:

            def read(sql: str) -> pa.RecordBatchReader:
                using.close()
                cursor = using.enter_context(self.connected.cursor())
                cursor.execute(sql)
                return cursor.fetch_record_batch()

            try:
                with self.connected.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield read
            finally:
                using.close()
                self.connected.rollback()

    def drawing(self) -> set[str]:
        with self.snapshot() as read:
            return set(read(DRAWING).read_all().column(0).to_pylist())


def _file() -> str:
    return str(connection.settings_dict["NAME"])


def _parameters() -> dict[str, Any]:
    """What libpq needs of Django's parameters."""
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.pq import Conninfo

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    told = connection.get_connection_params()
    return conninfo_to_dict("", **{k: v for k, v in told.items() if k in known and v is not None})
