"""Sending deliveries to addresses outside, in a line of its own: an address that does not answer holds up no other.

Reads   Delivery rows that are due
Writes  what became of each, every try as an Attempt

As with mail, a delivery is leased before it is sent and marked after. Whoever dies in between sends it once more, under
the same key, by which receivers know it. Source: docs/algorithms/webhooks.md
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tilth.core.telling import MAIL
from tilth.core.wall import Forbidden
from tilth.team.models import Member, Role

from . import outbox, wall
from .channels import MEMBERS, OUTSIDE
from .channels.outside import Fate, Outcome
from .events import stands
from .leasing import claim, free
from .models import Attempt, Delivery, Endpoint, Line

AT_ONCE = 20  # deliveries in one call
LEASE = timedelta(minutes=10)  # longer than AT_ONCE addresses that answer as late as they may
TOO_LATE = timedelta(days=5)  # what waited longer for a stopped address helps nobody
REST = timedelta(minutes=1)  # for so long an address that does not answer is left alone
# After each try that failed, as the Standard Webhooks specification says; a part of chance keeps them from coming together.
PAUSES = [
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
]  # fmt: skip
CHANCE = 0.2


def catch_up(now: datetime, person: int | None = None) -> int:
    """Send what is due, oldest first, at most AT_ONCE; returns how many were sent or tried."""
    if person is not None:
        return 0
    waiting().filter(due_at__lt=now - TOO_LATE).filter(free(now)).update(given_up_at=now, leased_until=None)
    done = 0
    while done < AT_ONCE and (delivery := _claim(now)):
        done += 1
        _send(delivery, now)
    return done


def waiting() -> QuerySet[Delivery]:
    """What is neither sent nor given up."""
    return Delivery.objects.filter(sent_at=None, given_up_at=None)


@transaction.atomic
def send_again(rows: QuerySet[Delivery], now: datetime) -> int:
    """Send these anew, from the first try, whether they arrived or not; those that are on their way stay as they are.

    returns    how many
    """
    on_its_way = Q(sent_at=None, given_up_at=None, leased_until__gt=now, trouble="")
    again: dict[str, Any] = {"sent_at": None, "given_up_at": None, "leased_until": None, "attempts": 0, "due_at": now}
    return rows.exclude(on_its_way).update(**again)


def _claim(now: datetime) -> Delivery | None:
    """The next delivery, for us alone; none to an address that is stopped or rests."""
    rows = waiting().filter(
        Q(endpoint__rests_until=None) | Q(endpoint__rests_until__lte=now), endpoint__stopped_at=None
    )
    return claim(rows.select_related("endpoint__member", "event__person__company"), now, LEASE)


def _send(delivery: Delivery, now: datetime) -> None:
    if why := _moot(delivery):
        Delivery.objects.filter(pk=delivery.pk).update(given_up_at=now, leased_until=None, trouble=why)
        return
    channel, begun = OUTSIDE[delivery.endpoint.channel], monotonic()
    answer = None
    try:
        asked = channel.request(delivery, now)
        answer = wall.post(delivery.endpoint.url, asked.body, asked.headers)
        outcome = channel.outcome(answer)
    except Forbidden as e:
        outcome = Outcome(Fate.STOP, str(e))
    except wall.Unreachable as e:
        outcome = Outcome(Fate.AGAIN, str(e), REST)
    _mark(delivery, answer.status if answer else None, outcome, timedelta(seconds=monotonic() - begun), now)


def _moot(delivery: Delivery) -> str:
    """Why there is nothing to send any more; empty when there is."""
    member = delivery.endpoint.member
    if member is not None and not member.is_active:
        return _("They have left.")
    told = [delivery.event] if delivery.event else [row.event for row in delivery.lines.select_related("event")]
    return "" if any(map(stands, told)) else _("What it told of was undone.")


@transaction.atomic
def _mark(delivery: Delivery, status: int | None, outcome: Outcome, took: timedelta, now: datetime) -> None:
    """Write down what became of one try."""
    why = outcome.why[:300]
    Attempt.objects.create(delivery=delivery, at=now, status=status, trouble=why, took=took)
    values: dict[str, Any] = {"trouble": why, "leased_until": None}
    if outcome.fate == Fate.SENT:
        values["sent_at"] = now
    elif outcome.fate != Fate.AGAIN or delivery.attempts > len(PAUSES):
        values["given_up_at"] = now
    else:
        values["leased_until"] = now + max(_pause(delivery), outcome.rest or timedelta())
    Delivery.objects.filter(pk=delivery.pk).update(**values)
    if outcome.rest:
        Endpoint.objects.filter(pk=delivery.endpoint_id).update(rests_until=now + outcome.rest)
    if "given_up_at" not in values:
        return
    _instead(delivery, now)
    if outcome.fate == Fate.STOP or (outcome.fate == Fate.AGAIN and _is_dead(delivery)):
        stop(delivery.endpoint, why, now)


def _pause(delivery: Delivery) -> timedelta:
    """How long a delivery rests after a try: a little more or less than PAUSES, by its key, so that it can be told again."""
    seed = hashlib.blake2b(f"{delivery.key} {delivery.attempts}".encode(), digest_size=4).digest()
    return PAUSES[delivery.attempts - 1] * (1 + CHANCE * (int.from_bytes(seed) / 0xFFFF_FFFF * 2 - 1))


def _is_dead(delivery: Delivery) -> bool:
    """Whether nothing has arrived there for as long as this one was tried."""
    return not delivery.endpoint.deliveries.filter(sent_at__gte=delivery.made_at).exists()


@transaction.atomic
def stop(endpoint: Endpoint, why: str, now: datetime) -> None:
    """Send nothing there any more. Who set it up hears of it by mail; what a member still waits for there comes by mail."""
    if not Endpoint.objects.filter(pk=endpoint.pk, stopped_at=None).update(stopped_at=now, stopped_why=why[:300]):
        return
    for to in _who_cares(endpoint):
        subject = _("%(name)s is not told any more") % {"name": endpoint.name}
        where = outbox.address("/me/notifications/" if endpoint.member_id else f"/channels/{endpoint.pk}/")
        outbox.put(f"stopped {endpoint.pk} {now.isoformat()} {to.pk}", to.email, subject, "\n\n".join([why, where]), "", now, member=to)  # fmt: skip
    if endpoint.member_id:
        for delivery in waiting().filter(endpoint=endpoint).select_related("endpoint__member", "event"):
            Delivery.objects.filter(pk=delivery.pk).update(given_up_at=now, leased_until=None, trouble=why[:300])
            _instead(delivery, now)


def _who_cares(endpoint: Endpoint) -> Iterator[Member]:
    mine = endpoint.member or endpoint.made_by
    if mine is not None and mine.is_active:
        yield mine
    else:
        yield from Member.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk")


def _instead(delivery: Delivery, now: datetime) -> None:
    """What a member's own channel could not bring comes by mail: what both teams agreed to tell gets through."""
    member = delivery.endpoint.member
    if member is None or not member.is_active:
        return
    if delivery.event is not None:
        MEMBERS[MAIL](delivery.event, member, delivery.why, now, now)
        return
    have = Line.objects.filter(member=member, channel=MAIL).values("event")
    delivery.lines.exclude(event__in=have).update(channel=MAIL, delivery=None, due_at=now)
