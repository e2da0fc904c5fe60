"""Files behind offers: kept under random names, given out by signed link alone, each fetch a touch.

Reads   File, Submission
Writes  File and the folder of files; touches
"""

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath

from django.conf import settings
from django.core import signing
from django.db import transaction

from tilth.core.evidence import marked
from tilth.journal.models import note
from tilth.team.models import Member
from tilth.touches import record
from tilth.touches.models import Touch

from .models import File, Submission

SALT = "tilth.forms.file"
FETCHED_WITHIN = timedelta(days=30)
LARGEST = 100_000_000  # bytes

# What may be given out, and how its content begins where that is known. Nothing that a browser would run.
TYPES = {
    "pdf": (b"%PDF-",), "docx": (b"PK\x03\x04",), "xlsx": (b"PK\x03\x04",), "pptx": (b"PK\x03\x04",), "zip": (b"PK\x03\x04",),
    "epub": (b"PK\x03\x04",), "odt": (b"PK\x03\x04",), "ods": (b"PK\x03\x04",), "odp": (b"PK\x03\x04",), "png": (b"\x89PNG",),
    "jpg": (b"\xff\xd8\xff",), "jpeg": (b"\xff\xd8\xff",), "mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3"), "mp4": (), "csv": (), "txt": (),
}  # fmt: skip


class Unfit(ValueError):
    """A file that is not given out: too large, empty, of a type that we do not take, or not what its name says."""


@dataclass(frozen=True)
class Fetch:
    """What a link opens: for which submission, and until when."""

    submission: Submission
    file: File
    until: datetime


def home() -> Path:
    """The folder of files, which no web server shows."""
    folder = Path(settings.HOME) / "files"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def keep(name: str, parts: Iterable[bytes], by: Member | None, now: datetime) -> File:
    """Take a file in, piece by piece.

    raises     Unfit; then nothing stays of it
    """
    name = " ".join(PurePath(name.replace("\\", "/")).name.replace("\0", "").split())[:200]
    ending = name.rpartition(".")[2].lower()
    if ending not in TYPES:
        raise Unfit(f"A file that ends in .{ending[:20]} is not given out. Use one of: {', '.join(TYPES)}.")
    place = secrets.token_hex(16)
    path = home() / place
    try:
        size = _write(path, parts, TYPES[ending], ending)
        with transaction.atomic():
            row = File.objects.create(name=name, place=place, size=size, at=now, by=by)
            note("added file", row, now, by, name=name)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return row


def _write(path: Path, parts: Iterable[bytes], begins: tuple[bytes, ...], ending: str) -> int:
    size = 0
    with path.open("xb") as out:
        for part in parts:
            if size == 0 and begins and not part.startswith(begins):
                raise Unfit(f"This is no .{ending} file, whatever its name says.")
            size += len(part)
            if size > LARGEST:
                raise Unfit(f"This file is larger than {LARGEST // 1_000_000} MB.")
            out.write(part)
        out.flush()
        os.fsync(out.fileno())
    if size == 0:
        raise Unfit("This file is empty.")
    return size


def of(row: Submission) -> File | None:
    """The file that a submission is given."""
    number = row.edition.asks.file
    return File.objects.filter(pk=number).first() if number else None


def token(row: Submission, file: File, now: datetime) -> str:
    """What stands in the link of this submission; the same for a whole day."""
    until = (now + FETCHED_WITHIN).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return signing.dumps([row.pk, file.pk, int(until.timestamp())], salt=SALT)


def opened(text: str) -> Fetch | None:
    """What a link opens, also when it is too late; None for one that is not ours, or whose file or person is gone."""
    try:
        submission, file, until = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return None
    row = Submission.objects.select_related("edition__form", "person", "touch").filter(pk=submission).first()
    kept = File.objects.filter(pk=file).first()
    return Fetch(row, kept, datetime.fromtimestamp(until, UTC)) if row and kept else None


def path(file: File) -> Path:
    return home() / file.place


def fetched(
    fetch: Fetch, evidence: int, now: datetime, network: str = "", agent: str = "", machine: str = ""
) -> Touch | None:
    """Write down that somebody fetched their file; once a minute at most, as browsers ask for one file in pieces.

    machine    which one did it, where one did
    returns    None while nobody knows whose it is
    """
    row, sent = fetch.submission, fetch.submission.touch
    if row.person is None:
        return None
    properties = {"file": fetch.file.name, "form": row.form.name, "network": network, "agent": agent}
    touch, _new = record.record(
        "download",
        now,
        now,
        person=row.person,
        evidence=evidence,
        offer=sent.offer if sent else None,
        campaign=sent.campaign if sent else None,
        source=sent.source if sent else "",
        medium=sent.medium if sent else "",
        event="File Fetched",
        properties=marked({k: v for k, v in properties.items() if v}, {"machine": machine} if machine else {}),
        key=record.key("fetch", f"{row.pk} {fetch.file.pk} {evidence} {now:%Y-%m-%d %H:%M}"),
    )
    return touch
