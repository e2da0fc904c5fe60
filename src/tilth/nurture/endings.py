"""When a way through a track is over: they answered, want no more mail, are with sales, or cannot be reached."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from tilth.handoff.models import Handoff, Joining
from tilth.notify.outbox import withdraw
from tilth.team.models import Member
from tilth.touches.models import Evidence, Team, Touch

from .grounds import addresses, dead, grounds, with_sales
from .models import Enrolment, Mailing

ANSWERS = ("mail_reply", "call", "meeting", "chat", "mail", "card")  # begun by the person
BOUNCES = ("Email Bounced", "email_bounced")  # as other mail programs tell of it
Ended = Enrolment.Ended


def over(rows: Collection[Enrolment]) -> dict[int, str]:
    """Of these, with track and its edition loaded, who should go no further: number to why. A bounded number of questions."""
    people = {row.person_id for row in rows}
    sales = with_sales(people) | _handed_over(rows)
    broken = dead(people)
    reached = {who for who, address in addresses(people).items() if address not in broken}
    said = {kind: _said(rows, kind) for kind in (Ended.ANSWERED, Ended.BOUNCED)}
    may = {customers: grounds(people, customers) for customers in {_customers(row) for row in rows}}
    out: dict[int, str] = {}
    for row in rows:
        if row.pk in said[Ended.ANSWERED]:
            out[row.pk] = Ended.ANSWERED
        elif row.person_id in sales:
            out[row.pk] = Ended.HANDED_OVER
        elif row.person_id not in may[_customers(row)]:
            out[row.pk] = Ended.UNSUBSCRIBED
        elif row.pk in said[Ended.BOUNCED] or row.person_id not in reached:
            out[row.pk] = Ended.BOUNCED
    return out


def end_all(rows: Iterable[int], because: str, now: datetime, by: Member | None = None) -> int:
    """End these ways where they run still; mails that did not go yet never go. Inside a transaction; returns how many."""
    ids = list(rows)
    ended = Enrolment.objects.filter(pk__in=ids, ended_at=None).update(
        ended_at=now, ended_because=because, ended_by=by, next_at=None
    )
    under_way = Mailing.objects.filter(enrolment__in=ids, sent_at=None, stopped_at=None, message__isnull=False)
    withdraw(under_way.values_list("message", flat=True), str(Ended(because).label), now)
    return ended


def _customers(row: Enrolment) -> bool:
    return row.track.says.customers


def _handed_over(rows: Collection[Enrolment]) -> set[int]:
    """Who was handed over since they came in, also where sales gave them back by now."""
    newer = Q(person=OuterRef("person"), at__gte=OuterRef("since"))
    since = Exists(Handoff.objects.filter(newer)) | Exists(Joining.objects.filter(newer))
    found = Enrolment.objects.filter(since, pk__in=[row.pk for row in rows])
    return set(found.values_list("person", flat=True))


def _said(rows: Collection[Enrolment], what: str) -> set[int]:
    """Those of whom a touch since they came in says that they answered, or that a mail bounced."""
    kind = Q(kind__in=ANSWERS, team=Team.PERSON) if what == Ended.ANSWERED else Q(event__in=BOUNCES)
    told = Touch.objects.filter(
        kind, person=OuterRef("person"), at__gte=OuterRef("since"), evidence__gt=Evidence.MACHINE
    )
    return set(Enrolment.objects.filter(Exists(told), pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
