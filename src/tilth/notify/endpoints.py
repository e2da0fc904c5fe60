"""What an administrator does with the addresses that the house tells: sets them up, tries them, changes their secret."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from tilth.journal.models import note
from tilth.team.models import Member

from . import wall
from .channels import OUTSIDE, webhook
from .channels.webhook import signing
from .choosing import ASKED
from .models import Delivery, Endpoint, Event
from .telling import deliver_to


@transaction.atomic
def set_up(channel: str, name: str, url: str, events: Iterable[str], by: Member, now: datetime) -> Endpoint:
    """An address that the house tells these kinds of events from now on. A webhook gets a secret.

    raises     Forbidden, Unreachable: we do not talk to this address
    """
    wall.check(url)
    secret = signing.new_secret() if channel == webhook.CHANNEL.name else ""
    row = Endpoint.objects.create(
        channel=OUTSIDE[channel].name, name=name, url=url, events=_known(events), secret=secret, made_by=by, made_at=now
    )
    note("set up", row, now, by, name=name, channel=channel, events=row.events)
    return row


@transaction.atomic
def change(endpoint: Endpoint, name: str, url: str, events: Iterable[str], by: Member, now: datetime) -> None:
    """Another name, address or choice of events.

    raises     as `set_up`
    """
    if url != endpoint.url:
        wall.check(url)
    endpoint.name, endpoint.url, endpoint.events = name, url, _known(events)
    endpoint.save(update_fields=["name", "url", "events"])
    note("changed", endpoint, now, by, name=name, events=endpoint.events)


@transaction.atomic
def new_secret(endpoint: Endpoint, by: Member, now: datetime) -> Endpoint:
    """Another secret; the one before signs, too, for a day. Two who do it at once take turns."""
    row = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    signing.rotate(row, now)
    note("changed secret", row, now, by, name=row.name)
    return row


@transaction.atomic
def pause(endpoint: Endpoint, by: Member, now: datetime) -> None:
    """Send nothing there until it is started again; what waits, waits."""
    Endpoint.objects.filter(pk=endpoint.pk, stopped_at=None).update(stopped_at=now, stopped_why="")
    note("stopped", endpoint, now, by, name=endpoint.name)


@transaction.atomic
def resume(endpoint: Endpoint, by: Member, now: datetime) -> None:
    """Send there again, also what waited."""
    Endpoint.objects.filter(pk=endpoint.pk).update(stopped_at=None, stopped_why="", rests_until=None)
    note("started", endpoint, now, by, name=endpoint.name)


@transaction.atomic
def try_out(endpoint: Endpoint, by: Member, now: datetime) -> Delivery:
    """Send a trial there, in the way of everything else."""
    last = endpoint.deliveries.order_by("-pk").values_list("pk", flat=True).first() or 0
    row = f"trial {endpoint.pk} {now.isoformat()} {last}"
    event = Event.objects.create(what=Event.What.TRIAL, row=row, by=by, at=now, told_at=now, data={"who": by.name})
    return deliver_to(endpoint, event, "", now, now)


@transaction.atomic
def remove(endpoint: Endpoint, by: Member, now: datetime) -> None:
    """Away with it, and with the list of what was sent there."""
    note("removed", endpoint, now, by, name=endpoint.name, channel=endpoint.channel)
    endpoint.delete()


def _known(events: Iterable[str]) -> list[str]:
    chosen = set(events)
    return [what.value for what in ASKED if what in chosen]
