"""Erasing one person, everywhere: at once from every table, then step by step from all that holds what was written by others.

`begin` does in one transaction what people can see, and remembers by keyed hashes whom not to keep again. The stage does the
rest, in portions; each step may be stopped at any moment and done twice. Source: docs/decisions/erasure.md
"""

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from tilth.capture import spool
from tilth.capture.models import Received
from tilth.core.forgetting import Ways, mentions, redacted, without
from tilth.journal.models import note
from tilth.people import suppressed
from tilth.people.crowd import name_and_number
from tilth.people.models import Person, PersonId, Phone
from tilth.promises.settling import settle
from tilth.team.models import Member

from . import deliveries, files, lake, leaving, mentioned, related
from .models import Erasure

SECONDS = 0.3  # of searching in one call
log = logging.getLogger(__name__)
Step = Erasure.Step


def begin(person: Person, by: Member | None, now: datetime, remember: bool = True) -> Erasure:
    """Erase somebody: gone from every page when this returns, from everything else when the stage is done.

    remember   keep nothing of them again, until they come back on their own
    """
    return begin_many([person.pk], by, now, remember)


@transaction.atomic
def begin_many(people: Sequence[int], by: Member | None, now: datetime, remember: bool = False) -> Erasure:
    """Erase some at once: all that came in is looked through once for all of them. Who was erased already is left alone."""
    row = Erasure(by=by, at=now, people=[])
    ways, counts, hashes = Ways(), Counter[str](), 0
    for pk in sorted(people):
        person = Person.objects.select_for_update(of=("self",)).select_related("company").filter(pk=pk).first()
        if person is None:
            continue
        mine = related.ways(person)
        hashes += suppressed.suppress(_ways_back(person), secrets.token_hex(16), now) if remember else 0
        counts += Counter(leaving.leave(person, mine, now))
        ways |= mine
        row.people.append(pk)
    row.ways, row.counts = ways.plain(), dict(counts)
    row.save()
    settle(row.people, now)
    for pk in row.people:
        note("erased", row, now, by, person=pk, hashes=hashes)
    return row


def catch_up(now: datetime, person: int | None = None) -> int:
    """Bring the oldest that is not finished a little further; 1 when one moved."""
    row = Erasure.objects.filter(finished_at=None).order_by("at", "pk").first()
    if row is None:
        return 0
    step, place = row.step, dict(row.place)
    counts, after = STEPS[Step(step)](row, now)
    if after is None:
        steps = list(Step)
        row.step, row.place = steps[steps.index(Step(step)) + 1], {}
    else:
        row.place = after
    moved = _moved(row, step, place, counts, now)
    if moved and row.step == Step.DONE:
        _write_over()
    return int(moved)


@transaction.atomic
def _moved(row: Erasure, step: str, place: dict[str, Any], counts: Mapping[str, int], now: datetime) -> bool:
    """Write down how far it is; False when somebody else has done this step, or it waits."""
    fresh = Erasure.objects.select_for_update().get(pk=row.pk)
    if (fresh.step, fresh.place) != (step, place):
        return False
    fresh.counts = dict(Counter(fresh.counts) + Counter(counts))
    moved = (row.step, row.place) != (step, place)
    fresh.step, fresh.place = row.step, row.place
    if fresh.step == Step.DONE:
        fresh.finished_at, fresh.ways = now, {}
        note("erased completely", fresh, now, None, people=fresh.people)
    fresh.save()
    return moved


Told = tuple[Mapping[str, int], dict[str, Any] | None]  # how many went, and the place; None when the step is done


def _spool(row: Erasure, now: datetime) -> Told:
    ways = Ways.of_plain(row.ways)
    return {"spool": spool.erase(lambda parcel: mentions(parcel.body, ways), now)}, None


def _deliveries(row: Erasure, now: datetime) -> Told:
    ways = Ways.of_plain(row.ways)
    place = row.place or {"at": 0, "until": deliveries.newest()}
    counts: Counter[str] = Counter()
    for at, received in deliveries.search(ways, place["at"], place["until"], SECONDS):
        place = {**place, "at": at}
        if received is not None:
            counts["capture.received"] += _struck(received.pk, ways)
    return counts, place if place["at"] < place["until"] else None


@transaction.atomic
def _struck(pk: int, ways: Ways) -> int:
    """Take them out of one delivery; it goes when nothing else was in it."""
    received = Received.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if received is None:
        return 0
    body, gone = without(bytes(received.body), ways)
    if body is None:
        received.delete()
        return 1
    received.body = body
    received.save(update_fields=["body"])
    received.refusals.filter(index__in=gone).delete()
    for refusal in received.refusals.exclude(detail=""):
        refusal.detail = redacted(refusal.detail, ways)
        refusal.save(update_fields=["detail"])
    return 1


def _mentions(row: Erasure, now: datetime) -> Told:
    return mentioned.clear(Ways.of_plain(row.ways), row.place)


def _files(row: Erasure, now: datetime) -> Told:
    return files.clear(Ways.of_plain(row.ways)), None


def _lake(row: Erasure, now: datetime) -> Told:
    return {}, None if lake.clear(Ways.of_plain(row.ways), now) else row.place


def _check(row: Erasure, now: datetime) -> Told:
    """What was written while we were at work: a delivery that somebody was just understanding, a page that was open."""
    ways = Ways.of_plain(row.ways)
    for person in Person.everyone.filter(pk__in=row.people):
        with transaction.atomic():
            leaving.leave(person, ways, person.erased_at or now)
    return {}, None


def _write_over() -> None:
    """What was deleted leaves SQLite's log, too, and is written over in its file. PostgreSQL does so in its own time."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


STEPS: Mapping[Step, Callable[[Erasure, datetime], Told]] = {
    Step.SPOOL: _spool, Step.DELIVERIES: _deliveries, Step.MENTIONS: _mentions, Step.FILES: _files, Step.LAKE: _lake,
    Step.CHECK: _check,
}  # fmt: skip


def _ways_back(person: Person) -> list[str | tuple[str, str]]:
    """All by which they would be known again: addresses, ids, browsers, and name with number."""
    numbers = Phone.objects.filter(person=person).values_list("number", flat=True)
    return [
        *person.emails.values_list("address", flat=True),
        *PersonId.objects.filter(person=person).values_list("system", "value"),
        *((suppressed.VISITOR, key) for key in related.browsers(person)),
        *(name_and_number(person.first_name, person.last_name, number) for number in numbers),
    ]
