"""The lake's files: tables of Parquet, and the manifest that says which files count.

    TILTH_HOME/lake/manifest.json              what counts; replaced in one step
                    touches-00000012-base.parquet   rows of one table, written in one generation, sorted by person
                    touches-00000012-base.flat      of a large base, the columns that kernels read, not packed (see `flat`)

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
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tilth.core.kernel import FAR

from .flat import Twin, drop, opened, settle
from .shapes import MOVED, TABLES, Shape

log = logging.getLogger(__name__)

FORMAT = "tilth/lake/4"
GROUP = 131_072  # rows in a row group
KEPT = timedelta(hours=1)  # how long files that no longer count stay for who reads them


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
    rows        of each stream of which rows may be undone, how many are in the lake, and the sum of their ids: one that is missing shows
    files       per table the older first
    retired     files that no longer count, and since when
    """

    generation: int = 0
    database: str = ""
    written_at: str = ""
    sealed: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)
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
        read = [self.read(file) for file in self.manifest.of(name)]
        return _joined(read, TABLES[name].columns).select(columns or TABLES[name].columns.names)

    def holds(self, file: File, rows: pa.Table) -> bool:
        """Whether just these rows are in a file, in this order."""
        return file.rows == rows.num_rows and self.read(file).equals(rows)

    def read(self, file: File) -> pa.Table:
        """What one file says."""
        return pq.read_table(self.path(file))

    def says_the_same(self, other: Manifest) -> bool:
        """Whether nobody would read anything else of another set of files."""
        now = self.manifest
        return set(other.files) == set(now.files) and (other.database, other.sealed) == (now.database, now.sealed)

    def words(self, name: str) -> Iterator[tuple[Any, ...]]:
        """The words of a dictionary; their numbers are their places."""
        columns = TABLES[name].columns.names[1:]
        table = self.table(name, columns)
        return zip(*(table.column(c).to_pylist() for c in columns), strict=True)

    def through(
        self,
        tables: Sequence[str],
        columns: Mapping[str, Sequence[str]],
        until: Iterable[int],
        begin: int = 0,
        coded: bool = False,
    ) -> Iterator[dict[str, pa.Table]]:
        """Several tables side by side, in stretches of persons below each of `until` (ascending). Each file is read once.

        begin   the first person
        coded   texts come as numbers in a dictionary, which takes an eighth of the time; each chunk may have its own
        """
        pools = {name: _Pool(self, name, columns.get(name), begin, coded) for name in tables}
        for upto in until:
            yield {name: pool.take(upto) for name, pool in pools.items()}

    def folded(self, name: str, until: Iterable[int]) -> Iterator[pa.Table]:
        """The deltas of a table as one, in stretches of persons; also what in them says that a row counts no more."""
        pool = _Pool(self, name, None, 0, False, [file for file in self.manifest.of(name) if file.kind != "base"])
        return (pool.merged(upto) for upto in until)

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
        shape, rows, writer, twin = TABLES[name], 0, None, None
        path = self.folder / f"{name}-{generation:08}-{kind}.parquet"
        for piece in _grouped(pieces):
            if writer is None:
                drop(path)
                writer = pq.ParquetWriter(path, shape.columns, compression="zstd", **_encoding(shape))
                large = kind == "base" and piece.num_rows >= GROUP
                twin = Twin(path, shape.flat) if large and shape.flat else None
            writer.write_table(piece, row_group_size=max(GROUP, 1))
            if twin:
                twin.add(piece)
            rows += piece.num_rows
        if writer is None:
            return None
        writer.close()
        settle(path)
        if twin:
            twin.close()
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
        settle(self.folder)
        self.manifest = new
        self._clear(counts | new.retired.keys())

    def forget(self) -> None:
        """Remove all files that do not count, also those that were kept for who might still read them."""
        counts = {file.name for file in self.manifest.files}
        self.manifest.retired.clear()
        self._clear(counts)

    def _clear(self, stay: set[str]) -> None:
        """Remove all other files with their twins, and twins whose file is gone."""
        for left in [*self.folder.glob("*.parquet"), *self.folder.glob("*.flat")]:
            parquet = left.with_suffix(".parquet")
            if parquet.name not in stay:
                drop(parquet)


class _Flat:
    """The twin of a file, likewise: its rows are where they lie in the file."""

    def __init__(self, rows: pa.Table, begin: int):
        self.rows, self.person = rows, rows.column("person").to_numpy()
        self.next = int(np.searchsorted(self.person, begin)) if begin else 0

    def take(self, upto: int) -> list[pa.Table]:
        """The rows not yet taken of persons below `upto`."""
        begin, self.next = self.next, self.next + int(np.searchsorted(self.person[self.next :], upto))
        return [self.rows.slice(begin, self.next - begin)] if begin < self.next else []


class _Run:
    """One file, sorted by person, read forward in stretches."""

    def __init__(self, path: str, schema: pa.Schema, begin: int):
        coded = [field.name for field in schema if pa.types.is_dictionary(field.type)]
        self.file, self.columns = pq.ParquetFile(path, read_dictionary=coded), schema.names
        self.next = self._group_of(begin)
        self.rest: list[pa.Table] = []
        if begin:
            self.take(begin)

    def _group_of(self, begin: int) -> int:
        """The first group of rows in which there may be persons from `begin` on."""
        groups, column = self.file.metadata, self.file.schema_arrow.names.index("person")
        last = (groups.row_group(n).column(column).statistics.max for n in range(groups.num_row_groups))
        return next((n for n, person in enumerate(last) if person >= begin), groups.num_row_groups) if begin else 0

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


def _opened(path: Path, schema: pa.Schema, begin: int) -> _Run | _Flat:
    """A file by its twin, where that has these columns, or as it is."""
    rows = opened(path, schema)
    return _Run(str(path), schema, begin) if rows is None else _Flat(rows, begin)


class _Pool:
    """One table: its base and its deltas, merged stretch by stretch."""

    def __init__(
        self,
        lake: Lake,
        name: str,
        columns: Sequence[str] | None,
        begin: int,
        coded: bool,
        files: Sequence[File] | None = None,
    ):
        self.shape, files = TABLES[name], lake.manifest.of(name) if files is None else files
        names = self.shape.columns.names
        wanted = [c for c in names if columns is None or c in columns]
        needed = {*wanted, "person"} | ({*self.shape.order, self.shape.key or "person"} if len(files) > 1 else set())
        needed |= {"what"} if "what" in names and len(files) > 1 else set()
        self.wanted = wanted
        fields = [f for f in self.shape.columns if f.name in needed]
        self.schema = pa.schema([_coded(f) for f in fields] if coded else fields)
        self.runs = [_opened(Path(lake.path(file)), self.schema, begin) for file in files]
        self.gone = lake.table("gone").column("person").to_numpy()

    def take(self, upto: int) -> pa.Table:
        """The rows that count, of persons below `upto`."""
        rows = self.merged(upto)
        if len(self.gone) and rows.num_rows:
            rows = rows.filter(~np.isin(_numbers(rows, "person"), self.gone))
        if len(self.runs) > 1 and "what" in rows.column_names:
            rows = rows.filter(_numbers(rows, "what") != MOVED)
        return rows.select(self.wanted)

    def merged(self, upto: int) -> pa.Table:
        """The newest rows, of persons below `upto`."""
        pieces = [run.take(upto) for run in self.runs]
        base = _joined(pieces[0] if pieces else [], self.schema)
        newer = [_joined(some, self.schema) for some in pieces[1:] if some]
        return merge(self.shape, base, newer) if newer else base


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


def _coded(field: pa.Field) -> pa.Field:
    return field.with_type(pa.dictionary(pa.int32(), pa.string())) if pa.types.is_string(field.type) else field


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
