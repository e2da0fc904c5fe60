"""`tilth import FILE`: look, map, ask, take in, report. What it takes in is what the browser takes in."""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import yaml
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.prompt import Confirm
from rich.table import Table

from tilth.core.mapping import KINDS, Mapping, Unfit, of_plain
from tilth.core.tabular import NotATable

from . import files, imports, models
from .models import Import

SHOWN = 5
PHASES = {"read": "Reading the whole file", "count": "Looking at dates and figures", "rows": "Taking in rows"}
Clock = Callable[[], datetime]


class CannotImport(ValueError):
    """Nothing was taken in; the message says why and what to do."""


def import_file(
    path: Path, kind: str, mapping: str, yes: bool, clock: Clock, console: Console, system: str = ""
) -> Import:
    """Import a file as `tilth import` does; the finished (or refused) import.

    kind       leads, touches, deals, costs or verdicts; the mapping's own kind where one is given
    mapping    the name of a saved mapping, or a YAML or JSON file; "" guesses one
    yes        do not ask
    system     whose ids these are, where the mapping should not say it: one word for all files of one CRM
    raises     CannotImport
    """
    try:
        wish = named(mapping) if mapping else None
        seen = files.look(path, wish)
        wish = wish or files.propose(seen, _kind(kind), path.name)
        wish = replace(wish, system=system) if system else wish
        fitted, notes = files.lay(wish, seen)
    except (NotATable, Unfit, OSError) as e:
        raise CannotImport(str(e)) from e
    _show(console, fitted, seen, notes)
    if not yes and not _agreed(console):
        raise CannotImport("Nothing was taken in.")
    row = imports.begin(imports.take(path.absolute(), path.name, wish, None, clock()), clock())
    try:
        _work(row, clock, console)
    except KeyboardInterrupt:
        imports.stop(row, None, clock())
    _report(row, console)
    return row


def named(mapping: str) -> Mapping:
    """A saved mapping by its name, or one from a file.

    raises     Unfit, OSError
    """
    if row := models.Mapping.objects.filter(name=mapping).first():
        return of_plain(row.spec)
    path = Path(mapping)
    if path.suffix not in (".yaml", ".yml", ".json"):
        names = ", ".join(models.Mapping.objects.order_by("name").values_list("name", flat=True)) or "none yet"
        raise Unfit(f"No mapping is called {mapping!r}. Saved ones: {names}. Or give a .yaml or .json file.")
    try:
        return of_plain(json.loads(path.read_text()) if path.suffix == ".json" else yaml.safe_load(path.read_text()))
    except (ValueError, yaml.YAMLError) as e:
        raise Unfit(f"{mapping}: {e}") from e


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise Unfit(f"--kind {kind}: write one of {', '.join(KINDS)}.")
    return kind


def _show(console: Console, mapping: Mapping, seen: files.Look, notes: dict[str, list[str]]) -> None:
    header = "with a header" if seen.named else "without a header"
    console.print(
        f"{mapping.kind}: {seen.encoding}, separated by {seen.separator!r}, {header}; ids are those of “{mapping.system}”"
    )
    table = Table("Column", "becomes", "read as", "first rows", box=None, pad_edge=False)
    for i, column in enumerate(mapping.columns):
        some = " | ".join(row[i][:24] for row in seen.rows[:SHOWN] if i < len(row))
        table.add_row(column.header, column.field or "—", column.reads, some)
    console.print(table)
    for what, headers in notes.items():
        say = {"unknown": "Not in the mapping, kept as the mapping says", "absent": "In the mapping, not in the file"}[
            what
        ]
        console.print(f"{say}: {', '.join(headers)}")


def _agreed(console: Console) -> bool:
    if not console.is_interactive:
        raise CannotImport("Nobody can be asked here. Look at the mapping above and add --yes.")
    return Confirm.ask("Take it in like this?", console=console)


def _work(row: Import, clock: Clock, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks = {phase: progress.add_task(say, total=None, visible=False) for phase, say in PHASES.items()}
        size = Path(row.path).stat().st_size
        me = secrets.token_hex(8)
        while imports.advance(row, clock(), holder=me):
            if row.holder != me:
                time.sleep(0.1)  # the conveyor was quicker and has it for a moment
            done = {"read": row.place.get("from", 0), "count": row.place.get("rows", 0), "rows": row.done}[row.phase]
            total = {"read": size, "count": None, "rows": row.rows}[row.phase]
            progress.update(tasks[row.phase], completed=done, total=total, visible=True)


def _report(row: Import, console: Console) -> None:
    if row.trouble:
        console.print(f"[bold]Refused.[/bold] {row.trouble}")
        return
    total = f"{row.rows:,}" if row.rows is not None else "?"
    console.print(f"{'Stopped' if row.stopped_at else 'Done'}: {row.done:,} of {total} rows")
    table = Table(box=None, show_header=False, pad_edge=False)
    for what in ("created", "updated", "skipped", "failed", "flagged"):
        table.add_row(what, f"{getattr(row, what):,}")
    console.print(table)
    for doubt in row.notes.get("doubts", []):
        console.print(f"Doubt: {doubt}")
    for kind, odd in row.notes.get("odd", {}).items():
        console.print(f"{odd['count']:,} × {kind}, first on line {odd['line']}: {odd['say']}", highlight=False)
    if row.failed:
        path = Path(f"{Path(row.name).stem}.failed-{row.pk}.csv")
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            file.writelines(imports.failed_rows(row))
        console.print(f"The failed rows, with reasons: {path}")
