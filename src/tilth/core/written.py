"""What people write into a sentence: numbers, lists with commas, times of the day; and the same the other way round."""

import csv
import io
import re
from typing import Any

from . import figures

_PLAIN = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")  # read as grouped when nothing says otherwise
_HOUR = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?h?", re.IGNORECASE)


def number(text: str) -> int | float | str:
    """A number as people write it at home, "1,5" or "24.000"; the text itself when it is none."""
    try:
        found = figures.number(text)
    except figures.Unreadable:
        return text
    return int(found) if found == found.to_integral_value() and abs(found) < 10**15 else float(found)


def shown(value: Any, mark: str) -> str:
    """A number without grouping, so that reading it gives the same; anything else as text."""
    text = (
        f"{value:.15f}".rstrip("0").rstrip(".")
        if isinstance(value, float) and 1e-4 < abs(value) < 1e15
        else repr(value)
    )
    if isinstance(value, float) and number(text) != value:
        text = repr(value)
    if _PLAIN.fullmatch(text.removeprefix("-")):
        text += "0"
    return text.replace(".", mark)


def words(text: str) -> list[str]:
    """A list written with commas, semicolons or line ends; quotation marks keep a comma inside an entry."""
    quoted = text.split('"')
    quoted[::2] = [outside.replace(";", ",") for outside in quoted[::2]]
    rows = csv.reader(io.StringIO('"'.join(quoted)), skipinitialspace=True)
    try:
        return [entry for row in rows for cell in row if (entry := cell.strip())]
    except csv.Error:
        return [text]


def listed(entries: Any) -> str:
    """The entries with commas, such that `words` reads them again."""
    return ", ".join(
        '"' + e.replace('"', '""') + '"' if not e or e != e.strip() or re.search(r'[,;"\r\n]', e) else e
        for e in entries
    )


def hour(text: str) -> str:
    """A time of the day as HH:MM: "9", "9.30" and "09:30"; any other text as it is."""
    found = _HOUR.fullmatch(text.strip())
    return f"{int(found[1]):02d}:{found[2] or '00'}" if found and int(found[1]) < 24 else text.strip()


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
