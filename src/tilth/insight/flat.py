"""Columns that are read without unpacking: beside a large base its twin, a folder with a file for each column that kernels read.

    touches-00000012-base.parquet
    touches-00000012-base.flat/person      the column as it lies in memory, row after row; texts as numbers of words
                               twin.json   written last: the size of the Parquet that it is the twin of, its rows, and the words of each text

It holds nothing that its Parquet does not, and goes with it. Where it is missing, torn or of another file, Parquet is read.
Source: docs/algorithms/lake.md
"""

import json
import logging
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

log = logging.getLogger(__name__)

WORDS = 100_000  # a text that has more is left out: they are kept in memory while it is written
CODES = pa.dictionary(pa.int32(), pa.string())


def beside(parquet: Path) -> Path:
    """Where the twin of a file lies."""
    return parquet.with_suffix(".flat")


def drop(parquet: Path) -> None:
    """Remove a file and its twin, as far as they are there."""
    shutil.rmtree(beside(parquet), ignore_errors=True)
    parquet.unlink(missing_ok=True)


def opened(parquet: Path, schema: pa.Schema) -> pa.Table | None:
    """The columns of a schema, texts coded, mapped into memory and not yet read; None where the twin does not have all of them."""
    try:
        told = json.loads((beside(parquet) / "twin.json").read_bytes())
        if told["size"] != parquet.stat().st_size or any(not _has(told, field) for field in schema):
            return None
        return pa.table([_mapped(beside(parquet), field, told) for field in schema], schema=schema)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError):
        log.exception("The twin of %s cannot be read. The file itself is.", parquet.name)
        return None


def _has(told: dict[str, Any], field: pa.Field) -> bool:
    return field.name in told["columns"] and not pa.types.is_string(field.type)


def _mapped(folder: Path, field: pa.Field, told: dict[str, Any]) -> pa.Array:
    """One column.

    raises   ValueError, where it is not as long as was told
    """
    coded, rows = field.type == CODES, told["rows"]
    kind = pa.int32() if coded else field.type
    with pa.memory_map(str(folder / field.name)) as file:
        buffer = file.read_buffer()
    if buffer.size != rows * kind.bit_width // 8:
        raise ValueError(f"{field.name} has {buffer.size} bytes and not those of {rows} rows")
    column = pa.Array.from_buffers(kind, rows, [None, buffer], 0)
    words = pa.array(told["words"][field.name], pa.string()) if coded else None
    return pa.DictionaryArray.from_arrays(column, words, safe=False) if coded else column


class Twin:
    """A twin that is being written, in constant memory. Where its disk fails, the Parquet is left without one."""

    def __init__(self, parquet: Path, columns: Iterable[str]):
        self.parquet, self.columns, self.rows = parquet, list(columns), 0
        self.words: dict[str, dict[str, int]] = {}

    def add(self, rows: pa.Table) -> None:
        """The next rows, in their order. A column with gaps, or with too many words, is left out."""
        self.columns = [
            c for c in self.columns if not rows.column(c).null_count and len(self.words.get(c, ())) <= WORDS
        ]
        self.rows += rows.num_rows
        try:
            beside(self.parquet).mkdir(exist_ok=True)
            for name in self.columns:
                with (beside(self.parquet) / name).open("ab") as file:
                    for chunk in rows.column(name).chunks:
                        file.write(self._numbers(name, chunk).data)
        except OSError:
            self._give_up()

    def close(self) -> None:
        """Durable, once the Parquet is whole."""
        texts = {name: list(words) for name, words in self.words.items() if name in self.columns}
        told = {"size": self.parquet.stat().st_size, "rows": self.rows, "columns": self.columns, "words": texts}
        try:
            for left in beside(self.parquet).iterdir():
                settle(left) if left.name in self.columns else left.unlink()
            (beside(self.parquet) / "twin.json").write_text(json.dumps(told))
            settle(beside(self.parquet) / "twin.json")
            settle(beside(self.parquet))
        except OSError:
            self._give_up()

    def _numbers(self, name: str, chunk: pa.Array) -> np.ndarray:
        if not pa.types.is_string(chunk.type):
            return (chunk.cast(pa.int64()) if pa.types.is_timestamp(chunk.type) else chunk).to_numpy()
        known, told = self.words.setdefault(name, {}), chunk.dictionary_encode()
        numbers = [known.setdefault(word, len(known)) for word in told.dictionary.to_pylist()]
        return np.array(numbers, np.int32)[told.indices.to_numpy()]

    def _give_up(self) -> None:
        log.exception("The twin of %s cannot be written. The lake does without.", self.parquet.name)
        self.columns = []
        shutil.rmtree(beside(self.parquet), ignore_errors=True)


def settle(path: Path) -> None:
    """What was written into a file, or which files a folder has, is durable."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
