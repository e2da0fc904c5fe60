"""The one place where pages read the clock."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
