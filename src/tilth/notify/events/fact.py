"""The facts of one table, as something to tell; and what is said of people and moments."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Model
from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR

from tilth.handoff.models import Handoff
from tilth.people.models import Person
from tilth.team.models import Member, Role
from tilth.touches.models import Origin

Hearers = Sequence[tuple[Member, str]]  # who hears of it, and why: one of Notice.Why


@dataclass(frozen=True)
class Told:
    """What one fact has to tell.

    what       one of Event.What
    hearers    every member once; who did it themselves is not among them
    by         who did it
    data       what is said of it: plain values, as they were
    """

    what: str
    person: Person | None
    hearers: Hearers
    handoff: Handoff | None = None
    by: Member | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """A table whose rows are told.

    name     what an event's `row` begins with
    person   the way from a row to the person it is about; empty when it is about nobody
    joins    what is read with each row
    tell     None: nothing to tell
    taken    rows are a work list, and go when they were told
    """

    name: str
    model: type[Model]
    person: str
    tell: Callable[[Any, datetime], Told | None]
    joins: tuple[str, ...] = ()
    taken: bool = False


def marketing() -> list[Member]:
    return list(Member.objects.filter(role=Role.MARKETING, is_active=True).order_by("pk"))


def managers() -> list[Member]:
    return list(Member.objects.filter(role=Role.MANAGER, is_active=True).order_by("pk"))


def once(*hearers: tuple[Member | None, str], but: Member | None = None) -> Hearers:
    """Everybody once, for the first reason; without who has left, and without who did it themselves."""
    out: dict[int, tuple[Member, str]] = {}
    for member, why in hearers:
        if member is not None and member.is_active and member != but:
            out.setdefault(member.pk, (member, why))
    return list(out.values())


def named(person: Person | None) -> str:
    """Somebody with title and company: "Anouk Zonneveld, Operations manager, Zonneveld Tomaten"."""
    if person is None:
        return ""
    title = f", {person.title}" if person.title else ""
    return f"{person.name}{title}, {person.company}" if person.company else f"{person.name}{title}"


def came(origin: Origin | None) -> str:
    """How somebody became a lead, in one line: "demo · google · campaign night-heating"."""
    if origin is None:
        return ""
    told = [str(origin.offer or ""), origin.source, str(origin.campaign or "")]
    return " · ".join(dict.fromkeys(filter(None, told)))


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A moment on somebody's wall: "Tue 16 Jun, 12:40"."""
    local = at.astimezone(zone)
    return f"{WEEKDAYS_ABBR[local.weekday()]} {local.day} {str(MONTHS_3[local.month]).capitalize()}, {local:%H:%M}"
