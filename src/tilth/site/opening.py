"""What must be true before the doors open: the schema, the static files, and a way in for the first member."""

import hashlib
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, close_old_connections, connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils import timezone

from tilth.team.models import Invitation, Member, Role

from . import fresh
from .running import shown

log = logging.getLogger("tilth.site")

AGAIN = 1.0  # seconds between two looks for a database that is not there


class Unready(SystemExit):
    """Something must be done before this command can do its work."""


class Say(Protocol):
    """Tells whoever waits what is going on. `done` is a share from 0 to 1, or None when nobody knows."""

    def __call__(self, text: str, done: float | None = None) -> None: ...


@contextmanager
def telling() -> Iterator[Say]:
    """A way to say what is going on: a bar on a terminal, else one line per thing."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Starting", total=None)

        def say(text: str, done: float | None = None) -> None:
            progress.update(task, description=text, total=None if done is None else 1, completed=done or 0)

        yield say


def _lines() -> Say:
    said = [""]

    def say(text: str, done: float | None = None) -> None:
        if text != said[0]:
            said[0] = text
            print(text, file=sys.stderr, flush=True)

    return say


def make_ready(say: Say) -> None:
    """Bring the database and the static files to what this version needs."""
    migrate(say)
    collect_static(say)


def migrate(say: Say) -> None:
    if lags_behind():
        say("Bringing the database up to date")
        if fresh.is_empty():
            fresh.create()
        else:
            call_command("migrate", interactive=False, verbosity=0)


def expect_migrated() -> None:
    """raises     Unready, when a command would meet an older database"""
    if lags_behind():
        raise Unready(
            "The database is not up to date with this version. Start Tilth with `tilth up`, which brings it up to date."
        )


def await_migrated(stopping: threading.Event) -> None:
    """Until the database answers, or somebody says stop: after a power cut it may come up later than who works with it.

    raises     Unready, when it answers and is an older one
    """
    while not stopping.is_set():
        try:
            expect_migrated()
        except OperationalError as e:
            log.warning(
                "The database does not answer yet: %s. Tilth tries again in %g s.", str(e).splitlines()[0], AGAIN
            )
            close_old_connections()
            stopping.wait(AGAIN)
        else:
            return


def lags_behind() -> bool:
    """Whether this version knows of changes to the schema that the database has not seen."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def collect_static(say: Say) -> None:
    """Copy and compress scripts, styles and fonts, unless exactly these were packed the last time."""
    packed, print_ = Path(settings.STATIC_ROOT) / "packed", _static_print()
    if not packed.exists() or packed.read_text() != print_:
        say("Packing scripts and styles")
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        packed.write_text(print_)


def _static_print() -> str:
    """What there is to pack, by its bytes: an older version, or one from an archive, has older times."""
    from django.contrib.staticfiles.finders import get_finders

    told = hashlib.blake2b(digest_size=16)
    files = {name: storage.path(name) for finder in get_finders() for name, storage in finder.list([])}
    for name, path in sorted(files.items()):
        told.update(name.encode() + b"\0" + Path(path).read_bytes())
    return told.hexdigest()


def address(host: str, port: int) -> str:
    """Where people find Tilth: by https they come through a proxy, to the first name of TILTH_HOSTS."""
    return f"https://{settings.ALLOWED_HOSTS[0]}" if settings.HTTPS else f"http://{shown(host)}:{port}"


def first_link(base: str) -> str:
    """The one-time link with which the first member makes an account; empty when there is one.

    The secret is never stored, so each start writes a new link and the older ones end.
    """
    if Member.objects.exists():
        return ""
    Invitation.objects.filter(invited_by=None, member=None).delete()
    _row, secret = Invitation.write(Role.ADMIN, timezone.now())
    return base + reverse("join", args=[secret])
