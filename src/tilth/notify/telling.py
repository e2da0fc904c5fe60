"""Telling colleagues, and addresses outside, what happened: once, to the right ones, as they chose and both teams agreed.

Reads   the facts of events.FACTS, the running agreement, how colleagues want to hear
Writes  Event with everything that tells it, in one transaction: nobody is told twice, and nobody is left out
Source: docs/algorithms/telling.md
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from tilth.core.telling import AT_ONCE
from tilth.team.models import Member

from .channels import MEMBERS
from .events import FACTS, Facts, Told
from .hearing import Ear, ears
from .models import Delivery, Endpoint, Event, Heard, Line

BATCH = 200
OVERLAP = 500  # rows that two workers may store out of order
A_WHILE = timedelta(minutes=1)  # for so long after a list moved, its newest rows are looked at again
FRESH = timedelta(days=1)  # what was older when a list was first read is history, and nobody's news
TOO_OLD = timedelta(days=7)  # nor is what nobody told for so long


def catch_up(now: datetime, person: int | None = None) -> int:
    """Tell of what has happened; returns of how much. At most BATCH of each list a call."""
    if person is not None:
        return sum(_tell_of(person, facts, now) for facts in FACTS)
    return sum(_page(facts, last, newest, moved, now) for facts, last, newest, moved in _lists(now))


def _lists(now: datetime) -> Iterator[tuple[Facts, int, int, datetime | None]]:
    """Of each list: its name, how far it was told, its newest id, when it last moved. One query when all are known."""
    newest = Case(
        *(When(of=f.name, then=Subquery(f.model._base_manager.order_by("-pk").values("pk")[:1])) for f in FACTS),
        default=Value(0),
    )
    rows = {row.of: row for row in Heard.objects.annotate(newest=Coalesce(newest, Value(0)))}
    if missing := [facts for facts in FACTS if facts.name not in rows]:
        Heard.objects.bulk_create([_first(facts, now) for facts in missing], ignore_conflicts=True)
        yield from _lists(now)
        return
    for facts in FACTS:
        row: Any = rows[facts.name]
        yield facts, row.last, row.newest, row.at


def _tell_of(person: int, facts: Facts, now: datetime) -> int:
    if not facts.person:
        return 0
    keys = list(_since(facts, now - FRESH).filter(**{facts.person: person}).values_list("pk", flat=True)[:BATCH])
    new = _untold(facts, keys) if keys else []
    return _tell_all(facts, facts.model._base_manager.filter(pk__in=new), now) if new else 0


def _first(facts: Facts, now: datetime) -> Heard:
    """Where the telling of a list begins: behind its history."""
    old = facts.model._base_manager.filter(at__lte=now - FRESH).order_by("-pk").values_list("pk", flat=True).first()
    return Heard(of=facts.name, last=0 if facts.taken else old or 0)


def _page(facts: Facts, last: int, newest: int, moved: datetime | None, now: datetime) -> int:
    """The next rows of one list. A work list is empty when all was told; of others it is remembered how far."""
    if facts.taken:
        keys = list(_since(facts, now - TOO_OLD).values_list("pk", flat=True)[:BATCH]) if newest else []
        return _tell_all(facts, facts.model._base_manager.filter(pk__in=keys), now) if keys else 0
    after = last - OVERLAP if moved and now - moved < A_WHILE else last
    if newest <= after:
        return 0
    keys = list(
        _since(facts, now - TOO_OLD)
        .filter(pk__gt=after, pk__lte=newest)
        .values_list("pk", flat=True)[: OVERLAP + BATCH]
    )
    new = _untold(facts, keys)[:BATCH]
    told = _tell_all(facts, facts.model._base_manager.filter(pk__in=new), now) if new else 0
    more = len(new) == BATCH or len(keys) == OVERLAP + BATCH
    until = max(new[-1] if new else keys[-1], last) if more else newest
    if until > last:
        Heard.objects.filter(of=facts.name).update(last=until, at=now)
    return told


def _since(facts: Facts, at: datetime) -> QuerySet[Any]:
    rows = facts.model._base_manager.order_by("pk")
    return rows if facts.taken else rows.filter(at__gt=at)


def _untold(facts: Facts, keys: list[int]) -> list[int]:
    """Those of these rows of which there is no event yet."""
    names = {f"{facts.name} {key}": key for key in keys}
    told = set(Event.objects.filter(row__in=list(names)).values_list("row", flat=True))
    return [key for name, key in names.items() if name not in told]


def _tell_all(facts: Facts, rows: QuerySet[Any], now: datetime) -> int:
    return sum(_tell(facts, row, f"{facts.name} {row.pk}", now) for row in rows.select_related(*facts.joins).order_by("pk"))  # fmt: skip


def _tell(facts: Facts, row: Any, name: str, now: datetime) -> int:
    """Tell one fact with all that follows from it, or nothing: somebody else may tell it at this moment."""
    try:
        with transaction.atomic():
            if facts.taken and not facts.model._base_manager.filter(pk=row.pk).delete()[0]:
                return 0
            told = facts.tell(row, now)
            if told is not None:
                spread(_event(told, name, row.at, now), told.hearers, now)
    except IntegrityError:
        if not Event.objects.filter(row=name).exists():
            raise
        return 0
    return 1


def _event(told: Told, name: str, at: datetime, now: datetime) -> Event:
    return Event.objects.create(
        what=told.what, row=name, person=told.person, handoff=told.handoff, by=told.by, at=at, told_at=now, data=told.data
    )  # fmt: skip


def spread(event: Event, hearers: Iterable[tuple[Member, str]], now: datetime) -> None:
    """Write what tells an event: to each of these members as they hear, and to every endpoint of the house that asks for it."""
    hearers = list(hearers)
    by_id = ears([member for member, _why in hearers], now) if hearers else {}
    for member, why in hearers:
        for channel, how in by_id[member.pk].ways(event.what).items():
            _to_member(event, member, why, channel, how, by_id[member.pk], now)
    for endpoint in Endpoint.objects.filter(member=None, stopped_at=None).order_by("pk"):
        if event.what in endpoint.events:
            deliver_to(endpoint, event, "", now, now)


def _to_member(event: Event, member: Member, why: str, channel: str, how: str, ear: Ear, now: datetime) -> None:
    due = ear.when(event.what, how, now)
    if how != AT_ONCE:
        Line.objects.create(member=member, event=event, channel=channel, why=why, due_at=due)
    elif channel in MEMBERS:
        MEMBERS[channel](event, member, why, due, now)
    else:
        deliver_to(ear.channels[channel], event, why, due, now)


def deliver_to(endpoint: Endpoint, event: Event, why: str, due: datetime, now: datetime) -> Delivery:
    """Write one delivery. Its key is the same for the same fact, also in a database that was restored."""
    key = hashlib.blake2b(f"{event.row} {event.at.isoformat()} {endpoint.pk} {endpoint.made_at.isoformat()}".encode(), digest_size=16)  # fmt: skip
    return Delivery.objects.create(
        endpoint=endpoint, event=event, why=why, key=f"msg_{key.hexdigest()}", made_at=now, due_at=due
    )
