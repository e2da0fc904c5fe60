"""What the channels to addresses outside have in common: what a delivery says, and what an answer means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.utils.translation import gettext as _

from tilth.notify.events import WORDS, standing
from tilth.notify.models import Delivery, Event
from tilth.notify.places import place
from tilth.notify.wall import Answer
from tilth.team.models import Member

from .mail import zone_of

SHOWN = 20  # lines of a day; of the rest the number tells
REST = timedelta(minutes=1)
LONGEST_REST = timedelta(days=1)


@dataclass(frozen=True)
class Request:
    body: bytes
    headers: Mapping[str, str]


class Fate(Enum):
    SENT = "sent"
    AGAIN = "again"
    NEVER = "never"  # this one; the next may do
    STOP = "stop"  # the endpoint itself is gone


@dataclass(frozen=True)
class Outcome:
    """What becomes of a delivery. `rest`: for so long the endpoint asks to be left alone."""

    fate: Fate
    why: str = ""
    rest: timedelta | None = None


@dataclass(frozen=True)
class Outside:
    """One channel.

    hint      where its address is found
    personal  a member may set it up for themselves
    """

    name: str
    label: Any
    request: Callable[[Delivery, datetime], Request]
    outcome: Callable[[Answer], Outcome]
    hint: Any = ""
    personal: bool = True


@dataclass(frozen=True)
class Part:
    """One event as a message says it."""

    title: str
    lines: list[str]
    link: str


def parts(delivery: Delivery, now: datetime) -> tuple[list[Part], int]:
    """What a delivery tells, as it stands now, and how many lines more than are said: one event, or those of a day."""
    member: Member | None = delivery.endpoint.member
    zone = zone_of(member, now)
    if delivery.event is not None:
        return [_part(delivery.event, delivery.why, zone)], 0
    told = list(delivery.lines.select_related("event__person__company", "event__handoff").order_by("pk"))
    there = standing([row.event for row in told])
    rows = [row for row in told if row.event_id in there]
    return [_part(row.event, row.why, zone) for row in rows[:SHOWN]], max(len(rows) - SHOWN, 0)


def fallback(said: list[Part], more: int) -> str:
    """All of it as plain text, for where nothing else can be shown."""
    return "\n".join([*(part.title for part in said), *([rest(more)] if more else [])])


def rest(more: int) -> str:
    return _("and %(n)s more") % {"n": more}


def outcome(answer: Answer) -> Outcome:
    """What an answer means by its status alone, as the Standard Webhooks specification says."""
    status = answer.status
    if 200 <= status < 300:
        return Outcome(Fate.SENT)
    if 300 <= status < 400:
        return Outcome(Fate.AGAIN, _("It answers from another address (%(n)s). Write that one: redirects are not followed.") % {"n": status})  # fmt: skip
    if status == 410:
        return Outcome(Fate.STOP, _("It says that it is gone (410)."))
    why = _("It answered %(n)s.") % {"n": status}
    if status in (429, 502, 503, 504):
        return Outcome(Fate.AGAIN, why, _asked(answer) or REST)
    return Outcome(Fate.AGAIN, why, _asked(answer))


def _part(event: Event, why: str, zone: Any) -> Part:
    words = WORDS[event.what]
    return Part(words.title(event, why), words.lines(event, why, zone), place(event, why))


def _asked(answer: Answer) -> timedelta | None:
    """For how long it asks to be left alone: Retry-After in seconds; a date there means a minute."""
    said = answer.headers.get("retry-after", "")
    if not said:
        return None
    return min(timedelta(seconds=int(said[:9])), LONGEST_REST) if said.isdecimal() else REST
