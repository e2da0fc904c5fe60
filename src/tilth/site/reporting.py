"""`tilth report`: a report worked out here and now, as a table or a chart for the terminal, as CSV or as JSON."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tilth.agreement.models import Version, house_zone, running
from tilth.insight import blocks, cells, drawing, export, kept, plain
from tilth.insight.choice import Choice, Unknown, strict
from tilth.insight.lake import ours
from tilth.insight.report import Chart, Report, Result
from tilth.insight.reports import REPORTS

NARROWEST, BESIDE = 20, 40  # blocks of a chart, and characters that its figures in words may take
KINDS = ("table", "chart", "csv", "json")


def listed(console: Console) -> None:
    """Every report with the question that it answers, and what it can be asked by."""
    table = Table(box=None, pad_edge=False)
    for head in ("Report", "Question", "Asked by"):
        table.add_column(head)
    for report in REPORTS.values():
        table.add_row(report.name, str(report.question), ", ".join(["period", *(f.name for f in report.filters)]))
    console.print(table if REPORTS else "There is no report yet.")


def told_by(words: Sequence[str]) -> dict[str, str]:
    """What `--by source --period=quarter` chooses.

    raises   Unknown, for words that are no pairs
    """
    left, out = list(words), {}
    while left:
        name, sign, value = left.pop(0).partition("=")
        if not name.startswith("--") or (not sign and not left):
            raise Unknown(f"{name} is not understood. Write each filter as --name value, after the report’s name.")
        out[name[2:]] = value if sign else left.pop(0)
    return out


def report(name: str, told: Mapping[str, str], kind: str, now: datetime, console: Console) -> None:
    """Bring the lake up to date, work the report out, and print it.

    raises   Unknown, saying what there is
    """
    if name not in REPORTS:
        raise Unknown(f"There is no report {name}. There are: {', '.join(REPORTS) or 'none yet'}.")
    if kind not in KINDS:
        raise Unknown(f"A report cannot be shown as {kind}. It can as: {', '.join(KINDS)}.")
    version = running(now)
    zone = house_zone(version)
    choice = strict(REPORTS[name], told, now.astimezone(zone).date(), zone)
    export.catch_up(now)
    result = choice.report.worded(kept.work_out(choice.report, choice.chosen, now))
    with timezone.override(zone):
        show(choice, result, kind, now, version, console)


def show(choice: Choice, result: Result, kind: str, now: datetime, version: Version | None, console: Console) -> None:
    lake = ours().manifest.generation
    if kind == "json":
        json.dump(plain.told(choice, result, now, version, lake), sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
        return
    if kind == "csv":
        csv.writer(sys.stdout).writerows(plain.lines(choice, result))
        return
    console.print(Text.assemble((str(choice.report.title), "bold"), f" · {choice.said}"))
    console.print(Text(f"{choice.report.answer(result)}\n"))
    if not result.rows:
        console.print("Nothing in this period. Choose a longer one, or another filter.")
    elif kind == "table":
        console.print(table(choice, result))
    else:
        for chart in choice.report.charts:
            console.print(drawn(chart, choice.report, result, console.width))
    for note in choice.report.notes(result):
        console.print(Text(note))
    at = timezone.localtime(now).strftime("%Y-%m-%d %H:%M")
    stands = f", agreement version {version.number}" if version else ""
    console.print(Text(f"As of {at}{stands}, state {lake} of the lake.", "dim"))


def table(choice: Choice, result: Result) -> Table:
    """The cells of the page: each figure with its interval and n, or why there is none."""
    made = Table(box=None, pad_edge=False, show_footer=result.together is not None)
    together = cells.together(choice, result)
    for n, column in enumerate(choice.report.columns):
        foot = _cell(together[n]) if together else ""
        made.add_column(
            Text(str(column.title)), foot, justify="left" if column.kind in plain.WORDS else "right", vertical="top"
        )
    for line in cells.table(choice, result):
        made.add_row(*map(_cell, line))
    return made


def _cell(cell: cells.Cell) -> Text:
    said = Text(cell.said or cell.few, style="" if cell.said else "dim")
    for more in (cell.sure, cell.n):
        said.append(f"\n{more}" if more and said else more, "dim")
    return said


def drawn(chart: Chart, report: Report, result: Result, width: int) -> Table:
    """A chart; its rows have a column for what they tell of where that is more than one thing."""
    made = Table(title=Text(str(chart.title)), title_justify="left", box=None, pad_edge=False, show_header=False)
    rows = blocks.rows(chart, report, result, max(width - drawing.NAME - BESIDE, NARROWEST))
    several = any(row.what for row in rows)
    for _nth in range(4 if several else 3):
        made.add_column(no_wrap=True)
    made.columns[-1].justify = "right"
    for row in rows:
        made.add_row(*map(Text, row if several else (row.name, row.blocks, row.said)))
    return made
