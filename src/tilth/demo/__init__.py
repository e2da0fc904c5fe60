"""The demo company, whose history went through the real doors."""

from datetime import datetime
from typing import Any

from .cast import CAST, NEW, PASSWORD


def build(now: datetime, say: Any) -> None:
    """Make the demo company in an empty database; see `build.py`."""
    from .build import build as live_through

    live_through(now, say)


def logins() -> list[tuple[str, str, str, str]]:
    """Name, role, e-mail and password of the cast, to be printed on the console of a loopback demo."""
    return [(p.name, str(p.role.label), p.email, PASSWORD) for p in (*CAST, NEW)]
