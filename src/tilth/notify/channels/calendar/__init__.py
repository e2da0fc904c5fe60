"""A calendar of due dates for a member's own calendar program, under a secret address that can be changed (RFC 5545).

A program reads it as often as it likes; nobody is told through it.
"""

import hashlib
import secrets
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from tilth.notify.models import Feed
from tilth.notify.outbox import address
from tilth.promises import names
from tilth.promises.models import Obligation
from tilth.team.models import Member
from tilth.touches.next_steps import open_steps

SHOWN = timedelta(minutes=30)  # a due date fills the half hour before it
LATE = timedelta(days=60)  # what is late for longer is no date any more
SEEN = timedelta(minutes=10)


def open_feed(member: Member, now: datetime) -> str:
    """A new secret address; the one before leads nowhere from now on. It is shown once: only a hash is kept."""
    secret = secrets.token_urlsafe(24)
    Feed.objects.update_or_create(
        member=member, defaults={"secret_hash": _hash(secret), "made_at": now, "read_at": None}
    )
    return address(f"/calendar/{secret}.ics")


def close_feed(member: Member) -> bool:
    """The address leads nowhere; False when there was none."""
    return bool(Feed.objects.filter(member=member).delete()[0])


def whose(secret: str, now: datetime) -> Member | None:
    """Whose calendar is at this address; None for one that was made up, was changed, or is of somebody who has left."""
    feed = Feed.objects.select_related("member").filter(secret_hash=_hash(secret), member__is_active=True).first()
    if feed is None:
        return None
    if feed.read_at is None or now - feed.read_at > SEEN:
        Feed.objects.filter(pk=feed.pk).update(read_at=now)
    return feed.member


def written(member: Member, now: datetime) -> bytes:
    """The calendar: promises that a member owes, and what they said they would do next. A fixed number of questions."""
    calendar = Calendar()
    calendar.add("prodid", "-//Tilth//Due dates//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Tilth: %(who)s") % {"who": member.name})
    calendar.add("refresh-interval", timedelta(minutes=15), parameters={"value": "DURATION"})
    for event in (*_promises(member, now), *_steps(member)):
        calendar.add_component(event)
    return calendar.to_ical()


def _promises(member: Member, now: datetime) -> list[Event]:
    rows = Obligation.objects.filter(open=True, due_at__gt=now - LATE)
    mine = Q(member=member) | Q(member=None, debtor=member.role)
    rows = rows.filter(mine).select_related("handoff__person__company").order_by("due_at", "pk")
    return [_promise(row, now) for row in rows]


def _promise(row: Obligation, now: datetime) -> Event:
    promise = names.name(row.kind, first=True)
    who = row.handoff.person if row.handoff else None
    said = _("Late: %(promise)s") if row.due_at < now else "%(promise)s"
    title = said % {"promise": f"{promise}, {who}" if who else promise}
    where = address(f"/people/{who.pk}/") if who else address("/")
    event = _event(f"promise-{row.pk}", title, str(who.company) if who and who.company else "", where, row.since)
    event.add("dtstart", row.due_at - SHOWN)
    event.add("dtend", row.due_at)
    return event


def _steps(member: Member) -> list[Event]:
    out = []
    for step in open_steps().filter(member=member, on__isnull=False):
        firm = str(step.person.company) if step.person.company else ""
        event = _event(f"step-{step.pk}", f"{step.what}, {step.person}", firm, address(f"/people/{step.person_id}/"), step.at)  # fmt: skip
        day: date = step.on  # type: ignore[assignment]  # asked for above
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        out.append(event)
    return out


def _event(name: str, title: str, place: str, where: str, at: datetime) -> Event:
    """An entry under a name that stays, so that a program moves it instead of doubling it; it keeps nobody busy."""
    event = Event()
    event.add("uid", f"{name}@{settings.ADDRESS.partition('://')[2]}")
    event.add("dtstamp", at)
    event.add("summary", title)
    event.add("description", "\n".join(filter(None, [place, where])))
    event.add("url", where)
    event.add("transp", "TRANSPARENT")
    return event


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
