"""What an engine must be able to do, and the one meaning of a table of the lake for all of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from tilth.insight.lake import Lake
from tilth.insight.shapes import MOVED, TABLES

Work = Callable[[dict[str, pa.Table]], pa.Table]  # of whole persons, what a kernel makes
Columns = Mapping[str, Sequence[str]]


class Answering(ABC):
    """Answers about one lake, as it was when it was opened.

    elsewhere   whether `by_person` is worked at in other processes than this one
    """

    elsewhere = False

    def __init__(self, lake: Lake):
        self.lake = lake

    @abstractmethod
    def table(self, name: str) -> Any:
        """A table of the lake as an Ibis expression."""

    @abstractmethod
    def run(self, expression: Any) -> pa.Table:
        """What an expression over its tables says."""

    def once(self, expression: Any) -> Any:
        """The same table, worked out now if that is worth it, for several questions about it."""
        return expression

    @abstractmethod
    def by_person(self, work: Work, columns: Columns, returns: pa.Schema, cuts: Sequence[int], coded: bool) -> pa.Table:
        """What `work` makes of the rows of whole persons, stretch by stretch up to each of `cuts`; in that order.

        columns    of each table that it reads, the columns; rows lie by person, then in the table's order
        coded      as in `Lake.through`
        """


def view(lake: Lake, name: str, scans: Sequence[str], quote: str = '"') -> str:
    """A table as SQL that any engine understands: the base without what came anew, and what came anew.

    scans      how the engine reads each file of the table, the older first; one at least. Where the newer ones are one, as
               `newest` makes them, that is the second
    quote      what it puts around names
    """
    shape, columns = TABLES[name], _columns(name, quote)
    kept = ["person NOT IN (SELECT person FROM gone)"] if shape.key and lake.manifest.of("gone") else []
    kept += [f"what <> {MOVED}"] if name == "touches" else []
    left = f" WHERE {' AND '.join(kept)}" if kept else ""
    if shape.key is None or len(scans) == 1:
        return " UNION ALL ".join(f"SELECT {columns} FROM {scan}{left}" for scan in scans)
    return f"""
        WITH d AS ({newest(name, scans[1:], quote)})
        SELECT {columns} FROM (
            SELECT {columns} FROM {scans[0]} b WHERE NOT EXISTS (SELECT 1 FROM d WHERE d.{shape.key} = b.{shape.key})
            UNION ALL SELECT {columns} FROM d
        ) u{left}
    """


def newest(name: str, scans: Sequence[str], quote: str = '"') -> str:
    """What came anew to a table, as SQL: of rows with the same key those of the newest file."""
    columns, by = _columns(name, quote), dict.fromkeys(("person", TABLES[name].key or "person"))
    if len(scans) == 1:
        return f"SELECT {columns} FROM {scans[0]}"
    parts = " UNION ALL ".join(f"SELECT {n} AS nth, {columns} FROM {scan}" for n, scan in enumerate(scans))
    last = f"max(nth) OVER (PARTITION BY {', '.join(by)})"
    return f"SELECT {columns} FROM (SELECT *, {last} AS newest FROM ({parts}) p) q WHERE nth = newest"


def _columns(name: str, quote: str) -> str:
    return ", ".join(f"{quote}{column}{quote}" for column in TABLES[name].columns.names)
