"""Tables as text: which encoding, which separator, is there a header; and records out of lines that
may be broken. Nothing here opens a file: it is given bytes or lines.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import islice
from typing import NamedTuple

from .figures import MISSING

SEPARATORS = (",", ";", "\t", "|")
MOST_LINES = 1_000  # of one record: a quote that stays open longer was never closed
LARGEST_CELL = 2_000_000
OPEN_QUOTE = "a quote is opened and not closed"
BOMS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_MAGIC = (
    (b"PK\x03\x04", "a spreadsheet or zip file"), (b"\xd0\xcf\x11\xe0", "an old Excel file"), (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip file"), (b"Rar!", "a rar file"), (b"7z\xbc\xaf", "a 7z file"), (b"SQLite format 3", "a database"),
    (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"), (b"PAR1", "a Parquet file"), (b"\x7fELF", "a program"),
)  # fmt: skip
_MARKUP = re.compile(rb"\s*(?:<\?xml|<!doctype|<html|\{\s*\"|\[\s*\{)", re.IGNORECASE)
_FORMULA = re.compile(r"[\s\x00-\x1f\u200b\ufeff]*[=+\-@＝＋－＠]|[\t\r]")
_NUMBER = re.compile(r"[+-]?[\d.,\s]*\d[\d.,]*%?|\+[\d\s().-]+")
_DATA = re.compile(
    r"[-+]?[\d.,:/\s-]*\d[\d.,:/\s-]*|\S+@\S+\.\S+|https?://\S+|[0-9a-fA-F-]{16,}|true|false|yes|no", re.IGNORECASE
)


class NotATable(ValueError):
    """The whole file cannot be read; the message says what it seems to be and what to do."""


class Record(NamedTuple):
    """One row: the line it begins at (1 is the first), how many lines and bytes it takes, its cells, what is wrong."""

    line: int
    lines: int
    size: int
    cells: list[str]
    trouble: str


def encoding(sample: bytes) -> tuple[str, int]:
    """The encoding that a file's first bytes tell, and the length of its byte order mark.

    raises     NotATable: empty, no text, or something known that is no table
    """
    if not sample.strip(b"\0 \r\n\t"):
        raise NotATable("The file is empty. Export it again and look at it in a text editor first.")
    for start, what in _MAGIC:
        if sample.startswith(start):
            raise NotATable(
                f"This is {what}, not a table in text. Open it, choose Save as, CSV UTF-8, and import that."
            )
    for bom, name in BOMS:
        if sample.startswith(bom):
            return name, len(bom)
    if _MARKUP.match(sample):
        raise NotATable("This is a web page, XML or JSON, not a table with separators. Export it as CSV.")
    return _wide(sample) or _narrow(sample), 0


def _wide(sample: bytes) -> str:
    """UTF-16 without a mark: the zero bytes are all on one side, and line ends come out whole."""
    if b"\0" not in sample:
        return ""
    for name, zeros, others in (("utf-16-le", sample[1::2], sample[::2]), ("utf-16-be", sample[::2], sample[1::2])):
        if (
            zeros.count(0) > 5 * others.count(0)
            and _decodes(sample, name)
            and "\n" in sample.decode(name, "ignore").replace("\r", "\n")
        ):
            return name
    raise NotATable(
        "The file has zero bytes in it, so it is not text, or it was damaged. Export it again as CSV UTF-8."
    )


def _narrow(sample: bytes) -> str:
    high = [b for b in sample if b >= 0x80]
    if not high or _decodes(sample, "utf-8") or _mostly_utf8(sample):
        return "utf-8"
    if _japanese(sample):
        return "cp932"
    if _decodes(sample, "cp1252"):
        return "cp1252"
    return _undecided(sample)


def _undecided(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample[:65_536]).best()
    if best is None:
        raise NotATable("The text's encoding cannot be told. Open it, choose Save as, CSV UTF-8, and import that.")
    return best.encoding


def _decodes(sample: bytes, name: str) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(sample: bytes) -> bool:
    """A few broken bytes in UTF-8 are damage, not another encoding: the file is refused, not garbled."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("�")
    return sum(c > "\x7f" for c in text) - broken > 2 * broken


def _japanese(sample: bytes) -> bool:
    """Shift-JIS: it decodes, and what is not ASCII is kana, common kanji or full-width signs."""
    if not _decodes(sample, "cp932"):
        return False
    strange = [c for c in sample.decode("cp932", "ignore") if c > "\x7f"]
    common = sum(
        "\u3000" <= c <= "\u30ff"
        or "\uff01" <= c <= "\uff60"
        or ("\u4e00" <= c <= "\u9fff" and c.encode("cp932")[0] <= 0x98)
        for c in strange
    )
    return bool(strange) and common / len(strange) > 0.6


def separator(text: str) -> str:
    """The separator under which most rows have the same, and then the largest, number of cells."""
    if named := re.match(r"sep=(.)\r?\n", text):
        return named[1]
    lines = list(islice(BytesIO(text.encode()), 200))

    def fit(mark: str) -> tuple[float, int]:
        widths = Counter(len(r.cells) for r in records(lines, mark) if r.cells)
        usual, times = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        return (round(times / widths.total(), 1), usual) if usual > 1 else (0, 1)

    return max(SEPARATORS, key=fit)


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names columns: no cell looks like data, none is found again below it."""
    if not rows:
        return False
    first = [c.strip() for c in rows[0]]
    if any(_DATA.fullmatch(c) or (c and c in MISSING) for c in first) or not any(first):
        return False
    named = [c for c in first if c]
    again = sum(any(i < len(row) and row[i].strip() == c for row in rows[1:]) for i, c in enumerate(first) if c)
    return len(set(named)) == len(named) and again * 2 <= len(named) - 1


def names(first: Sequence[str]) -> tuple[str, ...]:
    """A header's names, each once: empty ones are numbered, repeated ones too."""
    out: dict[str, None] = {}
    for i, cell in enumerate(first, start=1):
        name = " ".join(cell.split())[:120] or f"column {i}"
        times = 2
        unique = name
        while unique in out:
            unique, times = f"{name} ({times})", times + 1
        out[unique] = None
    return tuple(out)


def numbered(width: int) -> tuple[str, ...]:
    return tuple(f"column {i}" for i in range(1, width + 1))


def records(lines: Iterable[bytes], mark: str, width: int = 0, line: int = 1) -> Iterator[Record]:
    """The rows of a table, in order; every line belongs to exactly one. A blank line is a row without cells.

    lines    of UTF-8, each with its line end
    mark     the separator
    width    cells that a row must have (empty ones at its end may be too many); 0 takes any number
    line     the number of the first line given

    A quote that is never closed costs its own line only: what it would swallow is read again.
    """
    feed = _Feed(lines)
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.reader(feed, delimiter=mark, strict=True)
    while True:
        trouble = ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as e:
            cells, trouble = _leniently(feed.taken, mark, str(e))
        if width and len(cells) != width and cells:
            trouble = _ragged(cells, width)
            cells = cells if trouble else cells[:width]
        if feed.ended or (len(feed.taken) > 1 and trouble):
            feed.give_back()
            cells, trouble = [], OPEN_QUOTE
        if trouble and not cells:
            cells = [feed.taken[0].decode().rstrip("\r\n")]
        yield Record(line, len(feed.taken), sum(map(len, feed.taken)), cells, trouble)
        line += len(feed.taken)
        feed.taken.clear()


class _Feed:
    """Lines for the csv reader. `taken` are those of the record at hand, which can be given back."""

    def __init__(self, lines: Iterable[bytes]):
        self.source = iter(lines)
        self.again: list[bytes] = []
        self.taken: list[bytes] = []
        self.ended = False

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES:
            raise csv.Error(OPEN_QUOTE)
        raw = self.again.pop() if self.again else next(self.source, None)
        if raw is None:
            self.ended = bool(self.taken)
            raise StopIteration
        self.taken.append(raw)
        return raw.decode()

    def give_back(self) -> None:
        """All but the first line of this record are to be read again."""
        self.again.extend(reversed(self.taken[1:]))
        del self.taken[1:]
        self.ended = False


def _ragged(cells: list[str], width: int) -> str:
    if len(cells) == width or (len(cells) > width and not any(c.strip() for c in cells[width:])):
        return ""
    return f"{len(cells)} cells where the header has {width}"


def _leniently(taken: list[bytes], mark: str, error: str) -> tuple[list[str], str]:
    """The cells of one line whose quotes are odd but closed; or what is wrong with it."""
    if len(taken) == 1 and "expected after" in error:
        try:
            return next(csv.reader([taken[0].decode()], delimiter=mark)), ""
        except csv.Error as e:
            error = str(e)
    if "field larger" in error:
        return [], "a cell is larger than two million characters"
    return [], "a line break inside a cell without quotes" if "new-line" in error else OPEN_QUOTE


def harmless(cell: str) -> str:
    """A cell that a spreadsheet will show and not calculate: formulas get a leading '; numbers stay."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell.strip()) else cell
