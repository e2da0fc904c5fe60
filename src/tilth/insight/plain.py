"""What was found, for programs: as JSON and as lines of a CSV, with every bound and n, nothing rounded."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from tilth.agreement.models import Version
from tilth.core.figures import DIGITS
from tilth.core.tabular import harmless

from .choice import Choice
from .report import Column, Figure, Result

PARTS = ("low", "high", "n")
WORDS = {"text", "day"}


def told(choice: Choice, result: Result, as_of: datetime, version: Version | None, lake: int | None) -> dict[str, Any]:
    """A report as JSON: shares as fractions, amounts in minor units of `currency`; `lacks` says how many cases more a figure needs."""
    report, period = choice.report, choice.period
    return {
        **headed(choice),
        "period": {"first": period.first.isoformat(), "last": period.last.isoformat()},
        "answer": report.answer(result),
        "notes": report.notes(result),
        "currency": result.currency,
        "rows": [_row(choice, row) for row in result.rows],
        "together": _row(choice, result.together) if result.together is not None else None,
        "as_of": as_of.isoformat(),
        "version": version.number if version else None,
        "lake": lake,
    }


def headed(choice: Choice) -> dict[str, Any]:
    """What a report is, and what of it can be chosen."""
    report = choice.report
    return {
        "name": report.name,
        "title": str(report.title),
        "question": str(report.question),
        "algorithm": report.algorithm,
        "chosen": choice.chosen,
        "filters": [{"name": f.name, "title": str(f.title), "options": list(f.options)} for f in report.filters],
        "columns": [
            {"name": c.name, "title": str(c.title), "kind": c.kind, "help": str(c.help)} for c in report.columns
        ],
    }


def lines(choice: Choice, result: Result) -> Iterator[list[Any]]:
    """The head, then the rows: amounts in whole units of the currency, shares as fractions."""
    columns = choice.report.columns
    yield [n for c in columns for n in ([c.name] if c.kind in WORDS else [c.name, *(f"{c.name}_{p}" for p in PARTS)])]
    for row in [*result.rows, *([result.together] if result.together is not None else [])]:
        yield [v for c in columns for v in _values(c, row, result.currency)]


def figure_of(row: Mapping[str, Any], column: Column) -> Figure:
    """What a row says in a column, as a figure, also where that is exact."""
    value = row.get(column.name)
    return value if isinstance(value, Figure) else Figure(value)


def _row(choice: Choice, row: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"key": row.get("key", "")}
    for column in choice.report.columns:
        if column.kind in WORDS:
            word = row.get(column.name)
            said[column.name] = word.isoformat() if isinstance(word, date) else word
        else:
            said[column.name] = figure_of(row, column)._asdict()
    return said


def _values(column: Column, row: Mapping[str, Any], currency: str) -> list[Any]:
    if column.kind in WORDS:
        word = row.get(column.name)
        return [harmless(word) if isinstance(word, str) else word]
    figure = figure_of(row, column)
    unit = 10 ** DIGITS.get(currency, 2) if column.kind == "money" else 1
    return [*(v / unit if v is not None and unit > 1 else v for v in figure[:3]), figure.n]
