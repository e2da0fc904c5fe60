"""Files on their way in: a look at the beginning, then a walk through all of it, before any row is taken.

The walk writes a copy in UTF-8 that nobody else changes; rows are read from that. Both go in steps of
constant memory, and their `place` is plain data, so a walk can go on where it was.
"""

import codecs
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from tilth.core import tabular
from tilth.core.mapping import Mapping, Unfit, fit, guess, slug
from tilth.core.rows import Scan
from tilth.core.tabular import NotATable, Record

SAMPLE = 262_144
STEP = 4 << 20
SHOWN = 200
LONGEST_LINE = 16 << 20  # bytes: what is longer has no line ends at all


@dataclass(frozen=True)
class Look:
    """What the beginning of a file tells. `named` when the first row names the columns."""

    encoding: str
    separator: str
    named: bool
    headers: tuple[str, ...]
    rows: list[list[str]]


def look(path: Path, wish: Mapping | None = None) -> Look:
    """The first rows of a file, read as `wish` says where it says something, else as it seems.

    raises     NotATable
    """
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    encoding, bom = _encoding(sample, wish)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample[bom:])
    if "\n" not in text:
        text = text.replace("\r", "\n")
    if len(sample) == SAMPLE and "\n" in text:
        text = text[: text.rindex("\n") + 1]
    separator = (wish and wish.separator) or tabular.separator(text)
    rows = [r.cells for r in tabular.records(BytesIO(text.encode()), separator) if any(c.strip() for c in r.cells)][
        : SHOWN + 1
    ]
    if rows and rows[0][0].startswith("sep="):
        rows = rows[1:]
    if not rows:
        raise NotATable("The file has no rows. Export it again and look at it in a text editor first.")
    named = wish.header if wish and wish.header is not None else tabular.has_header(rows)
    width = max(len(r) for r in rows[:20]) if not named else len(rows[0])
    headers = tabular.names(rows[0]) if named else tabular.numbered(width)
    return Look(encoding, separator, named, headers, rows[named:])


def propose(seen: Look, kind: str, name: str = "") -> Mapping:
    """The mapping that a file's beginning suggests; its ids are those of the system that its name suggests."""
    system = slug(Path(name).stem).rstrip("_0123456789")[:40]
    guessed = guess(seen.headers, seen.rows, kind, system)
    return replace(guessed, encoding=seen.encoding, separator=seen.separator, header=seen.named)


def lay(mapping: Mapping, seen: Look) -> tuple[Mapping, dict[str, list[str]]]:
    """A saved mapping over this file, and what its reader should know.

    raises     Unfit
    """
    fitted, unknown, absent = fit(mapping, seen.headers, seen.named)
    if lacks := fitted.lacks():
        raise Unfit(f"No column gives {', nor '.join(lacks)}. Match a column to it.")
    notes = {"unknown": unknown, "absent": absent}
    return replace(fitted, encoding=seen.encoding, separator=seen.separator), {k: v for k, v in notes.items() if v}


def copy(source: Path, target: Path, mapping: Mapping, place: dict[str, Any]) -> bool:
    """Copy one step of the source into UTF-8; False when all of it is copied. `place` moves on.

    raises     NotATable: a byte that is no text in this encoding
    """
    encoding = place.setdefault("encoding", mapping.encoding)
    offset, size = place.setdefault("from", _bom(source, encoding)), place.setdefault("size", 0)
    with source.open("rb") as file:
        file.seek(offset)
        chunk = file.read(STEP)
    last = len(chunk) < STEP
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        text = decoder.decode(chunk, final=last)
    except UnicodeDecodeError as e:
        if _otherwise(place, chunk[: e.start], chunk[e.start :]):
            return True
        raise NotATable(
            _undecodable(encoding, _line(target, size) + chunk[: e.start].count(b"\n"), chunk[e.start])
        ) from e
    if "\0" in text:
        line = _line(target, size) + text[: text.index("\0")].count("\n")
        raise NotATable(
            f"Line {line} has a zero byte in it: the file is damaged or no text. Export it again as CSV UTF-8."
        )
    if place.setdefault("returns", "\r" in text and "\n" not in text):
        text = text.replace("\r", "\n")
    place["size"] = _write(target, size, text.encode())
    place["from"] = offset + len(chunk) - len(decoder.getstate()[0])
    place["plain"] = place.get("plain", True) and chunk.isascii()
    place["digest"] = hashlib.blake2b(place.get("digest", "").encode() + chunk, digest_size=16).hexdigest()
    return not last


def begin(target: Path, mapping: Mapping, place: dict[str, Any]) -> None:
    """Put the place before the first row: behind a "sep=" line and the header."""
    place |= {"at": 0, "line": 1}
    for record in tabular.records(_from(target, 0), mapping.separator):
        directive = record.cells and record.cells[0].startswith("sep=")
        if record.cells and not (directive or mapping.header):
            break
        place |= {"at": place["at"] + record.size, "line": record.line + record.lines}
        if record.cells and not directive:
            break


def count(target: Path, scan: Scan, place: dict[str, Any], most: int) -> None:
    """Look through some rows: how many there are, how dates and figures are written."""
    for record in some(target, scan.mapping, place, most):
        place["rows"] = place.get("rows", 0) + 1
        if not record.trouble:
            scan.see(record.cells)


def some(target: Path, mapping: Mapping, place: dict[str, Any], most: int) -> Iterator[Record]:
    """The next rows, at most so many and about STEP bytes; as each is given, the place has moved behind it."""
    end = place["at"] + STEP
    records = tabular.records(
        _from(target, place["at"], place["line"]), mapping.separator, len(mapping.columns), place["line"]
    )
    for record in records:
        place["at"] += record.size
        place["line"] = record.line + record.lines
        if record.cells:
            yield record
            most -= 1
        if most == 0 or place["at"] >= end:
            return


def at_end(target: Path, place: dict[str, Any]) -> bool:
    """Whether no row lies behind the place."""
    return place["at"] >= target.stat().st_size


def _from(target: Path, offset: int, line: int = 1) -> Iterator[bytes]:
    """The lines from an offset on; `line` is the number of the first.

    raises     NotATable: a line that would not fit in memory
    """
    with target.open("rb", buffering=1 << 18) as file:
        file.seek(offset)
        while text := file.readline(LONGEST_LINE):
            if len(text) == LONGEST_LINE:
                raise NotATable(
                    f"Line {line} is longer than {LONGEST_LINE:,} bytes, so its rows have no line ends. Export the file again as CSV."
                )
            yield text
            line += 1


def _encoding(sample: bytes, wish: Mapping | None) -> tuple[str, int]:
    seen, bom = tabular.encoding(sample)
    if not wish or not wish.encoding or bom:
        return seen, bom
    with suppress(LookupError, ValueError):
        "".encode(wish.encoding)  # base64 and others are codecs, too, and read no text
        return codecs.lookup(wish.encoding).name, 0
    raise NotATable(f"{wish.encoding} is no encoding. Write utf-8, utf-16, cp1252 or another name that Python knows.")


def _bom(source: Path, encoding: str) -> int:
    with source.open("rb") as file:
        start = file.read(4)
    return next((len(bom) for bom, name in tabular.BOMS if name == encoding and start.startswith(bom)), 0)


def _otherwise(place: dict[str, Any], before: bytes, rest: bytes) -> bool:
    """Begin again in another encoding, if nothing but ASCII was seen until here and the rest tells one."""
    if not (place.get("plain", True) and before.isascii()) or place["encoding"] != "utf-8" or place.get("again"):
        return False
    with suppress(NotATable):
        other = tabular.encoding(rest)[0]
        if other not in ("utf-8", "utf-16-le", "utf-16-be"):
            place.clear()
            place |= {"encoding": other, "again": True}
            return True
    return False


def _write(target: Path, size: int, data: bytes) -> int:
    """Append at `size`, whatever an interrupted step left behind it.

    raises     NotATable: the copy is shorter than it should be
    """
    if size and target.stat().st_size < size:
        raise NotATable("The copy of the file was cut off while it was made. Import it again.")
    with target.open("r+b" if target.exists() else "wb") as file:
        file.truncate(size)
        file.seek(size)
        return size + file.write(data)


def _line(target: Path, size: int) -> int:
    """The number of the line on which the copy ends."""
    if not size:
        return 1
    with target.open("rb") as file:
        return 1 + sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def _undecodable(encoding: str, line: int, byte: int) -> str:
    return (
        f"Line {line} has a byte (0x{byte:02X}) that is no text in {encoding}. Nothing was taken in. "
        "Open the file, choose Save as, CSV UTF-8, and import that, or say which encoding it is in."
    )
