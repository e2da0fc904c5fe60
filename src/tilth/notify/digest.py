"""What a member hears once a day: the lines that are due become one mail, or one message to a channel of theirs.

Reads   Line rows that are due
Writes  Message or Delivery, on which they hang from then on: in one transaction, so that no line is lost or told twice
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tilth.core.telling import MAIL
from tilth.team.models import Member

from .models import Delivery, Endpoint, Line, Message

BATCH = 200


def catch_up(now: datetime, person: int | None = None) -> int:
    """Write the mails of the day that are due; returns how many. At most BATCH a call."""
    if person is not None:
        return 0
    due = _due(now).values_list("member", "channel").order_by("member", "channel").distinct()
    return sum(_gather(member, channel, now) for member, channel in list(due[:BATCH]))


def _due(now: datetime) -> QuerySet[Line]:
    return Line.objects.filter(due_at__lte=now, message=None, delivery=None)


@transaction.atomic
def _gather(member_id: int, channel: str, now: datetime) -> int:
    """One message of all lines that are due for one member and channel; who gathers locks the member."""
    member = Member.objects.select_for_update().get(pk=member_id)
    lines = list(_due(now).filter(member=member, channel=channel).order_by("pk").values_list("pk", flat=True))
    if not lines:
        return 0
    if not member.is_active:
        return int(bool(Line.objects.filter(pk__in=lines).delete()[0]))
    key = f"day {member.pk} {channel} {lines[0]}"
    endpoint = Endpoint.objects.filter(member=member, channel=channel, stopped_at=None).first()
    if channel == MAIL or endpoint is None:
        message = Message.objects.create(key=key, to=member.email, subject=_("Your day"), member=member, made_at=now, due_at=now)  # fmt: skip
        Line.objects.filter(pk__in=lines).update(message=message)
    else:
        delivery = Delivery.objects.create(endpoint=endpoint, key=key, made_at=now, due_at=now)
        Line.objects.filter(pk__in=lines).update(delivery=delivery)
    return 1
