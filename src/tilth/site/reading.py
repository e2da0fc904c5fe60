"""Strict readers of settings from the environment. A wrong value stops the start and says why."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


class Misconfigured(SystemExit):
    """A setting that cannot be used; the message names it and the mend."""


def text(name: str, default: str = "") -> str:
    """The value of NAME, or the content of the file that NAME_FILE points to."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text().strip()
        except OSError as e:
            raise Misconfigured(f"{name}_FILE={path} cannot be read: {e.strerror}. Point it at a readable file.") from e
    return os.environ.get(name, default)


def yes(name: str, default: bool) -> bool:
    value = text(name).strip().lower()
    if value in ("", "yes", "true", "1", "no", "false", "0"):
        return default if value == "" else value in ("yes", "true", "1")
    raise Misconfigured(f"{name}={value} is neither yes nor no. Write yes or no.")


def whole(name: str, default: int) -> int:
    value = text(name) or str(default)
    try:
        return int(value)
    except ValueError as e:
        raise Misconfigured(f"{name}={value} is not a whole number.") from e


def words(name: str, default: str = "") -> list[str]:
    return [w.strip() for w in text(name, default).split(",") if w.strip()]


def secret(name: str, home: Path) -> str:
    """NAME or NAME_FILE; else a key made once and kept in the home folder, readable by us alone."""
    if value := text(name):
        return value
    path = home / "secret.key"
    try:
        if not path.exists():
            home.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "w") as f:
                    f.write(secrets.token_urlsafe(48))
        return path.read_text()
    except OSError as e:
        said = f"TILTH_HOME={home} cannot be used: {e.strerror} ({e.filename})."
        raise Misconfigured(f"{said} Give it to the user that runs Tilth, or set TILTH_HOME to another folder.") from e


SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA mmap_size=268435456;PRAGMA cache_size=-64000;"
    "PRAGMA secure_delete=ON;",  # what was erased is overwritten in the file, too
}


def database(url: str, home: Path) -> dict:
    """Django's DATABASES entry for sqlite:///path or postgresql://user:password@host:port/name."""
    if not url:
        home.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{home / 'tilth.sqlite3'}"
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path)[1:] if parts.path.startswith("//") else unquote(parts.path),
            "OPTIONS": SQLITE,
        }
    if parts.scheme in ("postgresql", "postgres"):
        query = dict(p.partition("=")[::2] for p in parts.query.split("&") if p)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(query.get("host", "") or parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise Misconfigured(
        f"TILTH_DATABASE={url} is not understood. Write sqlite:///path or postgresql://user:password@host/name."
    )


def address(name: str, hosts: list[str], https: bool) -> str:
    """The address of the house, without a slash at its end; made of the first host when NAME is not given."""
    if value := text(name).strip().rstrip("/"):
        if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc:
            raise Misconfigured(f"{name}={value} is no address. Write it whole, such as https://tilth.kasbouw.nl.")
        return value
    host = next((h.lstrip(".") for h in hosts if h != "*"), "localhost")
    return f"http{'s' if https else ''}://{host}"


def mail(url: str) -> dict[str, Any] | None:
    """What django.core.mail.get_connection takes, for smtp://, smtps:// or file:///; None for no address.

    On this machine nobody listens between, and a server there seldom has a certificate: no TLS unless ?tls=yes.
    """
    if not url:
        return None
    parts = urlsplit(url)
    query = dict(p.partition("=")[::2] for p in parts.query.split("&") if p)
    if parts.scheme == "file" and parts.path:
        return {"backend": "django.core.mail.backends.filebased.EmailBackend", "file_path": unquote(parts.path)}
    if parts.scheme in ("smtp", "smtps") and parts.hostname:
        ssl, here = parts.scheme == "smtps", parts.hostname in ("localhost", "127.0.0.1", "::1")
        return {
            "backend": "django.core.mail.backends.smtp.EmailBackend",
            "host": parts.hostname,
            "port": parts.port or (465 if ssl else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": ssl,
            "use_tls": not ssl and query.get("tls", "no" if here else "yes") != "no",
            "timeout": 20,
        }
    # The value is not said: it may hold a password.
    raise Misconfigured("TILTH_MAIL_URL is not understood. Write smtp://user:password@host:587 or file:///folder.")
