"""Figures as lines of tables: a rate with its interval drawn, or how many more are needed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tilth.core.rates import Rate
from tilth.insight import funnel
from tilth.insight.funnel import Funnel
from tilth.insight.promises import Kept
from tilth.web import charts, words

TOPS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)
MOST = 12


@dataclass(frozen=True)
class Line:
    """One row: the group, and the rate that the table is about with its interval as a drawing."""

    of: Funnel
    rate: Rate
    drawing: Any


@dataclass(frozen=True)
class Table:
    """Lines on one scale from 0 to `top`; `sum` is the line of all together."""

    lines: list[Line]
    sum: Line
    top: float


def table(rows: Sequence[Funnel], rate: Callable[[Funnel], Rate]) -> Table:
    """The largest groups, the others together, and the sum, with one rate each."""
    shown = fold(rows)
    every = funnel.together(rows, _("Together"))
    top = scale(rate(row) for row in [*shown, every])
    return Table([line(row, rate(row), top) for row in shown], line(every, rate(every), top), top)


def fold(rows: Sequence[Funnel]) -> list[Funnel]:
    """At most MOST lines: the smallest groups as one."""
    if len(rows) <= MOST:
        return list(rows)
    rest = rows[MOST - 1 :]
    return [*rows[: MOST - 1], funnel.together(rest, _("%(n)s others") % {"n": words.number(len(rest))})]


def line(of: Funnel, rate: Rate, top: float) -> Line:
    return Line(of, rate, drawn(rate, top))


def drawn(rate: Rate, top: float) -> Any:
    """The interval on a scale from 0 to `top`; nothing when there are too few."""
    if rate.lacks or rate.value is None:
        return ""
    label = _("%(rate)s, likely between %(low)s and %(high)s, of %(n)s") % {
        "rate": words.percent(rate.value, 1), "low": words.percent(rate.low, 1), "high": words.percent(rate.high, 1), "n": rate.n,
    }  # fmt: skip
    return charts.interval(rate.low, rate.value, rate.high, top, label)


def scale(rates: Iterable[Rate]) -> float:
    """The smallest round share that holds every interval."""
    highest = max((r.high for r in rates if not r.lacks), default=0.0)
    return next((t for t in TOPS if t >= highest), 1.0)


def weeks(kept: Kept) -> Any:
    """How far promises were kept by week, the last 26 of them; nothing when nothing ever fell due."""
    if not kept.due:
        return ""
    shown = kept.weeks[-26:]
    tip = _("Week of %(day)s: %(text)s")
    cells = [
        (w.kept / w.due if w.due else None, tip % {"day": date_format(w.first, "j F"), "text": w.text}) for w in shown
    ]
    due, whole = sum(w.due > 0 for w in shown), sum(w.all_kept is True for w in shown)
    return charts.weeks([cells], _("all kept in %(kept)s of %(n)s weeks") % {"kept": whole, "n": due})
