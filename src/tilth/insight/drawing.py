"""A report's charts: bars and intervals lie, a row each, so that long names can be read; lines run along time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from . import words
from .cells import of, said
from .plain import figure_of
from .plot import Plot
from .report import Chart, Column, Figure, Report, Result

MOST = 16  # rows or lines in one chart; the table has them all
COLOURS = 5
ROW, BAR = 26, 15  # pixels
NAME = 24  # letters in a line
FEET = 6  # words at the foot, at most: so many fit on a phone
ROUND = (1, 5, 10, 30, 60, 90, 180, 365)  # days from one word to the next


@dataclass(frozen=True)
class Drawn:
    """legend   name and class of each colour, when there is more than one"""

    title: Any
    plot: Plot
    legend: list[tuple[str, str]]
    cut: int  # rows that the chart leaves out
    empty: bool = False  # no figure is sure enough to be drawn


class Place(NamedTuple):
    """A figure of a line at the n-th place of the foot; whether the line up to it is dashed."""

    x: int
    figure: Figure
    dashed: bool


def drawn(chart: Chart, report: Report, result: Result) -> Drawn:
    columns = [c for name in chart.of if (c := report.column(name))]
    return _lines(chart, columns, result) if chart.draws == "lines" else _rows(chart, columns, result)


def _rows(chart: Chart, columns: Sequence[Column], result: Result) -> Drawn:
    """A row of the chart for each row of the table: bars from zero, or a mark with its interval."""
    rows = [r for r in result.rows if any(figure_of(r, c).value is not None for c in columns)]
    shown, kind = rows[:MOST], columns[0]
    most = max(
        (figure_of(r, c).high or figure_of(r, c).value or 0 for r in shown for c in columns),
        default=0,
    )
    ticks = ticks_to(most)
    height = max(len(shown), 1) * (ROW + BAR * (len(columns) - 1))
    plot = Plot((0, ticks[-1]), (len(shown) or 1, 0), height, str(chart.title), "graph-rows")
    for tick in ticks:
        plot.vline(tick, "grid", back=True)
    plot.xaxis([(t, _short(kind, t, result.currency)) for t in ticks])
    for at, row in enumerate(shown):
        name = row_name(row.get(chart.by))
        plot.name(at + 0.5, wrapped(name), name)
        for nth, column in enumerate(columns):
            middle = at + (nth + 1) / (len(columns) + 1)
            _mark(plot, chart, column, row, middle, nth if len(columns) > 1 else 0, result.currency)
        figures = [(column, figure_of(row, column)) for column in columns]
        far = max(f.value for _column, f in figures if f.value is not None)
        plot.row(at, at + 1, f"{name}: {_told(figures, result.currency)}", far)
    return Drawn(chart.title, plot, _legend([str(c.title) for c in columns]), len(rows) - len(shown), not shown)


def _told(figures: Sequence[tuple[Column, Figure]], currency: str) -> str:
    """The figures of a row in words, each with how sure it is; named, where there are several."""
    lines = [(c, of(c, figure, currency).line) for c, figure in figures]
    return "; ".join(f"{c.title} {line}" if len(figures) > 1 else line for c, line in lines if line)


def _mark(plot: Plot, chart: Chart, column: Column, row: Any, y: float, nth: int, currency: str) -> None:
    figure = figure_of(row, column)
    if figure.value is None:
        return
    if chart.draws == "bars":
        plot.lying(0, figure.value, y, BAR - 4, f"c{nth % COLOURS + 1}")
    if figure.low is not None and figure.high is not None:
        plot.whisker(figure.low, figure.high, y)
    if chart.draws == "intervals":
        plot.dot(figure.value, y, f"c{nth % COLOURS + 1}", 4)


def _lines(chart: Chart, columns: Sequence[Column], result: Result) -> Drawn:
    """A line for each column, or for each word of `split`; the foot is `by`, a day or any word in its order."""
    foot, series = along(chart, columns, result)
    shown = dict(list(series.items())[:COLOURS])
    most = max((p.figure.high or p.figure.value or 0 for line in shown.values() for p in line), default=0)
    ticks = ticks_to(most)
    plot = Plot((0, max(len(foot) - 1, 1)), (0, ticks[-1]), 220, str(chart.title), "graph-axes")
    plot.yaxis([(t, _short(columns[0], t, result.currency)) for t in ticks])
    plot.xaxis([(n, foot_word(foot[n])) for n in _worded(foot)], "middle")
    for draw in (_band, _line):
        for nth, line in enumerate(shown.values()):
            draw(plot, line, nth)
    for n, at in enumerate(foot):
        there = [
            f"{name} {said(columns[0], p.figure.value, result.currency)}"
            for name, line in shown.items()
            for p in line
            if p.x == n
        ]
        if there:
            plot.hit(n - 0.5, n + 0.5, f"{foot_word(at)}: {', '.join(there)}", n)
    return Drawn(chart.title, plot, _legend(list(shown)), len(series) - len(shown), not shown)


def along(chart: Chart, columns: Sequence[Column], result: Result) -> tuple[list[Any], dict[str, list[Place]]]:
    """What stands at the foot, and of each line by its name its figures at places of the foot."""
    rows = chart.rows_of(result)
    foot = list(dict.fromkeys(r[chart.by] for r in rows))
    place = {at: n for n, at in enumerate(foot)}
    series: dict[str, list[Place]] = {}
    for row in rows:
        for column in columns:
            name = str(row.get(chart.split) or _("not said")) if chart.split else str(column.title)
            figure = figure_of(row, column)
            if figure.value is not None:
                series.setdefault(name, []).append(Place(place[row[chart.by]], figure, bool(row.get(chart.dashed))))
    return foot, series


def _line(plot: Plot, line: Sequence[Place], nth: int) -> None:
    """Whole as far as it is finished, and dashed from there on."""
    points = [(p.x, p.figure.value or 0) for p in line]
    if len(points) == 1:
        plot.dot(*points[0], f"c{nth + 1}", 4)
    whole = next((n for n, p in enumerate(line) if p.dashed), len(line))
    plot.line(points[:whole], f"s{nth + 1}")
    if whole < len(line):
        plot.line(points[max(whole - 1, 0) :], f"s{nth + 1} dashed")


def _band(plot: Plot, line: Sequence[Place], nth: int) -> None:
    sure = [(p.x, f) for p in line if (f := p.figure).low is not None and f.high is not None]
    if len(sure) > 1:
        plot.area([(x, f.low or 0) for x, f in sure], [(x, f.high or 0) for x, f in sure], f"band c{nth + 1}")


def _legend(names: list[str]) -> list[tuple[str, str]]:
    return [(name, f"c{n % COLOURS + 1}") for n, name in enumerate(names)] if len(names) > 1 else []


def ticks_to(most: float) -> list[float]:
    """From zero to at least `most`, in three to six steps of 1, 2, 2.5 or 5."""
    if most <= 0:
        return [0.0, 1.0]
    power = 10.0 ** floor(log10(most / 4))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m * 5 >= most)
    count = next(n for n in range(1, 12) if step * n >= most * (1 - 1e-9))
    return [step * n for n in range(count + 1)]


def _short(column: Column, value: float, currency: str) -> str:
    """A tick as it is: 7.5% is not 8%."""
    if column.kind == "money":
        return words.compact(value, currency) if currency else words.number(value)
    shown = value * 100 if column.kind == "share" else value
    places = 0 if abs(shown - round(shown)) < 1e-6 else 1
    return words.percent(value, places) if column.kind == "share" else words.number(value, places)


def _worded(foot: Sequence[Any]) -> Sequence[int]:
    """At which places of the foot there is a word; days that are counted have theirs at round numbers."""
    if foot and isinstance(foot[0], int):
        step = next((days for days in ROUND if foot[-1] / days < FEET), foot[-1])
        return [n for n, at in enumerate(foot) if at % step == 0]
    return range(0, len(foot), max(ceil(len(foot) / FEET), 1))


def foot_word(at: Any) -> str:
    if isinstance(at, int):
        return _("Day %(n)s") % {"n": words.number(at)}
    return date_format(at, "j M") if isinstance(at, date) else cut(str(at))


def row_name(at: Any) -> str:
    """What a row is called beside its mark, in the language that runs now."""
    return date_format(at, "j M Y") if isinstance(at, date) else str(at or _("not said"))


def wrapped(name: str) -> list[str]:
    """A name in one line or two, between words where it can be; what does not fit either is cut."""
    if len(name) <= NAME:
        return [name]
    first = name[: NAME + 1].rpartition(" ")[0] or name[:NAME]
    return [first, cut(name[len(first) :].strip())]


def cut(name: str) -> str:
    return name if len(name) <= NAME else name[: NAME - 1] + "…"
