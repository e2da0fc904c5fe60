"""Wrong passwords slow down whoever tries them. Counted per account and browser address, kept for a while.

Someone who guesses at one account from one place soon waits; guesses from many places, or at many accounts
from one place, wait later, so that nobody can lock a colleague out by a handful of wrong passwords.
"""

import hashlib
from datetime import datetime, timedelta

from .models import Knock

WITHIN = timedelta(minutes=15)
ALLOWED = {"both": 5, "email": 40, "address": 100}


def knocked(email: str, address: str, now: datetime) -> None:
    """Remember a wrong password, and forget those that are too old to matter."""
    Knock.objects.filter(at__lt=now - WITHIN).delete()
    Knock.objects.bulk_create([Knock(key=key, at=now) for key in _keys(email, address).values()])


def wait_until(email: str, address: str, now: datetime) -> datetime | None:
    """When the next try is allowed; None when it is allowed now."""
    waits = [_free_at(key, ALLOWED[name], now) for name, key in _keys(email, address).items()]
    return max((w for w in waits if w is not None), default=None)


def let_in(email: str, address: str) -> None:
    """The right password: forget what this account did wrong from here."""
    Knock.objects.filter(key=_keys(email, address)["both"]).delete()


def _free_at(key: str, allowed: int, now: datetime) -> datetime | None:
    """When the `allowed`-th newest knock is old enough."""
    times = Knock.objects.filter(key=key, at__gt=now - WITHIN).order_by("-at").values_list("at", flat=True)
    oldest = times[allowed - 1 : allowed]
    return oldest[0] + WITHIN if oldest else None


def _keys(email: str, address: str) -> dict[str, str]:
    said = {"both": f"{email}\0{address}", "email": email, "address": address}
    return {name: hashlib.sha256(f"{name}\0{text}".encode()).hexdigest() for name, text in said.items()}
