"""DuckDB in this process: nothing to set up, and the fastest for what one machine can hold."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import pyarrow as pa

from tilth.insight.lake import Lake
from tilth.insight.shapes import TABLES

from .answering import Answering, Columns, Work, view

_SQL = {
    "int64": "BIGINT", "int32": "INTEGER", "string": "VARCHAR", "bool": "BOOLEAN", "timestamp[us]": "TIMESTAMP",
    "date32[day]": "DATE",
}  # fmt: skip


class DuckDB(Answering):
    def table(self, name: str) -> Any:
        return self._connected.table(name)

    def run(self, expression: Any) -> pa.Table:
        return self._connected.to_pyarrow(expression)

    def once(self, expression: Any) -> Any:
        from ibis.util import gen_name

        return self._connected.create_table(gen_name("once"), expression, temp=True)

    def by_person(self, work: Work, columns: Columns, returns: pa.Schema, cuts: Sequence[int], coded: bool) -> pa.Table:
        made = [work(tables).cast(returns) for tables in self.lake.through(list(columns), columns, cuts, 0, coded)]
        return pa.concat_tables(made) if made else returns.empty_table()

    @cached_property
    def _connected(self) -> Any:
        import ibis

        connected = ibis.duckdb.connect()
        for statement in views(self.lake, TABLES):
            connected.raw_sql(statement)
        return connected


def views(lake: Lake, names: Iterable[str]) -> Iterator[str]:
    """Statements that make tables of the lake known by their names."""
    for name in sorted(names, key=lambda name: name != "gone"):  # which others ask for
        files = [lake.path(file).replace("'", "''") for file in lake.manifest.of(name)]
        scans = [f"read_parquet('{path}')" for path in files] or [_nothing(name)]
        yield f'CREATE VIEW "{name}" AS {view(lake, name, scans)}'


def _nothing(name: str) -> str:
    columns = ", ".join(f'CAST(NULL AS {_SQL[str(f.type)]}) AS "{f.name}"' for f in TABLES[name].columns)
    return f"(SELECT {columns} LIMIT 0)"
