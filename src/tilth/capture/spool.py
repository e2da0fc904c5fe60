"""The spool: where deliveries wait on disk while the database is away. Acknowledged there as durably as in the inbox.

Files in TILTH_HOME/spool, a folder for each database, each file written to by one process, only at its end: a record is a mark,
its length, its checksum and a parcel, flushed to the disk before anybody is told. A torn end is what nobody was told of.

The conveyor drains them in the order in which they were begun. How far a file is drained stands in the database, in the same
transaction as what was drained, so that a crash at any moment neither loses nor doubles. What cannot be drained is
set aside in a file of its own and never stands in the way. Source: docs/decisions/spool.md
"""

import fcntl
import logging
import os
import secrets
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import DatabaseError, Error, InterfaceError, OperationalError, connection, transaction

from .models import Source, Spooled
from .parcels import Parcel, durable, insert

MARK = b"\xf1TP\x01"  # begins a record
HEAD = struct.Struct("<4sII")  # the mark, the length of the parcel in bytes, its checksum
LARGEST = 4_000_000  # bytes of a file after which another is begun: what is drained in one transaction, about
WAITS, ASIDE = ".spool", ".aside"
log = logging.getLogger(__name__)


class Spool:
    """One process's end of the spool. For one thread at a time."""

    def __init__(self) -> None:
        self._path: Path | None = None

    def append(self, parcels: Sequence[Parcel], now: datetime) -> None:
        """Keep parcels, durably, in this order.

        raises     OSError, when the disk does not take them; then none of them is kept
        """
        try:
            while not (self._path and _appended(self._path, parcels)):
                self._path = _begun(now, WAITS)
        except OSError:
            self._path = None  # nothing is written behind what may have been torn
            raise


@dataclass(frozen=True)
class Waiting:
    """What lies in the spool: deliveries that wait, since when, and how many were set aside."""

    deliveries: int
    since: datetime | None
    aside: int


def waiting() -> Waiting:
    """What lies in the spool, counted by reading it; what was drained already does not count, if the database says so."""
    try:
        places = dict(Spooled.objects.values_list("name", "place"))
    except Error:
        places = {}
    found = [x.parcel.at for p in _files(WAITS) for x in _records(p, _content(p), places.get(p.name, 0))]
    aside = sum(1 for p in _files(ASIDE) for _ in _records(p, _content(p)))
    return Waiting(len(found), min(found, default=None), aside)


def elsewhere() -> list[Path]:
    """Folders of other databases in which something waits."""
    return [p for p in folder().parent.glob("*") if p != folder() and any(p.glob(f"*{WAITS}"))]


def drain(now: datetime) -> int:
    """Put some of what waits, oldest first, into the inbox; returns how many deliveries."""
    for path in _files(WAITS):
        if taken := _drained(path, now):
            return taken
    return 0


def erase(match: Callable[[Parcel], bool], now: datetime) -> int:
    """Take all that waits into the inbox, where erasure reaches it, and remove from what was set aside whatever matches.

    returns    how many deliveries were removed from what was set aside
    """
    while drain(now):
        pass
    return sum(_erased(path, match) for path in _files(ASIDE))


def folder() -> Path:
    """Where what waits for this database lies: it never goes to another one that has the same home for a while."""
    names = "|".join(str(connection.settings_dict[name]) for name in ("ENGINE", "HOST", "PORT", "NAME"))
    return Path(settings.HOME) / "spool" / f"{zlib.crc32(names.encode()):08x}"


def _files(suffix: str) -> list[Path]:
    """Oldest first, by their names."""
    return sorted(folder().glob(f"*{suffix}"))


def _begun(now: datetime, suffix: str) -> Path:
    """A new file with a name of its own, which a power cut does not undo."""
    place = folder()
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = place / f"{now:%Y%m%dT%H%M%S-%f}-{secrets.token_hex(8)}{suffix}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    for above in (place, *place.parents[:2]):
        handle = os.open(above, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    return path


def _appended(path: Path, parcels: Sequence[Parcel]) -> bool:
    """Whether the parcels now lie at the end of the file; not in one that is full, gone, or being drained right now.

    raises     OSError; then the file is as it was, or ends in what nobody will take for a record
    """
    with _locked(path) as file:
        if file is None or (size := os.fstat(file).st_size) > LARGEST:
            return False
        try:
            left = memoryview(b"".join(_record(path, parcel) for parcel in parcels))
            while left:
                left = left[os.write(file, left) :]
            os.fdatasync(file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(file, size)
            raise
        return True


@contextmanager
def _locked(path: Path) -> Iterator[int | None]:
    """The file, for us alone; None when it is gone or somebody else has it."""
    try:
        file = os.open(path, os.O_RDWR | os.O_APPEND)
    except FileNotFoundError:
        yield None
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield file if os.fstat(file).st_nlink else None
    except BlockingIOError:
        yield None
    finally:
        os.close(file)


@dataclass(frozen=True)
class _Record:
    parcel: Parcel
    begin: int
    end: int


_encoder, _decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Parcel)


def _record(path: Path, parcel: Parcel) -> bytes:
    told = _encoder.encode(parcel)
    return HEAD.pack(MARK, len(told), _checksum(path, told)) + told


def _checksum(path: Path, told: bytes) -> int:
    """Seeded by the file's own name, so that nobody can send us a body that looks like a record of ours."""
    return zlib.crc32(told, zlib.crc32(path.stem.encode()))


def _records(path: Path, content: bytes, place: int = 0) -> Iterator[_Record]:
    """The whole records from a place on; what lies between them is damaged, or torn."""
    while (begin := content.find(MARK, place)) >= 0:
        found = _read(path, content, begin)
        if found:
            yield found
        place = found.end if found else begin + 1


def _read(path: Path, content: bytes, begin: int) -> _Record | None:
    if begin + HEAD.size > len(content):
        return None
    _, length, checksum = HEAD.unpack_from(content, begin)
    told = content[begin + HEAD.size : begin + HEAD.size + length]
    if len(told) < length or _checksum(path, told) != checksum:
        return None
    return _Record(_decoder.decode(told), begin, begin + HEAD.size + length)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _drained(path: Path, now: datetime) -> int:
    """Put what is left of a file into the inbox, and remove the file."""
    with _locked(path) as file:
        if file is None:
            return 0
        content = path.read_bytes()
        with durable(), transaction.atomic(durable=True):
            row, _ = Spooled.objects.select_for_update().get_or_create(name=path.name, defaults={"at": now})
            parcels = [record.parcel for record in _records(path, content, row.place)]
            _insert(parcels, now)
            row.place = len(content)
            row.save(update_fields=["place"])
        _finish(path, content)
    return len(parcels)


def _insert(parcels: list[Parcel], now: datetime) -> None:
    """All at once; where the database refuses that, each by itself, and what it refuses is set aside."""
    known = set(Source.objects.values_list("pk", flat=True))
    parcels = [p if p.source in known else replace(p, source=None) for p in parcels]
    try:
        with transaction.atomic():
            insert(parcels)
        return
    except (OperationalError, InterfaceError):
        raise
    except DatabaseError as e:
        log.warning("%s deliveries of the spool are taken one by one: %s", len(parcels), e)
    for parcel in parcels:
        try:
            with transaction.atomic():
                insert([parcel])
        except (OperationalError, InterfaceError):
            raise
        except DatabaseError as e:
            path = _begun(now, ASIDE)
            _appended(path, [parcel])
            log.error("The database refuses a delivery of the spool: %s. It was set aside in %s.", e, path)


def _finish(path: Path, content: bytes) -> None:
    """Remove a file that is drained; one that is damaged in its middle is kept for somebody to look at."""
    place, damaged = 0, False
    for record in _records(path, content):
        damaged = damaged or record.begin > place
        place = record.end
    if damaged:
        log.error("%s is damaged. What could be read was taken; the file was set aside.", path)
        path.rename(path.with_suffix(ASIDE))
    else:
        path.unlink()


def _erased(path: Path, match: Callable[[Parcel], bool]) -> int:
    """Write a file that was set aside anew, without what matches and without what cannot be read."""
    parcels = [record.parcel for record in _records(path, _content(path))]
    kept = [parcel for parcel in parcels if not match(parcel)]
    anew = path.with_suffix(".anew")
    anew.write_bytes(b"".join(_record(path, parcel) for parcel in kept))
    anew.replace(path)
    if not kept:
        path.unlink()
    return len(parcels) - len(kept)
