"""The demo: a company in a SQLite file of its own, which is only there when it is complete."""

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from .opening import Say  # which needs the settings that this file decides about


def choose_database(fresh: bool) -> Path:
    """Point the settings at the demo's file, or at the one to build; called before they are read.

    returns    the file of the finished demo
    """
    home = Path(os.environ.setdefault("TILTH_HOME", "var/demo")).absolute()
    finished = home / "demo.sqlite3"
    for file in [_building(finished), *([finished] if fresh else [])]:
        for end in ("", "-wal", "-shm"):
            Path(f"{file}{end}").unlink(missing_ok=True)
    for name in ("TILTH_DATABASE_FILE", "TILTH_HTTPS", "TILTH_HOSTS", "TILTH_MAIL_URL_FILE"):
        os.environ.pop(name, None)  # on this machine alone, whatever the real Tilth is told
    os.environ["TILTH_MAIL_URL"] = (
        f"file://{quote(str(home / 'mail'))}"  # its people are made up: no mail leaves the house
    )
    os.environ["TILTH_MAIL_FROM"] = "Kasbouw Software <mail@kasbouw.example>"
    _point_at(finished if finished.exists() else _building(finished))
    return finished


def build(finished: Path, say: "Say") -> None:
    """Build the company when it is not there yet. An aborted build leaves nothing that looks finished."""
    from django.db import connections
    from django.utils import timezone

    from . import opening

    opening.migrate(say)
    if finished.exists():
        return
    import tilth.demo

    tilth.demo.build(timezone.now(), say)
    with connections["default"].cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connections.close_all()
    _building(finished).rename(finished)
    _point_at(finished)
    connections["default"].settings_dict["NAME"] = str(finished)


def logins() -> str:
    """Who can sign in, in lines for a console."""
    import tilth.demo

    lines = [f"    {name:<18} {role:<15} {email:<28} {password}" for name, role, email, password in tilth.demo.logins()]
    return "\n".join(["", "Sign in as:", "", *lines])


def _building(finished: Path) -> Path:
    return finished.with_suffix(".building")


def _point_at(file: Path) -> None:
    os.environ["TILTH_DATABASE"] = f"sqlite:///{quote(str(file))}"
