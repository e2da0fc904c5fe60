"""How the figures of a report are written in a table: with their interval and n, or how many are still too few."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile
from typing import Any

from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import words
from .choice import Choice
from .plain import WORDS, figure_of
from .report import Column, Figure, Result

NOTHING = "–"  # nothing can be said
HOPELESS = 1_000  # so many cases more say nothing that somebody could wait for


@dataclass(frozen=True)
class Cell:
    """said   the figure
    sure     its interval
    n        of how many
    few      why there is no figure
    people   what asks for the people behind it
    """

    said: str
    sure: str = ""
    n: str = ""
    few: str = ""
    people: str = ""
    numeric: bool = True

    @property
    def line(self) -> str:
        """All of it in one line."""
        return ", ".join(part for part in (self.said or self.few, self.sure, self.n) if part)


def table(choice: Choice, result: Result) -> list[list[Cell]]:
    return [line(choice, result, row) for row in result.rows]


def line(choice: Choice, result: Result, row: Any) -> list[Cell]:
    """A row as it is written; a column that it does not have stays empty."""
    return [_cell(choice, column, row, result.currency) for column in choice.report.columns]


def together(choice: Choice, result: Result) -> list[Cell] | None:
    """The line of all, named so where it has no name of its own."""
    if result.together is None:
        return None
    return line(choice, result, {choice.report.columns[0].name: _("Together"), **result.together})


def named(choice: Choice, result: Result, key: str) -> str:
    """What the row is called that a key names: the words before its figures. The key itself, where that row is there no more."""
    row = next((row for row in result.rows if row.get("key") == key), None)
    words = takewhile(lambda column: column.kind in WORDS, choice.report.columns)
    return key if row is None else ", ".join(_cell(choice, column, row, result.currency).said for column in words)


def said(column: Column, value: float | str | date | None, currency: str) -> str:
    """One value in the language of the page; nothing for None."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, date):
        return date_format(value, "j M Y")
    match column.kind:
        case "share":
            return words.percent(value, 1 if value < 0.1 else 0)
        case "points":
            return words.points(value)
        case "money":
            return words.money(value, currency) if currency else words.number(value)
        case "days" | "number":
            return words.number(value, 1)
    return words.number(value, 0 if float(value).is_integer() else 1)


def _cell(choice: Choice, column: Column, row: Any, currency: str) -> Cell:
    if column.kind in WORDS:
        word = row.get(column.name)
        return Cell(_("not said") if word == "" else said(column, word, currency), numeric=False)
    figure = figure_of(row, column)
    there = _people(choice, column, row) if column.people and figure.value and not figure.lacks else ""
    return replace(of(column, figure, currency), people=there)


def of(column: Column, figure: Figure, currency: str) -> Cell:
    """A figure as it is written wherever it stands."""
    if figure.lacks:
        few = ngettext("too few: %(n)s\xa0more", "too few: %(n)s\xa0more", figure.lacks) % {"n": figure.lacks}
        return Cell("", few=_("far too few") if figure.lacks >= HOPELESS else few, n=_of(figure.n))
    sure = ""
    if figure.low is not None and figure.high is not None:
        sure = _("%(low)s to %(high)s") % {
            "low": said(column, figure.low, currency), "high": said(column, figure.high, currency),
        }  # fmt: skip
    return Cell(
        said(column, figure.value, currency) if figure.value is not None else NOTHING, sure, _of(figure.n or None)
    )


def _of(n: int | None) -> str:
    return "" if n is None else f"n {words.number(n)}"


def _people(choice: Choice, column: Column, row: Any) -> str:
    return urlencode({**choice.chosen, "row": row.get("key", ""), "column": column.name})
