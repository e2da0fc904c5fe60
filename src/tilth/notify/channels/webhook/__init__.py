"""Webhooks for programs, as the Standard Webhooks specification 1.0.0 says: signed, tried again for days, replayable.

A thin payload: numbers and codes, no name, address or note of a lead. Who is told may look it up with a key.
"""

from datetime import datetime

from django.utils.translation import gettext_lazy

from tilth.notify.channels.outside import Outside, Request, outcome
from tilth.notify.models import Delivery

from .payload import payload
from .signing import signed


def request(delivery: Delivery, now: datetime) -> Request:
    body = payload(delivery)
    return Request(body.encode(), {"Content-Type": "application/json", **signed(delivery, body, now)})


CHANNEL = Outside(
    "webhook", gettext_lazy("Webhook"), request, outcome,
    gettext_lazy("Signed as the Standard Webhooks specification says. The secret is shown when it is made."), personal=False,
)  # fmt: skip
