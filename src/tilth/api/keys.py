"""The ring of write keys: read from the database, believed for a short while, and kept on disk for when that is away."""

import json
import logging
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from django.db import Error, connection

from tilth.capture import spool
from tilth.capture.models import Source

BELIEVED = 5.0  # seconds
AGAIN = 0.1  # seconds, when somebody shows a key that is not on the ring: it may have just been made
PATIENCE = 2.0  # seconds that such a sender waits for the database
log = logging.getLogger(__name__)


class Keys:
    def __init__(self) -> None:
        self._ring: dict[str, int] | None = None
        self._read_at = 0.0
        self._reader: threading.Thread | None = None
        self._lock = threading.Lock()
        self.is_sure = False  # the last reading has succeeded, so a key that is not on the ring is nobody's

    def is_ready(self, shown: tuple[str, ...]) -> bool:
        """Whether these keys can be looked up at once; begins to read the ring where that is due.

        Who shows a known key never waits for that: a database may take for ever to say no.
        """
        age, known = time.monotonic() - self._read_at, self.source(shown) is not None
        if shown and (age > BELIEVED or self._ring is None or (age > AGAIN and not known)):
            self._begin_to_read()
        return known or not shown or self._reader is None or not self._reader.is_alive()

    def look_up(self, shown: tuple[str, ...]) -> int | None:
        """The source that a call's key belongs to, once that can be known."""
        if not self.is_ready(shown) and (reader := self._reader):
            reader.join(PATIENCE)
        return self.source(shown)

    def _begin_to_read(self) -> None:
        with self._lock:
            if self._reader is None or not self._reader.is_alive():
                self._read_at, self.is_sure = time.monotonic(), False
                self._reader = threading.Thread(target=self.read, name="keys", daemon=True)
                self._reader.start()

    def read(self) -> None:
        """Read the ring; when the database is away, what was last read, by us or whoever ran here before, holds on."""
        self._ring = _recalled() if self._ring is None else self._ring
        try:
            ring = dict(Source.objects.values_list("write_key", "pk"))
        except Error:
            self.is_sure = False
            log.warning("The write keys could not be read; those read before still hold", exc_info=True)
        else:
            if ring != self._ring:
                _remember(ring)
            self._ring, self.is_sure = ring, True
        finally:
            connection.close()

    def source(self, shown: tuple[str, ...]) -> int | None:
        """The source that a call's key belongs to; None when we do not know it."""
        ring = self._ring or {}
        return next((ring[name] for name in shown if name in ring), None)


def _file() -> Path:
    return spool.folder() / "keys.json"


def _recalled() -> dict[str, int]:
    with suppress(OSError, ValueError):
        return json.loads(_file().read_text())
    return {}


def _remember(ring: dict[str, int]) -> None:
    """On disk, for a door that starts while the database is away. Several may write at once; each writes all."""
    anew = _file().with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    try:
        anew.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(anew, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            json.dump(ring, f)
        anew.replace(_file())
    except OSError as e:
        log.error("The write keys could not be kept for when the database is away: %s", e)
