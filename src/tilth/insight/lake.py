"""The lake's files: tables of Parquet, and the manifest that says which files count.

    TILTH_HOME/lake/manifest.json              what counts; replaced in one step
                    touches-00000012.parquet   rows of one table, written in one generation, sorted by person

A table is a base and the deltas that came after it; of rows with the same key, those in the newest file count. Of who is
gone (merged into somebody else), none do.
New files are written whole before the manifest names them, so whoever dies in between has changed nothing.
Only `export` writes; only `engine` asks. Source: docs/algorithms/lake.md
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tilth.core.kernel import FAR

log = logging.getLogger(__name__)

FORMAT = "tilth/lake/1"
GROUP = 131_072  # rows in a row group
KEPT = timedelta(hours=1)  # how long files that no longer count stay for who reads them
MOMENT = pa.timestamp("us")  # UTC, without a zone


class Shape(NamedTuple):
    """A table's columns, in which order its rows lie, and by which column the newest file wins (None: rows only add up)."""

    columns: pa.Schema
    order: tuple[str, ...]
    key: str | None = None


TABLES = {
    "touches": Shape(
        pa.schema(
            {
                "person": pa.int64(), "at": MOMENT, "id": pa.int64(), "what": pa.int32(), "learned_at": MOMENT,
                "team": pa.string(), "source": pa.string(), "medium": pa.string(), "campaign": pa.string(),
            }
        ),
        ("person", "at", "id"),
        "id",
    ),
    "facts": Shape(pa.schema({"person": pa.int64(), "at": MOMENT, "pair": pa.int32()}), ("person", "at"), "person"),
    "people": Shape(
        pa.schema(
            {
                "person": pa.int64(), "at": MOMENT, "lead_at": MOMENT, "door": pa.string(), "source": pa.string(),
                "offer": pa.string(), "campaign": pa.string(),
            }
        ),
        ("person",),
        "person",
    ),
    "whats": Shape(
        pa.schema(
            {
                "id": pa.int32(), "kind": pa.string(), "offer": pa.string(), "event": pa.string(), "url": pa.string(),
                "human": pa.bool_(),
            }
        ),
        ("id",),
    ),
    "pairs": Shape(pa.schema({"id": pa.int32(), "field": pa.string(), "value": pa.string()}), ("id",)),
    "ends": Shape(pa.schema({"person": pa.int64(), "at": MOMENT, "wake": MOMENT}), ("person", "at")),
    "outcomes": Shape(
        pa.schema(
            {
                "person": pa.int64(), "at": MOMENT, "kind": pa.string(), "handoff": pa.int64(), "deal": pa.int64(),
                "version": pa.int32(), "reason": pa.string(), "amount": pa.int64(), "currency": pa.string(),
                "owner": pa.int64(), "learned_at": MOMENT,
            }
        ),
        ("person", "at"),
    ),
    "gone": Shape(pa.schema({"person": pa.int64()}), ("person",)),
}  # fmt: skip


WHOLE = ("ends", "outcomes", "gone")  # small, and written whole each time
MOVED = -1  # in `what`: from then on, this touch is not this person's any more; no reader sees such rows


@dataclass(frozen=True)
class File:
    """kind    base, delta, or tail: rows that may still change, given up by the next export"""

    table: str
    name: str
    rows: int
    kind: str


@dataclass
class Manifest:
    """What counts.

    database    which database this comes from; of another one, nothing here is true
    sealed      of each stream of rows, the highest id up to which everything is in the lake
    files       per table the older first
    retired     files that no longer count, and since when
    """

    generation: int = 0
    database: str = ""
    written_at: str = ""
    sealed: dict[str, int] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)
    retired: dict[str, str] = field(default_factory=dict)

    def of(self, table: str) -> list[File]:
        return [file for file in self.files if file.table == table]


def ours() -> "Lake":
    """The lake of this installation, as it is now."""
    from django.conf import settings

    return Lake(Path(settings.HOME) / "lake")


class Lake:
    """A folder of tables as its manifest had them when it was opened."""

    def __init__(self, folder: Path, manifest: Manifest | None = None):
        self.folder = folder
        self.manifest = manifest or self._read()

    def _read(self) -> Manifest:
        """What counts; nothing when that cannot be told, or when a file is missing: then the next export begins anew."""
        try:
            told = json.loads((self.folder / "manifest.json").read_bytes())
            if told.pop("format") == FORMAT:
                manifest = Manifest(**told | {"files": [File(**file) for file in told["files"]]})
                if all((self.folder / file.name).exists() for file in manifest.files):
                    return manifest
        except FileNotFoundError:
            return Manifest()
        except (ValueError, TypeError, LookupError, AttributeError):
            log.exception("The manifest of the lake cannot be read. The lake is made anew.")
        left = (path.name.split("-") for path in self.folder.glob("*-*-*.parquet"))
        return Manifest(generation=max((int(parts[1]) for parts in left), default=0))  # whoever reads keeps their files

    # Reading

    def path(self, file: File) -> str:
        return str(self.folder / file.name)

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows of a table, in its order."""
        if TABLES[name].key:
            return next(self.through([name], {name: columns} if columns else {}, [FAR]))[name]
        read = [pq.read_table(self.path(file)) for file in self.manifest.of(name)]
        return _joined(read, TABLES[name].columns).select(columns or TABLES[name].columns.names)

    def words(self, name: str) -> Iterator[tuple[Any, ...]]:
        """The words of a dictionary; their numbers are their places."""
        columns = TABLES[name].columns.names[1:]
        table = self.table(name, columns)
        return zip(*(table.column(c).to_pylist() for c in columns), strict=True)

    def through(
        self, tables: Sequence[str], columns: Mapping[str, Sequence[str]], until: Iterable[int]
    ) -> Iterator[dict[str, pa.Table]]:
        """Several tables side by side, in stretches of persons below each of `until` (ascending). Each file is read once."""
        pools = {name: _Pool(self, name, columns.get(name)) for name in tables}
        for upto in until:
            yield {name: pool.take(upto) for name, pool in pools.items()}

    # Writing

    @contextmanager
    def held(self) -> Iterator[None]:
        """One writer at a time; who comes second waits and then sees what the first one wrote."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.manifest = self._read()
            yield

    def write(self, name: str, pieces: Iterable[pa.Table], generation: int, kind: str) -> File | None:
        """A new file of rows in their order, durable but not yet counted; None when there are no rows."""
        shape, rows, writer = TABLES[name], 0, None
        path = self.folder / f"{name}-{generation:08}-{kind}.parquet"
        for piece in _grouped(pieces):
            if writer is None:
                writer = pq.ParquetWriter(path, shape.columns, compression="zstd", **_encoding(shape))
            writer.write_table(piece, row_group_size=max(GROUP, 1))
            rows += piece.num_rows
        if writer is None:
            return None
        writer.close()
        with path.open("rb") as file:
            os.fsync(file.fileno())
        return File(name, path.name, rows, kind)

    def commit(self, new: Manifest, now: datetime) -> None:
        """Let another set of files count, in one step; then clear away what nobody reads any more."""
        counts = {file.name for file in new.files}
        gone = {file.name: now.isoformat() for file in self.manifest.files if file.name not in counts}
        kept = {n: at for n, at in self.manifest.retired.items() if datetime.fromisoformat(at) > now - KEPT}
        new = replace(new, written_at=now.isoformat(), retired={**kept, **gone})
        path = self.folder / "manifest.json"
        beside = path.with_suffix(".new")
        with beside.open("w") as file:
            json.dump({"format": FORMAT, **asdict(new)}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        self._settle()
        self.manifest = new
        for left in self.folder.glob("*.parquet"):
            if left.name not in counts and left.name not in new.retired:
                left.unlink()

    def forget(self) -> None:
        """Remove all files that do not count, also those that were kept for who might still read them."""
        counts = {file.name for file in self.manifest.files}
        self.manifest.retired.clear()
        for left in self.folder.glob("*.parquet"):
            if left.name not in counts:
                left.unlink()

    def _settle(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class _Run:
    """One file, sorted by person, read forward in stretches."""

    def __init__(self, path: str, columns: Sequence[str] | None):
        self.file, self.columns, self.next = pq.ParquetFile(path), columns and list(columns), 0
        self.rest: list[pa.Table] = []

    def take(self, upto: int) -> list[pa.Table]:
        """The rows not yet taken of persons below `upto`."""
        out: list[pa.Table] = []
        while True:
            if not self.rest:
                if self.next >= self.file.num_row_groups:
                    return out
                self.rest.append(self.file.read_row_group(self.next, columns=self.columns))
                self.next += 1
            group = self.rest.pop()
            persons = _numbers(group, "person")
            if persons[-1] < upto:
                out.append(group)
                continue
            cut = int(np.searchsorted(persons, upto))
            if cut:
                out.append(group.slice(0, cut))
            self.rest.append(group.slice(cut))
            return out


class _Pool:
    """One table: its base and its deltas, merged stretch by stretch."""

    def __init__(self, lake: Lake, name: str, columns: Sequence[str] | None):
        self.shape, files = TABLES[name], lake.manifest.of(name)
        names = self.shape.columns.names
        wanted = [c for c in names if columns is None or c in columns]
        needed = {*wanted, "person"} | ({*self.shape.order, self.shape.key or "person"} if len(files) > 1 else set())
        needed |= {"what"} if "what" in names and len(files) > 1 else set()
        self.wanted = wanted
        self.schema = pa.schema([f for f in self.shape.columns if f.name in needed])
        self.runs = [_Run(lake.path(file), self.schema.names) for file in files]
        self.gone = lake.table("gone").column("person").to_numpy()

    def take(self, upto: int) -> pa.Table:
        pieces = [run.take(upto) for run in self.runs]
        base = _joined(pieces[0] if pieces else [], self.schema)
        newer = [_joined(some, self.schema) for some in pieces[1:] if some]
        rows = merge(self.shape, base, newer) if newer else base
        if len(self.gone) and rows.num_rows:
            rows = rows.filter(~np.isin(_numbers(rows, "person"), self.gone))
        if newer and "what" in rows.column_names:
            rows = rows.filter(_numbers(rows, "what") != MOVED)
        return rows.select(self.wanted)


def merge(shape: Shape, base: pa.Table, newer: Sequence[pa.Table]) -> pa.Table:
    """One table of an older one and newer ones (the newest last), in order; of a key, only the newest file's rows.

    Of a touch that became another's, each person has their own newest row: it is theirs, or it is moved.
    """
    delta = pa.concat_tables(newer)
    if len(newer) > 1:
        keys = _pairs(_numbers(delta, "person"), _numbers(delta, shape.key or "person"))
        rank = np.repeat(np.arange(len(newer)), [t.num_rows for t in newer])
        unique, place = np.unique(keys, return_inverse=True)
        newest = np.zeros(len(unique), np.int64)
        np.maximum.at(newest, place, rank)
        delta = delta.take(np.flatnonzero(rank == newest[place]))
    if not base.num_rows:
        return delta.take(_order(shape, delta))
    persons, changed = _numbers(base, "person"), np.unique(_numbers(delta, "person"))
    begin, end = np.searchsorted(persons, changed, "left"), np.searchsorted(persons, changed, "right")
    theirs = np.repeat(begin - np.r_[0, np.cumsum(end - begin)[:-1]], end - begin) + np.arange((end - begin).sum())
    others = np.delete(np.arange(len(persons)), theirs)
    key = shape.key or "person"
    stays = theirs[~np.isin(_numbers(base, key)[theirs], _numbers(delta, key))]
    both = pa.concat_tables([base, delta])
    mixed = np.r_[stays, len(persons) + np.arange(delta.num_rows)]
    mixed = mixed[_order(shape, both.take(mixed))]
    at = np.searchsorted(persons[others], _numbers(both, "person")[mixed])
    return both.take(np.insert(others, at, mixed))


def in_order(name: str, rows: pa.Table) -> pa.Table:
    """Rows of a table in its order."""
    return rows.take(_order(TABLES[name], rows))


def _order(shape: Shape, table: pa.Table) -> np.ndarray:
    return np.lexsort([_numbers(table, name) for name in reversed(shape.order)])


def _numbers(table: pa.Table, name: str) -> np.ndarray:
    """A column without gaps as whole numbers; instants as microseconds."""
    column = table.column(name)
    return (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_numpy()


def _pairs(persons: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """One number for each pair of a person and a key."""
    people, who = np.unique(persons, return_inverse=True)
    return who + len(people) * np.unique(keys, return_inverse=True)[1]


def _joined(pieces: list[pa.Table], schema: pa.Schema) -> pa.Table:
    return pa.concat_tables(pieces) if pieces else schema.empty_table()


def _grouped(pieces: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in pieces of at least GROUP rows, but for the last."""
    waiting: list[pa.Table] = []
    for piece in pieces:
        if piece.num_rows:
            waiting.append(piece)
        if sum(p.num_rows for p in waiting) >= GROUP:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _encoding(shape: Shape) -> dict[str, Any]:
    """Sorted numbers and instants are kept as differences, everything else by a dictionary."""
    texts = [f.name for f in shape.columns if pa.types.is_string(f.type) or f.type == pa.int32()]
    return {"use_dictionary": texts, "compression_level": 1}
