"""Everything about one person as one ZIP file: data.json for programs, index.html for people.

Reads   every table that refers to them, the journal, and all deliveries that name them
Writes  TILTH_HOME/takeouts/<random>.zip, for a week

The deliveries are searched in portions, whose finds are appended to a file beside; the place and the length of that file
are written together, so the search goes on where it was after any stop.
"""

import fcntl
import json
import secrets
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.db import transaction

from tilth.core.forgetting import theirs
from tilth.journal.models import note
from tilth.people.models import Person
from tilth.team.models import Member

from . import deliveries, readable, related
from .models import Takeout, folder
from .plainly import Plainly

KEPT = timedelta(days=7)
SECONDS = 0.5  # of searching in one call


@transaction.atomic
def ask(person: Person, by: Member | None, now: datetime) -> Takeout:
    """A new file for somebody, unless one is on its way."""
    under_way = Takeout.objects.filter(person=person, finished_at=None).first()
    if under_way:
        return under_way
    row = Takeout.objects.create(
        person=person, name=secrets.token_hex(16), by=by, at=now, until=deliveries.newest()
    )  # fmt: skip
    note("asked for everything about", row, now, by, person=person.pk)
    return row


def catch_up(now: datetime, person: int | None = None) -> int:
    """Bring the oldest that is not finished a little further; 1 when one moved."""
    row = Takeout.objects.filter(finished_at=None).select_related("person__company").order_by("at", "pk").first()
    if row is None:
        return _clear(now)
    with _alone() as alone:
        if not alone:
            return 0
        row.refresh_from_db()
        if row.place < row.until:
            _search(row)
        else:
            _pack(row, now)
        row.save(update_fields=["place", "written", "found", "finished_at", "size"])
    return 1


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else works on files here: a lock of the folder, as a transaction of seconds would hold up all others."""
    with (folder() / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _search(row: Takeout) -> None:
    ways = related.ways(row.person)
    with _beside(row).open("r+b" if _beside(row).exists() else "wb") as file:
        file.truncate(row.written)
        file.seek(row.written)
        for place, received in deliveries.search(ways, row.place, row.until, SECONDS):
            row.place = place
            if received is None:
                break
            for index, event in theirs(bytes(received.body), ways):
                told = {
                    "received_at": received.at, "from": str(received.source or ""), "path": received.path,
                    "network": received.network, "agent": received.agent, "place": index, "event": event,
                }  # fmt: skip
                file.write(msgspec.json.encode(told) + b"\n")
                row.found += 1
        row.written = file.tell()


def _pack(row: Takeout, now: datetime) -> None:
    """Write the file whole beside, then let it take its name."""
    whole = row.path.with_suffix(".part")
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as out:
        with out.open("data.json", "w", force_zip64=True) as raw:
            for piece in _data(row, now):
                raw.write(piece.encode())
        with out.open("index.html", "w", force_zip64=True) as raw:
            for piece in readable.page(row.person, _sent(row), now):
                raw.write(piece.encode())
    whole.replace(row.path)
    _beside(row).unlink(missing_ok=True)
    row.finished_at, row.size = now, row.path.stat().st_size


def _data(row: Takeout, now: datetime) -> Iterator[str]:
    """One JSON document, in pieces: a table after the other, a row a line."""
    say = Plainly()
    head = {"made_at": now.isoformat(), "person": say.row(row.person), "company": str(row.person.company or "")}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ',\n"tables": {'
    for n, table in enumerate(t for t in related.tables() if t.model is not Takeout):
        rows = table.rows(row.person_id).order_by("pk").iterator(1_000)
        yield f"{',' * bool(n)}\n{json.dumps(table.label)}: ["
        yield from _lines(json.dumps(say.row(one), ensure_ascii=False) for one in rows)
        yield "]"
    yield '\n},\n"journal": ['
    lines = related.entries(row.person_id).order_by("pk").values_list("at", "verb", "subject")
    yield from _lines(json.dumps({"at": at.isoformat(), "what": verb, "of": of}) for at, verb, of in lines)
    yield '],\n"deliveries": ['
    yield from _lines(line.strip() for line in _sent(row))
    yield "]}\n"


def _lines(rows: Iterator[str]) -> Iterator[str]:
    for n, row in enumerate(rows):
        yield f"{',' * bool(n)}\n{row}"


def _sent(row: Takeout) -> Iterator[str]:
    """What was found in deliveries, one JSON object a line."""
    if _beside(row).exists():
        with _beside(row).open(encoding="utf-8") as file:
            yield from file


def _beside(row: Takeout) -> Path:
    return folder() / f"{row.name}.events"


def clear() -> None:
    """Files whose row is gone go, too."""
    names = set(Takeout.objects.values_list("name", flat=True))
    for path in folder().iterdir():
        if path.stem not in names and path.name != "lock":
            path.unlink(missing_ok=True)


def _clear(now: datetime) -> int:
    """Files that were there for a week go. Asked before deleting: nobody else could write meanwhile, once a second."""
    old = Takeout.objects.filter(finished_at__lt=now - KEPT)
    if old.exists():
        old.delete()
        clear()
    return 0
