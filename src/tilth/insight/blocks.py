"""Charts of block characters, for the terminal and for mail as text: bars and intervals lie, a row each; a line is a row of columns."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from . import cells, drawing
from .plain import figure_of
from .report import Chart, Column, Figure, Report, Result

EIGHTHS = " ▏▎▍▌▋▊▉█"
HEIGHTS = "▁▂▃▄▅▆▇█"


class Row(NamedTuple):
    """name    of the row, where it begins
    what     which of several figures of the row
    blocks   the figure, drawn
    said     and in words
    """

    name: str
    what: str
    blocks: str
    said: str


def rows(chart: Chart, report: Report, result: Result, long: int) -> list[Row]:
    """The rows of a chart, with blocks of at most `long` characters."""
    columns = [c for name in chart.of if (c := report.column(name))]
    draw = _lines if chart.draws == "lines" else _bars
    return draw(chart, columns, result, long)


def _bars(chart: Chart, columns: Sequence[Column], result: Result, long: int) -> list[Row]:
    shown = [r for r in result.rows if any(figure_of(r, c).value is not None for c in columns)][: drawing.MOST]
    figures = [(row, column, figure_of(row, column)) for row in shown for column in columns]
    most = max((f.high or f.value or 0 for _row, _column, f in figures), default=0)
    top = drawing.ticks_to(most)[-1]
    out = []
    for row, column, figure in figures:
        name = drawing.cut(drawing.row_name(row.get(chart.by))) if column is columns[0] else ""
        what = str(column.title) if len(columns) > 1 else ""
        said = cells.of(column, figure, result.currency).line
        out.append(Row(name, what, bar(figure, top, long, chart.draws == "bars"), said))
    return out


def bar(figure: Figure, top: float, long: int, filled: bool) -> str:
    """A figure on a scale from zero to `top`: a bar as far as that is sure, then its interval with a mark at the figure."""
    if figure.value is None:
        return ""
    if figure.low is None or figure.high is None:
        if not filled:
            return " " * _at(figure.value, top, long) + "●"
        whole, rest = divmod(round(min(max(figure.value / top, 0), 1) * long * 8), 8)
        return "█" * whole + EIGHTHS[rest].strip()
    low, value, high = (_at(v, top, long) for v in (figure.low, figure.value, figure.high))
    signs = ["█" if filled else " "] * low + ["─"] * (high - low + 1)
    signs[low], signs[high] = "├", "┤"
    signs[value] = "●"
    return "".join(signs)


def _at(value: float, top: float, long: int) -> int:
    return round(min(max(value / top, 0), 1) * (long - 1))


def _lines(chart: Chart, columns: Sequence[Column], result: Result, long: int) -> list[Row]:
    foot, series = drawing.along(chart, columns, result)
    shown = list(series.items())[: drawing.COLOURS]
    top = max((p.figure.value or 0 for _name, line in shown for p in line), default=0) or 1
    kept = _kept(foot, long)
    out = []
    for name, line in shown:
        heights = {p.x: HEIGHTS[round((p.figure.value or 0) / top * (len(HEIGHTS) - 1))] for p in line}
        signs = "".join(heights.get(x, " ") for x in kept)
        out.append(Row(drawing.cut(name), "", signs, cells.of(columns[0], line[-1].figure, result.currency).line))
    if foot:
        ends = {"first": drawing.foot_word(foot[kept[0]]), "last": drawing.foot_word(foot[-1])}
        out.append(Row("", "", _("%(first)s to %(last)s") % ends, ""))
    return out


def _kept(foot: Sequence[Any], long: int) -> Sequence[int]:
    """Places of the foot for which there is room: the last ones, or every so many where it counts days."""
    if isinstance(foot[0] if foot else None, int):
        return range(0, len(foot), -(-len(foot) // long))
    return range(max(len(foot) - long, 0), len(foot))
