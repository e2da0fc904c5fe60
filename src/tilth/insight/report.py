"""What every figure of insight consists of: a question, rows with figures that say how sure they are, and one sentence.

A `Report` is written once (`insight/reports/<name>.py`); its page, its files, its terminal output, its address for
programs and its mail all come from it. What it finds can be kept as JSON and told again in any language.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from django.utils.functional import Promise

from tilth.agreement.models import Version

from .period import Period

if TYPE_CHECKING:
    from .engine import Engine

Words = str | Promise
Kind = Literal["text", "day", "count", "share", "points", "money", "days", "number"]
Draws = Literal["bars", "intervals", "lines"]


class Figure(NamedTuple):
    """One number.

    value       a share 0..1 or points (the difference of two shares), money in minor units, days, or a plain number;
                None: nothing can be said
    low, high   its interval; None where it is exact
    n           of how many cases
    lacks       how many cases more before it may be shown; then `value` is None
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    lacks: int = 0


class Column(NamedTuple):
    """name     under which a row has it
    kind     how it is written; "text" and "day" are words, everything else may be a `Figure`
    help     what it counts, in a sentence
    people   whether the people behind each of its figures can be listed
    words    of a text: what values are called that are no names, in the language of who reads
    """

    name: str
    title: Words
    kind: Kind = "count"
    help: Words = ""
    people: bool = False
    words: Mapping[str, Words] = {}


class Filter(NamedTuple):
    """Something to narrow or cut by. options: value to title; the first one is the usual. Empty: any text."""

    name: str
    title: Words
    options: Mapping[str, Words] = {}


class Chart(NamedTuple):
    """draws   bars: one group of bars a row; intervals: a mark with its interval a row; lines: along `by`, one line a column
    by      the column that names a row, or lies along the foot; there a whole number is so many days
    of      columns of one kind
    split   of lines: the column whose words each make a line of their own
    rows    where it finds its rows: by which name among what is said; those of the table, if not given
    dashed  of lines: what a row has where the line up to it is unfinished
    """

    draws: Draws
    title: Words
    by: str
    of: tuple[str, ...]
    split: str = ""
    rows: str = ""
    dashed: str = ""

    def rows_of(self, result: "Result") -> Sequence[Mapping[str, Any]]:
        rows: Sequence[Mapping[str, Any]] = result.said.get(self.rows, []) if self.rows else result.rows
        return rows


@dataclass(frozen=True)
class Asked:
    """What somebody wants to know.

    chosen    of each filter of the report, what was chosen
    period    of whole days in the firm's zone
    version   the agreement that runs at `now`; None before there is one
    """

    chosen: Mapping[str, str]
    period: Period
    now: datetime
    version: Version | None
    engine: "Engine"


@dataclass(frozen=True)
class Result:
    """What was found.

    rows       column to what it says; "key" names the row for the people behind it and stays the same from day to day
    together   the line of all, or None
    said       what the answer and the notes need besides
    currency   of every amount; figures of several currencies are never added up
    """

    rows: Sequence[Mapping[str, Any]]
    together: Mapping[str, Any] | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
    currency: str = ""


def nobody(asked: Asked, row: str, column: str) -> Sequence[int]:
    """No figure of this report has people behind it."""
    return ()


def no_notes(result: Result) -> list[str]:
    return []


@dataclass(frozen=True)
class Report:
    """name        its address, and what the terminal and programs call it
    question    that the page answers
    algorithm   its page in docs/algorithms
    work        finds it; imports what it needs by itself, since pages never do
    answer      one sentence, in the language of who reads
    notes       what a reader must know about it, such as which figures are too few
    people      ids of persons behind a figure, the newest first; `row` is a row's "key"
    """

    name: str
    title: Words
    question: Words
    algorithm: str
    columns: Sequence[Column]
    work: Callable[[Asked], Result]
    answer: Callable[[Result], str]
    filters: Sequence[Filter] = ()
    charts: Sequence[Chart] = ()
    notes: Callable[[Result], list[str]] = no_notes
    people: Callable[[Asked, str, str], Sequence[int]] = nobody

    def chosen(self, told: Mapping[str, str]) -> dict[str, str]:
        """What was chosen of each filter: what was told where it is known, else the usual."""
        out = {}
        for one in self.filters:
            value = told.get(one.name, "")[:200]
            out[one.name] = value if value in one.options or not one.options else next(iter(one.options))
        return out

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)

    def worded(self, result: Result) -> Result:
        """The same with its values called by their words, in the language that runs now."""
        words = {c.name: c.words for c in self.columns if c.words}
        if not words:
            return result

        def told(row: Mapping[str, Any]) -> Mapping[str, Any]:
            return {k: str(words[k].get(v, v)) if k in words and isinstance(v, str) else v for k, v in row.items()}

        return replace(result, rows=[told(row) for row in result.rows])


def as_json(result: Result) -> dict[str, Any]:
    """What was found, as it is kept; `of_json` reads it back to the same."""
    together = _plain(result.together) if result.together is not None else None
    rows = [_plain(row) for row in result.rows]
    return {"rows": rows, "together": together, "said": _plain(result.said), "currency": result.currency}


def of_json(kept: Mapping[str, Any]) -> Result:
    return Result(
        [_whole(row) for row in kept["rows"]],
        _whole(kept["together"]) if kept["together"] is not None else None,
        _whole(kept["said"]),
        kept["currency"],
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Figure):
        return {"figure": list(value)}
    if isinstance(value, date):
        return {"day": value.isoformat()[:10]}
    if isinstance(value, Mapping):
        return {"map": {k: _plain(v) for k, v in value.items()}}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def _whole(value: Any) -> Any:
    match value:
        case {"figure": figure}:
            return Figure(*figure)
        case {"day": day}:
            return date.fromisoformat(day)
        case {"map": entries}:
            return {k: _whole(v) for k, v in entries.items()}
        case list():
            return [_whole(v) for v in value]
    return value
