"""What came in, taken further: the spool is drained, deliveries are understood, files are taken in."""

from datetime import datetime

from . import imports, spool, understand


def catch_up(now: datetime, person: int | None = None) -> int:
    """Take what waits, in bounded portions; how much was taken. A person's page has nothing to wait for here."""
    return 0 if person else spool.drain(now) + understand.catch_up(now) + imports.catch_up(now)
