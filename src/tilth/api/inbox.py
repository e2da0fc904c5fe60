"""The inbox of deliveries: kept on disk before anybody is told so.

One thread writes for all: it takes whatever waits, stores it in one transaction, and then tells all
senders at once. So a disk's flush is shared by everybody who waits for it, and what was acknowledged
survives a kill and a power cut.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from tilth.capture.models import Received

from .ingest import Parcel

WAITING = 64_000_000  # bytes that may wait for the disk
AT_ONCE = 16_000_000  # bytes in one transaction
PATIENCE = 15  # seconds that a sender waits for the disk
IDLE = 30  # seconds without a delivery, after which the writer gives its connection back
OVERHEAD = 400  # bytes that a small parcel takes beside its body
Waiting = tuple[Parcel, Any]
log = logging.getLogger(__name__)


class Full(Exception):
    """Too much waits already; the sender should come back later."""


class NotKept(Exception):
    """The database could not keep it; the sender should come back later."""


class Inbox:
    def __init__(self, tell: Callable[[list[Any], NotKept | None], None]) -> None:
        """`tell` gets what senders left with their parcels, many at once, when these are kept or cannot be."""
        self._tell = tell
        self._waiting: deque[Waiting] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._writer: threading.Thread | None = None

    def put(self, parcel: Parcel, sender: Any) -> None:
        """Hand over a parcel; `sender` is told when it is durable.

        raises     Full
        """
        with self._changed:
            if self._bytes + _weight(parcel) > WAITING:
                raise Full
            self._bytes += _weight(parcel)
            self._waiting.append((parcel, sender))
            if self._writer is None or not self._writer.is_alive():
                self._writer = threading.Thread(target=self._write, name="inbox", daemon=True)
                self._writer.start()
            self._changed.notify()

    def _write(self) -> None:
        while batch := self._take():
            parcels, senders = zip(*batch, strict=True)
            try:
                _keep(parcels)
            except (OperationalError, InterfaceError) as e:
                log.error("The database cannot keep %s deliveries: %s. Senders come back.", len(batch), e)
                self._tell([*senders], NotKept(str(e)))
            except DatabaseError:
                self._one_by_one(batch)
            except Exception as e:
                log.exception("%s deliveries could not be kept. Their senders were told to come back.", len(batch))
                self._tell([*senders], NotKept(repr(e)))
            else:
                self._tell([*senders], None)

    def _take(self) -> list[Waiting]:
        """What waits, up to `AT_ONCE` bytes; empty when nothing came for long, and then the writer ends."""
        with self._changed:
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
        return taken

    def _one_by_one(self, batch: list[Waiting]) -> None:
        """One parcel that the database refuses must not cost the others theirs."""
        for parcel, sender in batch:
            try:
                _keep([parcel])
            except DatabaseError as e:
                log.error("A delivery to source %s could not be kept: %s", parcel.source, e)
                self._tell([sender], NotKept(str(e)))
            else:
                self._tell([sender], None)


def _keep(parcels: Sequence[Parcel]) -> None:
    """Store parcels in one transaction; a connection that died meanwhile is opened anew, once."""
    try:
        _store(parcels)
    except (OperationalError, InterfaceError):
        connection.close()
        _store(parcels)


def _store(parcels: Sequence[Parcel]) -> None:
    if connection.connection is None:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute(_DURABLE[connection.vendor])
    at = connection.ops.adapt_datetimefield_value
    rows = [(p.source, at(p.at), p.path, p.body, p.sent_at, p.network, p.agent) for p in parcels]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)


# By hand, since it is five times cheaper than bulk_create, and every delivery waits for it.
_INSERT = (
    f"INSERT INTO {Received._meta.db_table} (source_id, at, path, body, sent_at, network, agent)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)
# What makes a commit of this connection survive a power cut, whatever the others do.
_DURABLE = {"sqlite": "PRAGMA synchronous=FULL", "postgresql": "SET synchronous_commit TO on"}


def _weight(parcel: Parcel) -> int:
    return len(parcel.body) + OVERHEAD
