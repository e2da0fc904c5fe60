"""Whom we have erased, and therefore do not keep again: told by keyed hashes, which say nothing without the secret key.

Every way in asks here first, before anything is written: `keep` (pages, forms, calls), imports, deliveries. A phone
number never decides, as everywhere: colleagues share one.

Only the person can undo it, by asking for something again: a form calls `lift` once they have consented.
"""

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from itertools import islice

from django.conf import settings
from django.db import transaction

from tilth.core import identity

from .models import Suppression

VISITOR = "visitor"  # the system whose ids are the random keys of browsers
AT_ONCE = 10_000
Ways = set[str | tuple[str, str]]  # addresses, and ids with their system


class Suppressed(Exception):
    """Somebody who was erased on request: nothing of them is kept."""

    def __init__(self) -> None:
        super().__init__("This person was erased at their own request. Only they can come back, through a form.")


def is_suppressed(
    emails: Iterable[str] = (), ids: Iterable[tuple[str, str]] = (), visitors: Iterable[str] = ()
) -> bool:
    """Whether any of these belongs to somebody who was erased.

    emails     as they were told; what is no address is nobody's
    ids        system and value
    visitors   random keys of browsers
    """
    return bool(among([*emails, *ids, *((VISITOR, key) for key in visitors)]))


def among(ways: Iterable[str | tuple[str, str]]) -> Ways:
    """Those of very many addresses and ids that belong to somebody who was erased; as they were given."""
    out: Ways = set()
    if anybody():
        rest = iter(dict.fromkeys(ways))
        while some := list(islice(rest, AT_ONCE)):
            told = [(hashed, way) for way in some for hashed in _hashes(way)]
            known = Suppression.objects.filter(hash__in=[hashed for hashed, _way in told])
            found = {bytes(row) for row in known.values_list("hash", flat=True)}
            out |= {way for hashed, way in told if hashed in found}
    return out


def anybody() -> bool:
    """Whether anybody was erased at all."""
    return Suppression.objects.exists()


def suppress(ways: Iterable[str | tuple[str, str]], whose: str, now: datetime) -> int:
    """Remember that who is known by these was erased; returns how many hashes are new.

    whose      a word that says nothing: the same for all ways of one person
    """
    hashes = {next(_hashes(way), b"") for way in ways} - {b""}
    before = Suppression.objects.count()
    rows = [Suppression(hash=hashed, whose=whose, at=now) for hashed in sorted(hashes)]
    Suppression.objects.bulk_create(rows, ignore_conflicts=True)
    return Suppression.objects.count() - before


@transaction.atomic
def lift(emails: Iterable[str]) -> int:
    """They came back on their own, with consent: all that was remembered to keep them out goes; how many hashes."""
    hashes = [hashed for way in emails for hashed in _hashes(way)]
    whose = list(Suppression.objects.filter(hash__in=hashes).values_list("whose", flat=True))
    return Suppression.objects.filter(whose__in=whose).delete()[0]


def _hashes(way: str | tuple[str, str]) -> Iterator[bytes]:
    """The hash of an address or id under the secret key, then under older ones; none for what is no address."""
    told = f"email\0{identity.email(way)}" if isinstance(way, str) else f"id\0{way[0]}\0{way[1]}"
    if told == "email\0":
        return
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        key = sha256(b"tilth.people.suppressed\0" + str(secret).encode()).digest()
        yield hmac.digest(key, told.encode(errors="surrogatepass"), sha256)
