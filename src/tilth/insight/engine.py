"""Asking the lake: batches of whole persons for kernels, tables and SQL for everything else.

What is read is the lake as it was when it was opened; who exports meanwhile does not disturb it. DuckDB and pyarrow
answer on one machine, and nobody else needs to know that. Source: docs/algorithms/lake.md
"""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from tilth.core.kernel import FAR, Batch
from tilth.core.qualify import What

from .lake import MOVED, TABLES, Lake, ours

COLUMNS = {"touches": ["person", "at", "what"], "facts": ["person", "at", "pair"], "ends": ["person", "at", "wake"]}


class Engine:
    """One lake (this installation's, if none is given), asked by one reader."""

    def __init__(self, lake: Lake | None = None):
        self.lake = lake or ours()

    def batches(self, people: int = 50_000) -> Iterator[Batch]:
        """Everybody, in batches of so many people, ascending; constant memory. `touch_what` counts in `whats`, `fact_pair` in `pairs`."""
        everybody = self.people()
        if not len(everybody):
            return
        cuts = range(0, len(everybody), people)
        until = [*everybody[people::people].tolist(), FAR]
        through = self.lake.through(list(COLUMNS), COLUMNS, until)
        for begin, tables in zip(cuts, through, strict=True):
            some = everybody[begin : begin + people]
            arrays = [a for name, table in tables.items() for a in _of(some, table, COLUMNS[name])]
            yield Batch(some, *arrays)

    def people(self) -> np.ndarray:
        """The ids of everybody, ascending."""
        return self.lake.table("people", ["person"]).column("person").to_numpy()

    def whats(self) -> list[What]:
        """The sorts of touches."""
        return [What(*words) for words in self.lake.words("whats")]

    def pairs(self) -> list[tuple[str, Any]]:
        """Fields and values. None: no longer known; True: known, of a name, an address or a number."""
        return [(field, json.loads(value)) for field, value in self.lake.words("pairs")]

    def table(self, name: str) -> pa.Table:
        """A whole table of the lake, in its order: see `lake.TABLES`."""
        return self.lake.table(name)

    def sql(self, query: str, **tables: pa.Table) -> pa.Table:
        """What a query answers about the lake's tables by their names, and about `tables` beside them."""
        import duckdb

        with duckdb.connect() as connected:
            for name in sorted(TABLES.keys() - tables.keys(), key=lambda name: name != "gone"):  # which others ask for
                connected.execute(f"CREATE VIEW {name} AS {self._view(name)}")
            for name, table in tables.items():
                connected.register(name, table)
            return connected.execute(query).to_arrow_table()

    def _view(self, name: str) -> str:
        """A table as SQL: the base without what came anew, and what came anew."""
        shape, files = TABLES[name], self.lake.manifest.of(name)
        if not files:
            columns = ", ".join(f"CAST(NULL AS {_SQL[str(f.type)]}) AS {f.name}" for f in shape.columns)
            return f"SELECT {columns} LIMIT 0"
        left = " WHERE person NOT IN (SELECT person FROM gone)" if shape.key and self.lake.manifest.of("gone") else ""
        if "what" in shape.columns.names:
            left += f" {'AND' if left else 'WHERE'} what <> {MOVED}"
        scans = [f"read_parquet('{self.lake.path(file).replace(chr(39), chr(39) * 2)}')" for file in files]
        if shape.key is None or len(scans) == 1:
            return " UNION ALL ".join(f"SELECT * FROM {scan}{left}" for scan in scans)
        parts = [f"SELECT {n} AS nth, * FROM {scan}" for n, scan in enumerate(scans[1:])]
        key = shape.key
        return f"""
            WITH d AS (SELECT * FROM ({" UNION ALL ".join(parts)}) QUALIFY nth = max(nth) OVER (PARTITION BY person, {key}))
            SELECT * FROM {scans[0]} ANTI JOIN (SELECT DISTINCT {key} FROM d) USING ({key}){left}
            UNION ALL SELECT * EXCLUDE (nth) FROM d{left}
        """


_SQL = {
    "int64": "BIGINT", "int32": "INTEGER", "string": "VARCHAR", "bool": "BOOLEAN", "timestamp[us]": "TIMESTAMP"
}  # fmt: skip


def _of(people: np.ndarray, table: pa.Table, columns: list[str]) -> list[np.ndarray]:
    """The columns of the rows of these people; those of others (whom the lake does not know yet) are left out."""
    arrays = [_plain(table, name) for name in columns]
    person = arrays[0]
    if len(person):
        begin = np.flatnonzero(np.r_[True, person[1:] != person[:-1]])
        stranger = ~np.isin(person[begin], people, assume_unique=True)
        if stranger.any():
            known = ~np.repeat(stranger, np.diff(np.r_[begin, len(person)]))
            arrays = [a[known] for a in arrays]
    return arrays


def _plain(table: pa.Table, name: str) -> np.ndarray:
    """A column as numbers; instants as microseconds, and FAR where there is none."""
    column = table.column(name)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return (column.fill_null(FAR) if column.null_count else column).to_numpy()
