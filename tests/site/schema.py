"""Makes the tables of an empty database, at once or migration by migration, and prints what came of it, in one order."""

import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any


def main(how: str) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tilth.site import fresh, opening

    assert fresh.is_empty()
    if how == "at once":
        fresh.create()
    else:
        call_command("migrate", interactive=False, verbosity=0)
    assert not fresh.is_empty()
    assert not opening.lags_behind()
    with connection.cursor() as cursor:
        lines = sorted(line for lines in told(cursor, connection.vendor) for line in lines)
    # But for a table of Django's that nobody uses: its ids have another width.
    print("\n".join(line for line in lines if "auth_group" not in line))


def told(cursor: Any, vendor: str) -> Iterator[Iterable[str]]:
    if vendor == "sqlite":
        cursor.execute("SELECT tbl_name, type, sql FROM sqlite_master WHERE sql IS NOT NULL")
        for table, kind, sql in cursor.fetchall():
            parts = re.split(r", (?=\"|CONSTRAINT)", sql.partition("(")[2]) if kind == "table" else [sql]
            yield [f"{table}: {part.strip(' )')}" for part in parts]  # columns that were added later stand last
        return
    cursor.execute("""
        SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length, is_identity
        FROM information_schema.columns WHERE table_schema = 'public'
    """)
    yield map(str, cursor.fetchall())
    cursor.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'")
    yield map(str, cursor.fetchall())
    cursor.execute("SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace")  # fmt: skip
    yield map(str, cursor.fetchall())
    for table in ("django_migrations", "django_content_type", "auth_permission"):
        columns = {"django_migrations": "app, name", "django_content_type": "app_label, model"}.get(table, "codename")
        cursor.execute(f"SELECT {columns} FROM {table}")
        yield [f"{table} {row}" for row in cursor.fetchall()]


if __name__ == "__main__":
    main(sys.argv[1])
