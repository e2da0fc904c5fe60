"""A member wants a report by mail, or no more of it: on its page, among what they hear of, or by one click in the mail."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, time

from django.core import signing
from django.db import transaction

from tilth.agreement.models import house_zone, running
from tilth.core.telling import recurs_at
from tilth.insight.report import Report
from tilth.journal.models import Entry, note
from tilth.team.models import Member

from . import outbox
from .models import Message, Subscription

AT = time(8)  # on the wall of the firm
SALT = "tilth.report"
STOPPED = "stopped report by mail"
UNDONE_HERE = (STOPPED,)


def standing(member: Member, report: Report, chosen: Mapping[str, str]) -> Subscription | None:
    """How a member gets a report with these filters; None when they do not."""
    return Subscription.objects.filter(member=member, key=_key(report.name, chosen), ended_at=None).first()


@transaction.atomic
def subscribe(
    member: Member, report: Report, chosen: Mapping[str, str], every: str, language: str, now: datetime
) -> Subscription:
    """From now on a member gets a report with these filters; asked again, as they asked last.

    every   one of Subscription.Every
    """
    values = {
        "report": report.name, "chosen": dict(chosen), "every": Subscription.Every(every).value, "language": language,
        "made_at": now, "next_at": next_after(now, every), "ended_at": None,
    }  # fmt: skip
    key = _key(report.name, chosen)
    row, _new = Subscription.objects.update_or_create(member=member, key=key, defaults=values)
    note("wants report by mail", row, now, member, report=report.name, every=row.every)
    return row


@transaction.atomic
def stop(subscription: int, now: datetime, by: Member | None = None) -> Entry | None:
    """No more of it, also of what waits in the outbox; None when it had ended.

    by   the member; None for a click in the mail, which anybody who has it may do
    """
    row = Subscription.objects.select_for_update().filter(pk=subscription, ended_at=None).first()
    if row is None:
        return None
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    waiting = Message.objects.filter(key__startswith=f"report {row.pk} ", sent_at=None).values_list("pk", flat=True)
    outbox.withdraw(waiting, "The member wants no more of it.", now)
    return note(STOPPED, row, now, by, report=row.report)


def undo(entry: Entry, now: datetime) -> None:
    """Go on with what was stopped, from the next time on."""
    for row in Subscription.objects.select_for_update().filter(pk=entry.subject_id).exclude(ended_at=None):
        row.ended_at, row.next_at = None, next_after(now, row.every)
        row.save(update_fields=["ended_at", "next_at"])


def next_after(now: datetime, every: str) -> datetime:
    return recurs_at(now, every, AT, house_zone(running(now)))


def token(row: Subscription) -> str:
    """What a mail shows to end it. It never goes out of date, and holds no address."""
    return signing.dumps(row.pk, salt=SALT)


def opened(shown: str) -> Subscription | None:
    """What a token ends; None for one that is not ours."""
    try:
        return Subscription.objects.filter(pk=signing.loads(shown, salt=SALT)).first()
    except signing.BadSignature:
        return None


def _key(report: str, chosen: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps([report, dict(sorted(chosen.items()))]).encode()).hexdigest()
