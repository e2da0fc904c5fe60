"""What is misconfigured here, and how to mend it. Each check looks at one thing and changes nothing."""

import importlib.util
import os
import shutil
import sqlite3
import stat
import tempfile
import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connection
from django.utils import timezone

from tilth.agreement.models import running
from tilth.capture import spool
from tilth.notify.models import Endpoint, Message
from tilth.team.models import Member, Role

from . import opening, working
from .running import is_loopback

GB = 1_000_000_000
OLDEST_POSTGRES = 150_000  # as PostgreSQL counts: 15.0
OF_HTTPS = {f"security.W{n:03}" for n in (4, 5, 8, 12, 16, 21)}  # all said at once by `https`


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `level` is fine, warning or error; `mend` says what to do."""

    level: str
    what: str
    mend: str = ""

    def line(self) -> str:
        return f"{self.level:<8} {self.what}" + (f"\n         Mend: {self.mend}" if self.mend else "")


Findings = Iterator[Finding]


def fine(what: str) -> Finding:
    return Finding("fine", what)


def warning(what: str, mend: str) -> Finding:
    return Finding("warning", what, mend)


def error(what: str, mend: str) -> Finding:
    return Finding("error", what, mend)


def examine() -> list[Finding]:
    """Everything that can be looked at from here, in the order in which to mend it."""
    out = [
        finding
        for check in (home, disk, secret, time_zones, hosts, https, proxies, django, engine, waiting)
        for finding in check()
    ]
    known = list(database())
    out += known
    if all(f.level != "error" for f in known):
        out += [finding for check in INSIDE for finding in check()]
    return out


def home() -> Findings:
    try:
        with tempfile.TemporaryFile(dir=settings.HOME):
            yield fine(f"The home folder {settings.HOME} can be written.")
    except OSError as e:
        yield error(
            f"The home folder {settings.HOME} cannot be written: {e.strerror}.",
            "Give it to the user that runs Tilth, or set TILTH_HOME.",
        )


def disk() -> Findings:
    free = shutil.disk_usage(_existing(settings.HOME)).free
    what = f"{free / GB:.1f} GB are free at {settings.HOME}."
    mend = "Free some space: imports, the database and its backups live there."
    yield error(what, mend) if free < GB / 2 else warning(what, mend) if free < 3 * GB else fine(what)


def secret() -> Findings:
    file = settings.HOME / "secret.key"
    if len(settings.SECRET_KEY) < 40:
        yield error(
            "The secret key is short enough to guess.",
            "Remove TILTH_SECRET_KEY, and Tilth makes a good one; everybody signs in anew.",
        )
    elif file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield error(f"Others on this machine can read {file}.", f"chmod 600 {file}")
    else:
        yield fine("The secret key is long and private.")


def time_zones() -> Findings:
    if "Europe/Amsterdam" in zoneinfo.available_timezones():
        yield fine("Time zones are known.")
    else:
        yield error(
            "This machine does not know time zones, so no deadline can be told.", "Install them: apt-get install tzdata"
        )


def hosts() -> Findings:
    if "*" in settings.ALLOWED_HOSTS:
        yield warning(
            "Tilth answers to every name, so forged links can carry any.",
            "Set TILTH_HOSTS to the names that people use.",
        )
    elif not settings.ALLOWED_HOSTS:
        yield error(
            "Tilth answers to no name at all.", "Set TILTH_HOSTS to the names that people use, separated by commas."
        )
    else:
        yield fine(f"Tilth answers to {', '.join(settings.ALLOWED_HOSTS)}.")


def https() -> Findings:
    reachable = [h for h in settings.ALLOWED_HOSTS if not is_loopback(h.strip("[]"))]
    if not settings.HTTPS and reachable:
        what = f"Passwords travel in the clear to {', '.join(reachable)}."
        yield warning(
            what, "Put a proxy with a certificate in front (Caddy does it by itself) and set TILTH_HTTPS=yes."
        )
    elif settings.HTTPS and not getattr(settings, "SECURE_PROXY_SSL_HEADER", None):
        what = "https is on, but Tilth cannot see that a visitor already came by https, and would send them round in circles."
        yield error(what, "Let the proxy set X-Forwarded-Proto, and set TILTH_PROXY_SETS_PROTO=yes.")
    else:
        yield fine("https is on." if settings.HTTPS else "Only this machine is served, so https is not needed.")


def proxies() -> Findings:
    if settings.HTTPS and not settings.PROXIES:
        what = "All visitors seem to come from the proxy, so twenty forms in ten minutes look like spam."
        yield warning(what, "Set TILTH_PROXIES to how many proxies in front add to X-Forwarded-For, usually 1.")
    else:
        yield fine(
            f"{settings.PROXIES} proxies are believed." if settings.PROXIES else "Visitors come without a proxy."
        )


def django() -> Findings:
    """What Django's own `check --deploy` finds; `https` speaks for what plain http makes it say."""
    for said in checks.run_checks(include_deployment_checks=True):
        if not said.is_silenced() and (settings.HTTPS or said.id not in OF_HTTPS):
            level = "error" if said.is_serious() or said.id == "security.W018" else "warning"
            yield Finding(level, f"{said.msg.splitlines()[0]} ({said.id})", said.hint or "")


def engine() -> Findings:
    """Who works figures out, and whether they can be had."""
    name, known = settings.ENGINE.partition(":")[0], "Say TILTH_ENGINE=duckdb, or spark."
    if settings.ENGINE != "duckdb" and name != "spark":
        yield error(f"TILTH_ENGINE is {settings.ENGINE!r}, which nobody is.", known)
    elif name == "spark" and importlib.util.find_spec("pyspark") is None:
        yield error(
            "TILTH_ENGINE is Spark, and pyspark is not installed.", 'Run bin/spark, or pip install "tilth[spark]".'
        )
    elif name == "spark" and shutil.which("java") is None:
        yield error(
            "TILTH_ENGINE is Spark, and there is no Java.",
            "Install Java 17 or newer (Debian: openjdk-17-jre-headless).",
        )
    else:
        yield fine(f"Figures are worked out by {settings.ENGINE}.")


def database() -> Findings:
    try:
        connection.ensure_connection()
    except DatabaseError as e:
        yield error(f"The database does not answer: {str(e).splitlines()[0]}.", "Start it, or mend TILTH_DATABASE.")
        return
    yield from _postgres() if connection.vendor == "postgresql" else _sqlite()
    if opening.lags_behind():
        yield error(
            "The database is not up to date with this version.",
            "Start Tilth with `tilth up`, which brings it up to date.",
        )
    else:
        yield fine("The database is up to date.")


def _sqlite() -> Findings:
    with connection.cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
    if mode in ("wal", "memory"):
        yield fine(f"The database is SQLite {sqlite3.sqlite_version}.")
    else:
        yield warning(
            f"SQLite cannot write ahead here (it uses {mode}), so readers wait for writers.",
            "Move TILTH_HOME to a local disk, not a network share.",
        )


def _postgres() -> Findings:
    version = connection.cursor().connection.info.server_version
    if version < OLDEST_POSTGRES:
        yield warning(
            f"PostgreSQL {version // 10_000} is older than Tilth is tested with.", "Use PostgreSQL 15 or newer."
        )
    else:
        yield fine(f"The database is PostgreSQL {version // 10_000}.")


def static_files() -> Findings:
    if (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        yield fine("Scripts and styles are packed.")
    else:
        yield error(
            "Scripts and styles are not packed, so pages cannot be shown.",
            "Start Tilth with `tilth up`, which packs them.",
        )


def conveyor() -> Findings:
    if working.is_alive():
        yield fine("The conveyor runs.")
    else:
        yield error(
            "The conveyor does not run, so leads stay where they are.",
            "Start Tilth with `tilth up`, or the conveyor alone with `tilth work`.",
        )


def waiting() -> Findings:
    """What came in while the database was away."""
    found, elsewhere = spool.waiting(), spool.elsewhere()
    if found.deliveries:
        yield warning(
            f"{found.deliveries} deliveries wait in the spool, since {found.since:%Y-%m-%d %H:%M} UTC.",
            "Let the conveyor run where they came in (`tilth up` or `tilth work`): it takes them as soon as the database answers.",
        )
    else:
        yield fine("Nothing waits in the spool.")
    if found.aside:
        yield warning(
            f"{found.aside} deliveries could not be taken from the spool and were set aside.",
            f"The log says why. Look at {spool.folder()}/*{spool.ASIDE}; remove what nobody needs.",
        )
    if elsewhere:
        yield warning(
            f"Deliveries wait for another database in {', '.join(map(str, elsewhere))}.",
            f"Is it this one under another name? Then move the files to {spool.folder()}.",
        )


def mail() -> Findings:
    if settings.MAIL is None:
        what = "Mail is kept and not sent: forms confirm nothing, and files reach nobody."
        yield warning(what, "Set TILTH_MAIL_URL to your mail server, such as smtp://user:password@host:587.")
    elif not settings.MAIL_FROM:
        yield error(
            "Mail comes from nobody, so none is sent.", "Set TILTH_MAIL_FROM, such as Kasbouw <mail@kasbouw.nl>."
        )
    elif failed := Message.objects.filter(withdrawn_at=None).exclude(given_up_at=None).count():
        yield warning(
            f"{failed} mail{'s' if failed > 1 else ''} could not be sent.", "The page Outbox says why, and sends again."
        )
    else:
        yield fine(f"Mail is sent as {settings.MAIL_FROM}.")


def channels() -> Findings:
    """Addresses outside that were given up; those that somebody stopped by hand are as they should be."""
    stopped = Endpoint.objects.exclude(stopped_why="").filter(member=None).order_by("name")
    for row in stopped:
        yield warning(f"{row.name} is not told any more: {row.stopped_why}", "Mend its address on the page Channels.")
    if not stopped:
        yield fine("Every channel is reached.")


def agreement() -> Findings:
    version = running(timezone.now())
    if version:
        yield fine(f"Agreement {version.number} is in force.")
    else:
        yield warning(
            "No agreement is in force, so nothing is qualified or handed off.",
            "Load the preset on the page Agreement and let both teams sign it.",
        )


def members() -> Findings:
    active = Member.objects.filter(is_active=True)
    for role in (Role.MARKETING, Role.SALES):
        if active.filter(role=role).exists():
            yield fine(f"There is somebody in {role.label.lower()}.")
        else:
            yield warning(f"There is nobody in {role.label.lower()}.", "Invite a colleague on the page Team.")


INSIDE: list[Callable[[], Findings]] = [static_files, conveyor, mail, channels, agreement, members]


def _existing(folder: Path) -> Path:
    return next(p for p in (folder, *folder.parents) if os.path.isdir(p))
