"""Writing very many rows: straight into the tables, with COPY on PostgreSQL. For file imports and deliveries.

Rows are tuples of what the database takes: use `stamp` for instants and `text` for JSON. Ids are
reserved first, so that rows of several tables can name each other before any is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import connection, models

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


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
            # Django does not wrap COPY by itself, and callers know its errors, not the driver's.
            with connection.wrap_database_errors, cursor.copy(_copy(model, names)) as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})', rows)


def _copy(model: type[models.Model], names: str) -> str:
    return f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'


def update(model: type[models.Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write `columns` of rows anew; each tuple ends with the row's key."""
    rows = list(rows)
    if not rows:
        return
    marks = ", ".join(f'"{c}" = %s' for c in columns)
    key = model._meta.pk.column
    with connection.cursor() as cursor:
        cursor.executemany(f'UPDATE "{model._meta.db_table}" SET {marks} WHERE "{key}" = %s', rows)


def lookup(
    model: type[models.Model], key: str, wanted: Iterable[Any], *columns: str, lock: bool = False, **same: Any
) -> list[tuple[Any, ...]]:
    """The columns of the rows whose `key` is among the wanted, as the database gives them.

    lock     nobody else may change these rows until the transaction ends (SQLite has one writer anyway);
             rows that refer to them may still be added
    same     what must hold too: column to value
    """
    values = list(wanted)
    if not values:
        return []
    array = connection.vendor == "postgresql"
    among = "= ANY(%s)" if array else f"IN ({', '.join(['%s'] * len(values))})"
    where = "".join(f'"{name}" = %s AND ' for name in same)
    names = ", ".join(f'"{c}"' for c in columns)
    locked = f' ORDER BY "{key}" FOR NO KEY UPDATE' if lock and array else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT {names} FROM "{model._meta.db_table}" WHERE {where}"{key}" {among}{locked}',
            [*same.values(), values] if array else [*same.values(), *values],
        )
        return cursor.fetchall()


def stamp(at: datetime) -> str:
    """An aware instant as both databases take it: in UTC, which is their sessions' zone."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).replace(tzinfo=None).isoformat(" ")


def moment(value: datetime) -> datetime:
    """An instant as `lookup` gives it: SQLite's have no zone."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def text(values: Mapping[str, Any]) -> str:
    """A table of values as JSON."""
    return _encode(values).decode() if values else "{}"


def values(text: str) -> dict[str, Any]:
    """A table of values out of JSON, as `lookup` gives it."""
    return {} if text == "{}" else _decode(text)
