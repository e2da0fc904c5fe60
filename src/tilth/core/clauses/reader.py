"""Reading a document without stopping at its first fault: every fault has a place and a mend."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from fractions import Fraction
from typing import Any

from tilth.core.terms import DAYS, Moment

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a document: where, what, and how to mend it."""

    path: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what} {self.mend}"


class Unsound(ValueError):
    """The document cannot be an agreement; `faults` says why, in document order."""

    def __init__(self, faults: Sequence[Fault]):
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class Reader:
    """Reads one part after the other and collects faults instead of stopping at the first."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, path: str, what: str, mend: str) -> None:
        self.faults.append(Fault(path, what, mend))

    def part(self, doc: Mapping, key: str, at: str = "") -> Mapping:
        value = doc.get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.fault(at + key, "is not a set of named parts.", "Write `name: value` lines under it.")
            return {}
        return value

    def items(self, doc: Mapping, key: str, at: str = "") -> list[tuple[str, Mapping]]:
        value = doc.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(at + key, "is not a list.", "Start each entry with `- `.")
            return []
        out = []
        for i, item in enumerate(value):
            if isinstance(item, Mapping):
                out.append((f"{at}{key}[{i}].", item))
            else:
                self.fault(f"{at}{key}[{i}]", "is not a set of named parts.", "Write `id:` and `say:`.")
        return out

    def listed(self, doc: Mapping, key: str, at: str = "") -> list[Any]:
        """The values of a plain list; [] when it is not there."""
        value = doc.get(key) or []
        if not isinstance(value, list | tuple):
            self.fault(at + key, f"is {value!r}, which is not a list.", "Write it in square brackets, with commas.")
            return []
        return list(value)

    def text(self, doc: Mapping, key: str, at: str = "", optional: bool = False) -> str:
        value = doc.get(key)
        if value is None or value == "":
            if not optional:
                self.fault(at + key, "is missing.", "Write it.")
            return ""
        if not isinstance(value, str):
            self.fault(at + key, f"is {value!r}, which is not text.", "Put it in quotation marks.")
            return ""
        return value

    def number(
        self,
        doc: Mapping,
        key: str,
        at: str = "",
        low: float | None = None,
        default: float | None = None,
        high: float | None = None,
    ) -> float:
        value = doc.get(key, default)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or value != value
            or abs(value) == float("inf")
        ):
            self.fault(
                at + key, "is missing." if value is None else f"is {value!r}, which is not a number.", "Write a number."
            )
            return low or 1
        if low is not None and value < low:
            self.fault(at + key, f"is {value}, too small.", f"Write {low} or more.")
            return low
        if high is not None and value > high:
            self.fault(at + key, f"is {value}, too large.", f"Write {high} or less.")
            return high
        return value

    def choice(self, doc: Mapping, key: str, choices: Sequence[str], at: str = "") -> str:
        value = doc.get(key)
        if value not in choices:
            self.fault(at + key, f"is {value!r}.", f"Write one of: {', '.join(choices)}.")
            return choices[0]
        return str(value)

    def unique(self, at: str, ids: list[str]) -> None:
        for name in sorted({i for i in ids if ids.count(i) > 1}):
            self.fault(at, f"has two entries with the id {name!r}.", "Give each its own id.")

    def counts(self, part: Mapping, key: str, at: str, default: Any = None) -> tuple[int, int]:
        fewest, most = self.floor_ceiling(part, key, at, default)
        return (int(fewest), int(most))

    def floor_ceiling(self, part: Mapping, key: str, at: str, default: Any = None) -> tuple[float, float]:
        value = part.get(key, default)
        if not (isinstance(value, list) and len(value) == 2 and numbers(value) and 0 <= value[0] <= value[1]):
            self.fault(at + key, f"is {value!r}.", "Write the fewest and the most, such as [3, 5].")
            return (0, 99)
        return (value[0], value[1])

    def moment(self, doc: Mapping, key: str, at: str) -> Moment:
        value = doc.get(key)
        day, _, clock = str(value or "").strip().lower().partition(" ")
        try:
            return Moment(DAYS.index(day), hour(clock))
        except ValueError:
            self.fault(at + key, f"is {value!r}.", "Write a day and a time, such as monday 09:00.")
            return Moment(0, time(9))

    def address(self, part: Mapping, key: str, at: str) -> str:
        value = part.get(key)
        if not isinstance(value, str) or not _ADDRESS.fullmatch(value.strip()):
            self.fault(at + key, f"is {value!r}.", "Write the e-mail address of a colleague.")
            return ""
        return value.strip().lower()

    def flag(self, doc: Mapping, key: str, at: str = "", default: bool = False) -> bool:
        """Yes or no; a document may spell it as YAML does, or in words."""
        value = doc.get(key, default)
        if value in ("yes", "no"):
            return bool(value == "yes")
        if not isinstance(value, bool):
            self.fault(at + key, f"is {value!r}.", "Write yes or no.")
            return default
        return value

    def parts_of(self, part: Mapping, at: str, known: Sequence[str]) -> None:
        """Nothing but these stands in this part."""
        for key in part:
            if key not in known:
                self.fault(f"{at}{key}", f"is not a part of {at.rstrip('.')}.", f"Parts are: {', '.join(known)}.")


def share(value: Any) -> float | None:
    """A fraction 0..1 from a number, "12%" or "1/3"; None when it is none of these."""
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, str):
            text = value.strip()
            value = float(Fraction(text[:-1].strip())) / 100 if text.endswith("%") else float(Fraction(text))
        value = float(value)
    except (ValueError, TypeError, ZeroDivisionError, OverflowError):
        return None
    return value if 0 <= value <= 1 else None


def hour(text: str) -> time:
    """A time on the wall. One that names its own zone is none: the agreement has one zone."""
    found = time.fromisoformat(text.strip())
    if found.tzinfo:
        raise ValueError(text)
    return found


def numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
