"""Writing very many rows: straight into the tables, with COPY on PostgreSQL. For file imports only.

Rows are tuples of what the database takes: use `stamp` for instants and `text` for JSON. Ids are
reserved first, so that rows of several tables can name each other before any is written.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection, models

_encode = msgspec.json.Encoder().encode


def ids(model: type[models.Model], count: int) -> list[int]:
    """So many new ids of a table, ours from now on. Inside a transaction."""
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [pk for (pk,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or (0,))[0]
        return list(range(last + 1, last + 1 + count))


def insert(model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Add rows; `columns` are the table's own (company_id, not company)."""
    if not rows:
        return
    names = ", ".join(f'"{c}"' for c in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})', rows)


def update(model: type[models.Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write `columns` of rows anew; each tuple ends with the row's key."""
    rows = list(rows)
    if not rows:
        return
    marks = ", ".join(f'"{c}" = %s' for c in columns)
    key = model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.executemany(f'UPDATE "{model._meta.db_table}" SET {marks} WHERE "{key}" = %s', rows)


def stamp(at: datetime) -> str:
    """An aware instant as both databases take it."""
    naive = (at if at.tzinfo is UTC else at.astimezone(UTC)).replace(tzinfo=None).isoformat(" ")
    return f"{naive}+00" if connection.vendor == "postgresql" else naive


def text(values: dict[str, Any]) -> str:
    """A table of values as JSON."""
    return _encode(values).decode() if values else "{}"
