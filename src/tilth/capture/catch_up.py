"""What came in, taken further: deliveries are understood, files are taken in."""

from datetime import datetime

from . import imports, understand


def catch_up(now: datetime, person: int | None = None) -> int:
    """Take what waits, in bounded portions; how much was taken. A person's page has nothing to wait for here."""
    return 0 if person else understand.catch_up(now) + imports.catch_up(now)
