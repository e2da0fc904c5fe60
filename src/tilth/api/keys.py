"""The ring of write keys, read from the database and believed for a short while."""

import logging
import threading
import time

from django.db import Error, connection

from tilth.capture.models import Source

BELIEVED = 5.0  # seconds
AGAIN = 0.1  # seconds, when somebody shows a key that is not on the ring: it may have just been made
log = logging.getLogger(__name__)


class Keys:
    def __init__(self) -> None:
        self._ring: dict[str, int] | None = None
        self._read_at = 0.0
        self._lock = threading.Lock()

    def is_due(self, shown: tuple[str, ...]) -> bool:
        """Whether the ring has to be read before these keys can be looked up."""
        if self._ring is None:
            return True
        age = time.monotonic() - self._read_at
        return age > BELIEVED or (age > AGAIN and self.source(shown) is None)

    def read(self) -> None:
        """Read the ring; when the database is away, what we last read holds on.

        raises     django.db.Error, when there is nothing to hold on to
        """
        with self._lock:
            self._read_at = time.monotonic()
            connection.close_if_unusable_or_obsolete()
            try:
                self._ring = dict(Source.objects.values_list("write_key", "pk"))
            except Error:
                connection.close_if_unusable_or_obsolete()
                if self._ring is None:
                    raise
                log.warning("The write keys could not be read; those read before still hold", exc_info=True)

    def source(self, shown: tuple[str, ...]) -> int | None:
        """The source that a call's key belongs to; None when we do not know it."""
        ring = self._ring or {}
        return next((ring[name] for name in shown if name in ring), None)
