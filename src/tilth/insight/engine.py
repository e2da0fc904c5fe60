"""Asking the lake: batches of whole persons for kernels, tables and SQL for everything else.

What is read is the lake as it was when it was opened; who exports meanwhile does not disturb it. DuckDB answers on one machine,
Spark on many (`engines/`), and nobody else needs to know which. Source: docs/algorithms/lake.md, docs/decisions/engines.md
"""

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from tilth.core.kernel import FAR, Batch
from tilth.core.qualify import What

from .engines import named
from .engines.answering import Answering, Columns, Work
from .engines.duckdb import views
from .lake import Lake, ours
from .shapes import TABLES
from .tables import Tables

COLUMNS = {"touches": ["person", "at", "what"], "facts": ["person", "at", "pair"], "ends": ["person", "at", "wake"]}


class Engine:
    """One lake (this installation's, if none is given), asked by one reader.

    name       who answers, as `TILTH_ENGINE` may say; what that says, if not given
    """

    def __init__(self, lake: Lake | None = None, name: str = ""):
        self.lake, self.name = lake or ours(), name or _ours()

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
        """A whole table of the lake, in its order: see `shapes.TABLES`."""
        return self.lake.table(name)

    def sql(self, query: str, **tables: pa.Table) -> pa.Table:
        """What a query answers about the lake's tables by their names, and about `tables` beside them. Always by DuckDB."""
        import duckdb

        with duckdb.connect() as connected:
            for statement in views(self.lake, TABLES.keys() - tables.keys()):
                connected.execute(statement)
            for name, table in tables.items():
                connected.register(name, table)
            return connected.execute(query).to_arrow_table()

    def tables(self) -> Tables:
        """The lake's tables as Ibis expressions, for measures; `run` answers what is made of them."""
        return self._tables

    def run(self, expression: Any) -> pa.Table:
        """What an expression over `tables()` says."""
        return self._answering.run(expression)

    def once(self, expression: Any) -> Any:
        """The same expression, worked out only once where several are made of it."""
        return self._answering.once(expression)

    @property
    def elsewhere(self) -> bool:
        """Whether a kernel given to `by_person` works in other processes, on other machines maybe."""
        return self._answering.elsewhere

    def by_person(
        self, work: Work, columns: Columns, returns: pa.Schema, people: int = 50_000, coded: bool = False
    ) -> pa.Table:
        """What a kernel makes of everybody's rows, so many people at a time; in the order of persons.

        work       gets each table of `columns` with just the rows of some whole persons, and returns a table; a function of a module,
                   or a `partial` of one, so that it can be sent to other machines
        coded      as in `Lake.through`
        """
        everybody = self.people()
        cuts = [*everybody[people::people].tolist(), FAR] if len(everybody) else []
        return self._answering.by_person(work, columns, returns, cuts, coded)

    @cached_property
    def _tables(self) -> Tables:
        """Asked for once: an engine is long in saying which columns a table has."""
        return Tables({name: self._answering.table(name) for name in TABLES if name != "gone"})

    @cached_property
    def _answering(self) -> Answering:
        return named(self.name, self.lake)


def _ours() -> str:
    from django.conf import settings

    return settings.ENGINE


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
