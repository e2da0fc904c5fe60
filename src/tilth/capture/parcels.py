"""Deliveries on their way into the inbox: from the doors, or from the spool when the database was away."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from .models import Received


@dataclass(frozen=True)
class Parcel:
    """A delivery to be kept before it is answered: whose, when, where to, byte for byte, and where from."""

    source: int | None
    at: datetime
    path: str
    body: bytes
    sent_at: str
    network: str = ""
    agent: str = ""


def insert(parcels: Sequence[Parcel]) -> None:
    """Put parcels into the inbox, inside the caller's transaction."""
    at = connection.ops.adapt_datetimefield_value
    rows = [(p.source, at(p.at), p.path, p.body, p.sent_at, p.network, p.agent) for p in parcels]
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)


def make_durable() -> None:
    """From now on a commit of this connection survives a power cut, whatever the others do."""
    with connection.cursor() as cursor:
        cursor.execute(_DURABLE[connection.vendor])


@contextmanager
def durable() -> Iterator[None]:
    """The commits within survive a power cut; for a connection that others go on using as it was."""
    make_durable()
    try:
        yield
    finally:
        if connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute(_AS_BEFORE[connection.vendor])


# By hand, since it is five times cheaper than bulk_create, and every delivery waits for it.
_INSERT = (
    f"INSERT INTO {Received._meta.db_table} (source_id, at, path, body, sent_at, network, agent)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s)"
)
_DURABLE = {"sqlite": "PRAGMA synchronous=FULL", "postgresql": "SET synchronous_commit TO on"}
_AS_BEFORE = {"sqlite": "PRAGMA synchronous=NORMAL", "postgresql": "RESET synchronous_commit"}
