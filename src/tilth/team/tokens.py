"""Tokens by which a member's programs read what the member may read. Only a hash is kept; the secret is shown once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from .models import Member, Token

MOST = 20  # that one member has at once
BEGIN = "tilth_"  # so that who finds one somewhere knows what it is
LOOKED = timedelta(hours=1)  # so exactly is known when it was last used


class TooMany(ValueError):
    """A member has as many tokens as one may have."""


@transaction.atomic
def make(member: Member, name: str, now: datetime) -> tuple[Token, str]:
    """A new token and its secret.

    raises   TooMany
    """
    Member.objects.select_for_update().get(pk=member.pk)
    if Token.objects.filter(member=member).count() >= MOST:
        raise TooMany
    secret = BEGIN + secrets.token_urlsafe(32)
    return Token.objects.create(member=member, name=name.strip()[:80], secret_hash=_hash(secret), made_at=now), secret


def end(member: Member, pk: int) -> Token | None:
    """Let a token of theirs open nothing any more; the token as it was, None when it had ended already."""
    row = Token.objects.filter(member=member, pk=pk).first()
    return row if row and Token.objects.filter(pk=pk).delete()[0] else None


def whose(secret: str, now: datetime) -> Member | None:
    """The member whose programs show this secret; None when it opens nothing, or its member has left."""
    row = Token.objects.select_related("member").filter(secret_hash=_hash(secret), member__is_active=True).first()
    if row is None:
        return None
    if row.used_at is None or row.used_at < now - LOOKED:
        Token.objects.filter(pk=row.pk).update(used_at=now)
    return row.member


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
