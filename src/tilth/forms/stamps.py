"""The stamp on a form as it is given out: which edition, when, and a number of its own; signed, and no cookie.

It says how long somebody took, which version they saw, and that it was us who showed it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.core import signing

from .models import Edition

SALT = "tilth.forms.stamp"


@dataclass(frozen=True)
class Stamp:
    edition: int
    nonce: str
    at: datetime


def stamp(edition: Edition, nonce: str, now: datetime) -> str:
    """nonce    random, new for each time that the form is given out"""
    return signing.dumps([edition.pk, nonce, round(now.timestamp() * 1000)], salt=SALT)


def opened(text: str) -> Stamp | None:
    """What a stamp says; None for one that is not ours."""
    try:
        edition, nonce, at = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return None
    return Stamp(edition, nonce, datetime.fromtimestamp(at / 1000, UTC))
