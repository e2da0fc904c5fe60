"""Deliveries on their way into the inbox: from the doors, or from the spool when the database was away."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain

from django.db import connection, transaction

from .models import Received

AT_ONCE = 200  # rows in one statement


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
    """Put parcels into the inbox, all or none of them; up to `AT_ONCE` need no transaction of the caller's for that."""
    at = connection.ops.adapt_datetimefield_value
    with transaction.atomic() if len(parcels) > AT_ONCE else nullcontext(), connection.cursor() as cursor:
        for first in range(0, len(parcels), AT_ONCE):
            some = parcels[first : first + AT_ONCE]
            rows = [(p.source, at(p.at), p.path, p.body, p.sent_at, p.network, p.agent) for p in some]
            cursor.execute(_insert_of(len(some)), list(chain.from_iterable(rows)))


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


@lru_cache(maxsize=AT_ONCE)
def _insert_of(rows: int) -> str:
    """By hand and in one statement, since every delivery waits for it: many times cheaper than bulk_create."""
    columns = "source_id, at, path, body, sent_at, network, agent"
    values = ", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * rows)
    return f"INSERT INTO {Received._meta.db_table} ({columns}) VALUES {values}"


_DURABLE = {"sqlite": "PRAGMA synchronous=FULL", "postgresql": "SET synchronous_commit TO on"}
_AS_BEFORE = {"sqlite": "PRAGMA synchronous=NORMAL", "postgresql": "RESET synchronous_commit"}
