"""Secrets of webhooks, and signing with them. For a day after a change both sign: nobody has to switch at one moment."""

import secrets
from base64 import b64encode
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook

from tilth.notify.models import Delivery, Endpoint

BYTES = 32
BOTH_FOR = timedelta(days=1)


def new_secret() -> str:
    return f"whsec_{b64encode(secrets.token_bytes(BYTES)).decode()}"


def rotate(endpoint: Endpoint, now: datetime) -> None:
    """A new secret; the one before still signs, too, for BOTH_FOR. Inside a transaction that locks the endpoint."""
    endpoint.secret_before, endpoint.before_until = endpoint.secret, now + BOTH_FOR
    endpoint.secret = new_secret()
    endpoint.save(update_fields=["secret", "secret_before", "before_until"])


def signed(delivery: Delivery, body: str, now: datetime) -> dict[str, str]:
    """The headers that let a receiver know that it was us, and when: the moment is that of this try."""
    at, endpoint = now.astimezone(UTC), delivery.endpoint
    signatures = [Webhook(secret).sign(delivery.key, at, body) for secret in _valid(endpoint, now)]
    return {
        "webhook-id": delivery.key,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _valid(endpoint: Endpoint, now: datetime) -> list[str]:
    before = endpoint.secret_before if endpoint.before_until and now < endpoint.before_until else ""
    return [secret for secret in (endpoint.secret, before) if secret]
