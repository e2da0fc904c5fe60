"""The inbox of deliveries: kept on disk before anybody is told so.

One thread writes for all: it takes whatever waits, stores it in one transaction, and then tells all
senders at once. So a disk's flush is shared by everybody who waits for it, and what was acknowledged
survives a kill and a power cut.

When the database is away, or keeps the writer waiting for long, deliveries go to the spool instead, and every now and then one
batch tries the database again. A writer that hangs is left behind: another one takes over what it had in hand.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection

from tilth.capture.parcels import Parcel, insert, make_durable
from tilth.capture.spool import Spool

from .pace import Pace

WAITING = 64_000_000  # bytes that may wait for the disk
AT_ONCE = 16_000_000  # bytes in one transaction
PATIENCE = 2.0  # seconds that the database may take for a batch
IDLE = 30  # seconds without a delivery, after which the writer gives its connection back
PAUSE, LONGEST_PAUSE = 0.25, 4.0  # seconds until a database that was away is tried again
OVERHEAD = 400  # bytes that a small parcel takes beside its body
Waiting = tuple[Parcel, Any]
log = logging.getLogger(__name__)


class Full(Exception):
    """Too much waits already, or this sender goes too fast; it should come back after `wait` seconds."""

    def __init__(self, wait: float = 3.0) -> None:
        self.wait = wait


class NotKept(Exception):
    """Neither the database nor the spool could keep it; the sender should come back later."""


class Inbox:
    def __init__(self, tell: Callable[[list[Any], NotKept | None], None]) -> None:
        """`tell` gets what senders left with their parcels, many at once, when these are kept or cannot be.

        A sender may be told twice.
        """
        self._tell = tell
        self._pace = Pace()
        self._waiting: deque[Waiting] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._writer: threading.Thread | None = None
        self._in_hand: list[Waiting] = []
        self._asked_at: float | None = None  # when the writer turned to the database with what it has in hand
        self._hanging: threading.Thread | None = None  # a writer that was left behind
        self._pause = self._away_until = 0.0
        self._spool, self._spooling = Spool(), threading.Lock()

    def put(self, parcel: Parcel, sender: Any) -> None:
        """Hand over a parcel; `sender` is told when it is durable.

        raises     Full
        """
        if wait := self._pace.wait((parcel.source, parcel.network), settings.RATE, time.monotonic()):
            raise Full(wait)
        with self._changed:
            if self._bytes + _weight(parcel) > WAITING:
                raise Full
            self._bytes += _weight(parcel)
            self._waiting.append((parcel, sender))
            if self._writer is None or not self._writer.is_alive():
                self._begin()
            self._changed.notify()

    def _begin(self) -> None:
        """A new writer, and who watches over it."""
        self._writer = threading.Thread(target=self._write, name="inbox", daemon=True)
        self._writer.start()
        threading.Thread(target=self._watch, args=(self._writer,), name="inbox watch", daemon=True).start()

    def _write(self) -> None:
        while batch := self._take():
            if self._is_away:
                self._keep_in_spool(batch)
            else:
                self._keep(batch)

    def _watch(self, writer: threading.Thread) -> None:
        """Leave a writer behind that hangs, and let another take over what it had in hand."""
        while writer is self._writer and writer.is_alive():
            writer.join(PATIENCE / 4)
            with self._changed:
                waited = time.monotonic() - self._asked_at if self._asked_at else 0
                if writer is self._writer and waited > PATIENCE:
                    log.error("The database does not answer for %s s. Deliveries go to the spool.", PATIENCE)
                    self._hanging = writer
                    self._waiting.extendleft(reversed(self._in_hand))
                    self._bytes += sum(_weight(parcel) for parcel, _ in self._in_hand)
                    self._asked_at = None
                    self._begin()

    def _take(self) -> list[Waiting]:
        """What waits, up to `AT_ONCE` bytes; empty when nothing came for long, and then the writer ends."""
        with self._changed:
            if self._writer is not threading.current_thread():  # left behind
                connection.close()
                return []
            if not self._changed.wait_for(lambda: self._waiting, IDLE):
                self._writer = None
                connection.close()
                return []
            taken = [self._waiting.popleft()]
            size = _weight(taken[0][0])
            while self._waiting and size + _weight(self._waiting[0][0]) <= AT_ONCE:
                taken.append(self._waiting.popleft())
                size += _weight(taken[-1][0])
            self._bytes -= size
            self._in_hand = taken
        return taken

    @property
    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until or bool(self._hanging and self._hanging.is_alive())

    def _keep(self, batch: list[Waiting]) -> None:
        parcels, senders = zip(*batch, strict=True)
        self._asked_at = time.monotonic()
        try:
            _keep(parcels)
        except (IntegrityError, DataError):
            self._one_by_one(batch)
        except Exception as e:
            self._went_away(e)
            self._keep_in_spool(batch)
        else:
            self._pause = 0.0
            self._tell([*senders], None)
        self._asked_at = None

    def _one_by_one(self, batch: list[Waiting]) -> None:
        """One parcel that the database refuses must not cost the others theirs."""
        for parcel, sender in batch:
            try:
                _keep([parcel])
            except (IntegrityError, DataError) as e:
                log.error("A delivery to source %s could not be kept: %s", parcel.source, e)
                self._tell([sender], NotKept(str(e)))
            except Exception as e:
                self._went_away(e)
                self._keep_in_spool([(parcel, sender)])
            else:
                self._tell([sender], None)

    def _went_away(self, why: Exception) -> None:
        self._asked_at = None
        self._pause = min(self._pause * 2 or PAUSE, LONGEST_PAUSE)
        self._away_until = time.monotonic() + self._pause
        log.error("The database cannot keep deliveries: %s. They go to the spool.", str(why) or repr(why))
        connection.close()

    def _keep_in_spool(self, batch: list[Waiting]) -> None:
        parcels, senders = zip(*batch, strict=True)
        try:
            with self._spooling:
                self._spool.append(parcels, datetime.now(UTC))
        except Exception as e:
            log.critical(
                "Neither the database nor the spool keeps %s deliveries: %r. Senders come back.", len(batch), e
            )
            self._tell([*senders], NotKept(repr(e)))
        else:
            self._tell([*senders], None)


def _keep(parcels: Sequence[Parcel]) -> None:
    """Store parcels in one transaction; a connection that died meanwhile is opened anew, once."""
    try:
        _store(parcels)
    except (OperationalError, InterfaceError):
        connection.close()
        _store(parcels)


def _store(parcels: Sequence[Parcel]) -> None:
    if connection.connection is None:
        make_durable()
    insert(parcels)


def _weight(parcel: Parcel) -> int:
    return len(parcel.body) + OVERHEAD
