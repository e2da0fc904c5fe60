"""An import from its file to its report: looked at, mapped, read through, taken in slice by slice.

Reads   the file, once as it came and then from a copy in UTF-8 that is kept until the end
Writes  what the rows tell (leads, touches, deals, costs); FailedRow for what could not be taken

A file that cannot be read as a whole is refused with its `trouble` before any row is written. A slice and
the place behind it are written in one transaction, so an import goes on where it was after any stop.
Source: docs/algorithms/imports.md
"""

import csv
import io
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, models, transaction

from tilth.core.figures import Unreadable
from tilth.core.mapping import Mapping, Unfit, of_plain, plain
from tilth.core.rows import Reading, Said, Scan
from tilth.core.tabular import NotATable, Record, harmless
from tilth.journal.models import note
from tilth.team.models import Member

from . import costs, deals, files, leads, verdicts
from .models import FailedRow, Import
from .run import FAILED, Outcome, Run

INTAKE: dict[str, Callable[[Sequence[Said], Run], list[Outcome]]] = {
    "leads": leads.take_in,
    "touches": leads.take_in,
    "deals": deals.take_in,
    "costs": costs.take_in,
    "verdicts": verdicts.take_in,
}
SLICE = 2_000
LEASE = timedelta(minutes=1)
FORGOTTEN = timedelta(days=1)
LONGEST = 20_000  # characters of a failed row that are kept
log = logging.getLogger(__name__)


def home() -> Path:
    """Where files wait and copies live."""
    path = Path(settings.HOME) / "imports"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def take(path: Path, name: str, mapping: Mapping, by: Member | None, now: datetime) -> Import:
    """A new import of the file at `path`, not yet begun. Its mapping may still be corrected."""
    return Import.objects.create(kind=mapping.kind, name=name[:200], path=str(path), spec=plain(mapping), by=by, at=now)


def begin(row: Import, now: datetime, mapping: Mapping | None = None) -> Import:
    """Lay the mapping over the file and set off, once; `advance` or the conveyor does the rest.

    raises     NotATable, Unfit; then nothing has begun
    """
    wish = mapping or of_plain(row.spec)
    seen = files.look(Path(row.path), wish)
    fitted, notes = files.lay(wish, seen)
    waiting = Import.objects.filter(pk=row.pk, started_at=None, stopped_at=None)
    began = waiting.update(spec=plain(fitted), kind=fitted.kind, notes=notes, started_at=now)
    row.refresh_from_db()
    if began:
        note("began import", row, now, row.by, name=row.name)
    return row


def stop(row: Import, by: Member | None, now: datetime) -> bool:
    """No further row is taken; what was taken stays. False when it had ended before."""
    open_still = Import.objects.filter(pk=row.pk, finished_at=None, stopped_at=None, trouble="")
    stopped = bool(open_still.update(stopped_at=now))
    row.refresh_from_db()
    if stopped:
        note("stopped import", row, now, by, name=row.name, done=row.done)
        _tidy(row)
    return stopped


def catch_up(now: datetime, seconds: float = 0.4) -> int:
    """Bring the oldest waiting import a little further; 1 when one moved.

    One that breaks is left alone for a while, so that it holds up neither the others nor what else comes in.
    """
    waiting = Import.objects.filter(started_at__isnull=False, finished_at=None, stopped_at=None, trouble="")
    row = waiting.filter(_free(now)).order_by("started_at").first()
    if row is None:
        _forget(now)
        return 0
    try:
        advance(row, now, seconds, SLICE // 4)
    except Exception:
        log.exception("Import %s (%s) broke. Its place is kept, and it is tried again in a minute.", row.pk, row.name)
        Import.objects.filter(pk=row.pk).update(held_until=now + LEASE)
        return 0
    return 1


def _forget(now: datetime) -> None:
    """An upload that nobody began within a day goes: it is full of other people's data."""
    for row in Import.objects.filter(started_at=None, stopped_at=None, trouble="", at__lt=now - FORGOTTEN):
        stop(row, None, now)


def advance(row: Import, now: datetime, seconds: float = 0.5, most: int = SLICE, holder: str = "") -> bool:
    """Work on an import for about so many seconds; False when it has come to an end.

    most      rows in one transaction
    holder    who goes on holding it afterwards; without one it is let go. While somebody else holds it,
              nothing happens
    """
    if not _hold(row, holder or secrets.token_hex(8), now):
        return row.working
    try:
        _work(row, now, time.monotonic() + seconds, most)
    finally:
        if not holder:
            Import.objects.filter(pk=row.pk, holder=row.holder).update(held_until=None)
    return row.working


def _work(row: Import, now: datetime, until: float, most: int) -> None:
    """Step after step until the time is over, or the import."""
    while row.working:
        step = {"read": _read, "count": _count, "rows": _rows}[row.phase]
        try:
            step(row, now, most)
        except (NotATable, Unfit, OSError) as e:
            _refuse(row, str(e))
        if time.monotonic() >= until:
            return


def _free(now: datetime) -> models.Q:
    return models.Q(held_until=None) | models.Q(held_until__lte=now)


def _hold(row: Import, holder: str, now: datetime) -> bool:
    """Nobody else works on it from now on, for a minute at most; False while somebody else does."""
    mine = Import.objects.filter(_free(now) | models.Q(holder=holder), pk=row.pk)
    held = bool(mine.update(holder=holder, held_until=now + LEASE))
    row.refresh_from_db()
    return held


def failed_rows(row: Import) -> Iterator[str]:
    """The failed rows as CSV, line by line: line, reason, then the cells as they were, made harmless."""
    headers = [column["header"] for column in row.spec.get("columns", [])]
    yield _csv(["line", "reason", *headers])
    for line, reason, cells in row.failures.order_by("line").values_list("line", "reason", "cells").iterator(2_000):
        yield _csv([str(line), reason, *cells])


def _csv(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(map(harmless, cells))
    return out.getvalue()


def _copy_of(row: Import) -> Path:
    return home() / f"{row.pk}.utf8"


def _read(row: Import, now: datetime, most: int) -> None:
    """One step of making sure that all of the file is text."""
    if files.copy(Path(row.path), _copy_of(row), of_plain(row.spec), row.place):
        return _save(row)
    row.digest = row.place["digest"]
    row.place = {"phase": "count"}
    files.begin(_copy_of(row), of_plain(row.spec), row.place)
    row.place["first"] = [row.place["at"], row.place["line"]]
    _save(row, "digest")


def _count(row: Import, now: datetime, most: int) -> None:
    """One step of counting the rows and finding out how dates and figures are written."""
    scan = Scan(of_plain(row.spec)).go_on(row.place.get("seen", {}))
    files.count(_copy_of(row), scan, row.place, most * 10)
    row.place["seen"] = scan.plain()
    if not files.at_end(_copy_of(row), row.place):
        return _save(row)
    row.rows = row.place.get("rows", 0)
    if not row.rows:
        raise NotATable("The file has a header and no rows.")
    settled, doubts = scan.settled()
    row.spec = plain(settled)
    row.notes |= {"doubts": doubts} if doubts else {}
    at, line = row.place["first"]
    row.place = {"phase": "rows", "at": at, "line": line}
    _save(row, "rows", "spec", "notes")


def _rows(row: Import, now: datetime, most: int) -> None:
    """Take in one slice; it and the place behind it in one transaction."""
    before, place = dict(row.place), dict(row.place)
    mapping = of_plain(row.spec)
    records = list(files.some(_copy_of(row), mapping, place, most))
    said, failed = _said(records, Reading(mapping))
    with transaction.atomic():
        fresh = Import.objects.select_for_update(of=("self",)).select_related("by").get(pk=row.pk)
        if fresh.place != before or not fresh.working:
            row.refresh_from_db()  # somebody else has taken this slice, or stopped the import
            return
        outcomes = _taken(said, Run(mapping, f"file {row.digest}", row.at, now, fresh.by))
        failed |= {s.line: o.reason for s, o in zip(said, outcomes, strict=True) if o.what == FAILED}
        _keep_failed(row, records, failed)
        _tally(fresh, records, said, outcomes, failed)
        fresh.place = place
        if files.at_end(_copy_of(row), place):
            fresh.finished_at = now
        fresh.save()
    row.refresh_from_db()
    if row.finished_at:
        _tidy(row)


def _said(records: Sequence[Record], reading: Reading) -> tuple[list[Said], dict[int, str]]:
    """What the rows say, and by line why some cannot be understood. Rows of empty cells say nothing."""
    said, failed = [], {}
    for record in records:
        if record.trouble:
            failed[record.line] = record.trouble
        elif any(record.cells):
            try:
                said.append(reading.row(record.cells, record.line))
            except Unreadable as e:
                failed[record.line] = str(e)
    return said, failed


def _taken(said: Sequence[Said], run: Run) -> list[Outcome]:
    """What became of each row. Where the database refuses a slice, the rows that it refuses are found by halving."""
    if not said:
        return []
    try:
        with transaction.atomic():
            return INTAKE[run.mapping.kind](said, run)
    except (IntegrityError, DataError) as e:
        if len(said) == 1:
            return [Outcome(FAILED, f"the database refused it: {str(e).splitlines()[0]}"[:300])]
        half = len(said) // 2
        return _taken(said[:half], run) + _taken(said[half:], run)


def _keep_failed(row: Import, records: Sequence[Record], failed: dict[int, str]) -> None:
    rows = [
        FailedRow(run=row, line=r.line, reason=failed[r.line][:300], cells=[c[:LONGEST] for c in r.cells])
        for r in records
        if r.line in failed
    ]
    FailedRow.objects.bulk_create(rows, batch_size=500)


def _tally(
    row: Import, records: Sequence[Record], said: Sequence[Said], outcomes: Sequence[Outcome], failed: dict[int, str]
) -> None:
    what = Counter(o.what for o in outcomes if o.what != FAILED)
    row.done += len(records)
    row.created += what["created"]
    row.updated += what["updated"]
    row.skipped += len(records) - what["created"] - what["updated"] - len(failed)
    row.failed += len(failed)
    for one, outcome in zip(said, outcomes, strict=True):
        if one.odd and outcome.what != FAILED:
            row.flagged += 1
            _note(row.notes, dict(one.odd), one.line)


def _note(notes: dict[str, Any], odd: dict[str, str], line: int) -> None:
    """Count what was odd, by kind, with the first example."""
    for kind, say in odd.items():
        seen = notes.setdefault("odd", {}).setdefault(kind, {"count": 0, "say": say[:200], "line": line})
        seen["count"] += 1


def _refuse(row: Import, trouble: str) -> None:
    """The whole file is refused, unless it has come to an end meanwhile."""
    open_still = Import.objects.filter(pk=row.pk, finished_at=None, stopped_at=None)
    if open_still.update(trouble=trouble[:500]):
        _tidy(row)
    row.refresh_from_db()


def _save(row: Import, *fields: str) -> None:
    row.save(update_fields=["place", *fields])


def _tidy(row: Import) -> None:
    """The copy goes, and so does an upload; a file that lies elsewhere is its owner's."""
    _copy_of(row).unlink(missing_ok=True)
    source = Path(row.path)
    if source.parent == home():
        with suppress(OSError):
            source.unlink()
