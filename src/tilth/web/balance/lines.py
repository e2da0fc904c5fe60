"""A line of the balance sheet as the page shows it: figures with their signs, in words, each with its address."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from tilth.insight.balance import OUTSIDE, WEEK, Line, Sheet
from tilth.insight.movers import CAME, CLOSING, FLOWS, OPENING, WENT
from tilth.qualify.models import Stage
from tilth.web import words


@dataclass(frozen=True)
class Stretch:
    """From a Monday to a Sunday, and of which source; None: of all."""

    first: date
    last: date
    source: str | None = None


@dataclass(frozen=True)
class Shown:
    """One line. `urls` maps each flow to the people behind it; a figure of nobody has none."""

    label: Any
    line: Line
    urls: dict[str, str]
    source: str = ""

    @property
    def came(self) -> int:
        return self.line.came.total()

    @property
    def went(self) -> int:
        return self.line.went.total()

    @property
    def whence(self) -> str:
        return _listed(self.line.came, _("not known before"))

    @property
    def whither(self) -> str:
        return _listed(self.line.went, _("erased"))


def by_stage(sheet: Sheet, stretch: Stretch) -> list[Shown]:
    return [_shown(Stage(stage).label, stage, line, stretch) for stage, line in sheet.items()]


def by_week(sheets: dict[date, Sheet], stage: str) -> list[Shown]:
    """The newest week first."""
    return [
        _shown(monday, stage, sheet[stage], Stretch(monday, monday + WEEK - timedelta(days=1)))
        for monday, sheet in reversed(sheets.items())
    ]


def by_source(sheets: dict[str, Sheet], stage: str, stretch: Stretch) -> list[Shown]:
    """The largest source first; those at whose line nobody ever stood are left out."""
    rows = [
        _shown(name, stage, sheet[stage], Stretch(stretch.first, stretch.last, name)) for name, sheet in sheets.items()
    ]
    told = [row for row in rows if row.line.opening or row.came]
    return sorted(told, key=lambda row: (-row.line.closing, -row.came, str(row.label)))


def together(sheet: Sheet) -> Shown:
    """All stages as one: only who was not known before comes, and only who is erased goes."""
    came, went = (Counter({OUTSIDE: sum(c[OUTSIDE] for c in counts)}) for counts in _flows(sheet))
    return Shown(_("Together"), Line(sum(line.opening for line in sheet.values()), came, went), {})


def _flows(sheet: Sheet) -> tuple[list[Counter[str]], list[Counter[str]]]:
    return [line.came for line in sheet.values()], [line.went for line in sheet.values()]


def _shown(label: Any, stage: str, line: Line, stretch: Stretch) -> Shown:
    counts = {OPENING: line.opening, CAME: line.came.total(), WENT: line.went.total(), CLOSING: line.closing}
    return Shown(label, line, {flow: address(stage, flow, stretch) if counts[flow] else "" for flow in FLOWS})


def address(stage: str, flow: str, stretch: Stretch, **more: Any) -> str:
    """Of the page that lists the people behind a figure."""
    given = {"stage": stage, "flow": flow, "first": stretch.first.isoformat(), "last": stretch.last.isoformat()}
    named = {} if stretch.source is None else {"source": stretch.source}
    return f"{reverse('balance-people')}?{urlencode(given | named | more)}"


def _listed(counts: Counter[str], outside: str) -> str:
    """ "12 Lead, 3 not known before", the most first."""
    return ", ".join(
        f"{words.number(n)} {Stage(stage).label if stage else outside}" for stage, n in counts.most_common() if n
    )
