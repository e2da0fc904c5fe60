"""Rows of any table as the database holds them: taken out, and put back to the byte.

A value is what the database itself says of it, so nothing is lost on the way through JSON and back: microseconds, the
spelling of a JSON column, bytes. Only for rows that this installation has written; `people.merging` uses it.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

AT_ONCE = 10_000  # keys in one statement
Row = dict[str, Any]  # column to value, as JSON can hold it


def read(model: type[models.Model], column: str, values: Sequence[Any]) -> list[Row]:
    """The rows of which `column` has one of these values, by their key."""
    if not values:
        return []
    names = [column_of(f) for f in model._meta.concrete_fields]
    table, key = model._meta.db_table, key_of(model)
    asked = ", ".join(_asked(name) for name in names)
    marks = ", ".join(["%s"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {asked} FROM "{table}" WHERE "{column}" IN ({marks}) ORDER BY "{key}"', [*values])
        return [dict(zip(names, map(_kept, row), strict=True)) for row in cursor.fetchall()]


def insert(model: type[models.Model], rows: Iterable[Row]) -> None:
    """Put rows back. Columns that the table has got since take their default; those that it has lost are left out."""
    fields = {column_of(f): f for f in model._meta.concrete_fields}
    with connection.cursor() as cursor:
        for row in rows:
            told = {c: _given(v) for c, v in row.items() if c in fields}
            new = {c: f.get_db_prep_save(f.get_default(), connection) for c, f in fields.items() if c not in row}
            marks = [_mark(fields[c]) for c in told] + ["%s"] * len(new)
            names = ", ".join(f'"{c}"' for c in (*told, *new))
            sql = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({", ".join(marks)})'
            cursor.execute(sql, [*told.values(), *new.values()])


def change(model: type[models.Model], pk: Any, values: Row) -> None:
    """Write some columns of one row."""
    fields = {column_of(f): f for f in model._meta.concrete_fields}
    told = {c: _given(v) for c, v in values.items() if c in fields}
    if not told:
        return
    marks = ", ".join(f'"{c}" = {_mark(fields[c])}' for c in told)
    with connection.cursor() as cursor:
        sql = f'UPDATE "{model._meta.db_table}" SET {marks} WHERE "{key_of(model)}" = %s'
        cursor.execute(sql, [*told.values(), pk])


def point(model: type[models.Model], column: str, whereto: int, keys: Sequence[Any], was: int) -> int:
    """Let a reference of these rows point elsewhere, where it still points to `was`; returns how many did."""
    done = 0
    with connection.cursor() as cursor:
        for begin in range(0, len(keys), AT_ONCE):
            some = keys[begin : begin + AT_ONCE]
            cursor.execute(
                f'UPDATE "{model._meta.db_table}" SET "{column}" = %s '
                f'WHERE "{column}" = %s AND "{key_of(model)}" IN ({", ".join(["%s"] * len(some))})',
                [whereto, was, *some],
            )
            done += cursor.rowcount
    return done


def delete(model: type[models.Model], keys: Sequence[Any]) -> None:
    """Remove rows, and nothing else: whatever refers to them must have been seen to before."""
    if not keys:
        return
    marks = ", ".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE "{key_of(model)}" IN ({marks})', list(keys))


def column_of(field: models.Field) -> str:
    """What the table calls a field that it holds."""
    assert field.column is not None
    return field.column


def key_of(model: type[models.Model]) -> str:
    """The column by which a table tells its rows apart."""
    return column_of(model._meta.pk)


def _asked(column: str) -> str:
    """A column as its text on PostgreSQL; on SQLite an expression, so that no converter of Python's sees it."""
    return f'"{column}"::text' if connection.vendor == "postgresql" else f'+"{column}"'


def _mark(field: models.Field) -> str:
    return f"%s::{field.cast_db_type(connection)}" if connection.vendor == "postgresql" else "%s"


def _kept(value: Any) -> Any:
    return {"bytes": b64encode(value).decode()} if isinstance(value, bytes) else value


def _given(value: Any) -> Any:
    return b64decode(value["bytes"]) if isinstance(value, dict) else value
