"""Putting somebody into a track, one or many, and taking them out; with undo."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tilth.agreement.models import running
from tilth.core.clock import Calendar, calendar_of, years_around
from tilth.core.nurture import PLAIN_WEEK, next_step, send_at
from tilth.handoff.verbs import Done, Refused
from tilth.journal.models import Entry, note
from tilth.people.models import Person
from tilth.team.models import Member

from .endings import end_all
from .grounds import obstacles
from .models import Enrolment, Track

UNDONE_HERE = PUT_IN, TOOK_OUT = "put into track", "took out of track"


class NotOpen(Refused):
    """The track was closed, or has no mail yet."""


@dataclass(frozen=True)
class Enrolled:
    """Who was put in, who had been in it already, and who could not be, with the reason."""

    rows: list[Enrolment]
    already: list[Person]
    refused: dict[int, str]
    entry: Entry | None = None


@transaction.atomic
def enrol(track: Track, people: Collection[Person], by: Member | None, now: datetime) -> Enrolled:
    """Put these people into a track: each by itself, with the same checks; the others go on where one cannot.

    by       None: the track's own rule
    raises   NotOpen
    """
    track = Track.objects.select_for_update(of=("self",)).select_related("edition").get(pk=track.pk)
    if track.closed_at:
        raise NotOpen(f"The track “{track.name}” was closed. Take another one.")
    known = list(Person.objects.select_for_update().filter(pk__in=[p.pk for p in people]).order_by("pk"))
    inside = set(
        Enrolment.objects.filter(track=track, person__in=known, ended_at=None).values_list("person", flat=True)
    )
    new = [person for person in known if person.pk not in inside]
    stopped = obstacles(new, track.says)
    first = next_step(track.says.steps, ())
    if first is None:
        raise NotOpen(f"The track “{track.name}” has no mail yet. Write the first one.")
    goes = send_at(now, first.days, house(now))
    rows = [
        Enrolment(person=p, track=track, since=now, by=by, next_at=goes, look_at=now)
        for p in new
        if p.pk not in stopped
    ]
    Enrolment.objects.bulk_create(rows)
    entry = _noted(rows, by, now)
    return Enrolled(rows, [p for p in known if p.pk in inside], stopped, entry)


def put_in(track: Track, person: Person, by: Member, now: datetime) -> Done:
    """As `enrol`, of one.

    raises   NotOpen; Refused, with what stands in the way
    """
    found = enrol(track, [person], by, now)
    if person.pk in found.refused:
        raise Refused(found.refused[person.pk])
    return Done(found.rows[0] if found.rows else None, found.entry)


@transaction.atomic
def take_out(row: Enrolment, by: Member, now: datetime) -> Entry | None:
    """They get no further mail of this track; None when it was over for them already."""
    if not end_all([row.pk], Enrolment.Ended.TAKEN_OUT, now, by):
        return None
    return note(TOOK_OUT, row, now, by, row.person_id, track=row.track_id)


@transaction.atomic
def undo(entry: Entry, by: Member, now: datetime) -> bool:
    """Take a putting in or a taking out back; False when the entry tells of something else."""
    if entry.verb == PUT_IN:
        rows = Enrolment.objects.filter(pk__in=entry.data["rows"], ended_at=None)
        end_all(list(rows.values_list("pk", flat=True)), Enrolment.Ended.TAKEN_OUT, now, by)
        rows = Enrolment.objects.filter(pk__in=entry.data["rows"], mailings=None)
        rows.delete()
    elif entry.verb == TOOK_OUT:
        _put_back(entry, now)
    else:
        return False
    return True


def _put_back(entry: Entry, now: datetime) -> None:
    row = Enrolment.objects.select_related("track__edition").filter(pk=entry.subject_id).first()
    if row is None or row.ended_because != Enrolment.Ended.TAKEN_OUT:
        raise Refused("They are not out of it any more. Nothing was changed.")
    if Enrolment.objects.filter(person=row.person_id, track=row.track_id, ended_at=None).exists():
        raise Refused("They were put in anew since. Nothing was changed.")
    row.ended_at, row.ended_because, row.ended_by = None, "", None
    row.look_at, row.next_at = now, next_at(row, now)
    row.save()


def next_at(row: Enrolment, since: datetime) -> datetime | None:
    """When the next mail of this way may go, counted from a moment; None when there is none left."""
    done = set(row.mailings.values_list("step", flat=True))
    step = next_step(row.track.says.steps, done)
    return send_at(since, step.days, house(since)) if step else None


def house(now: datetime) -> Calendar:
    """When our house works: as the running agreement says; without one, Monday to Friday from nine to five, in UTC."""
    version = running(now)
    return calendar_of(version.terms, years_around(now)) if version else PLAIN_WEEK


def _noted(rows: list[Enrolment], by: Member | None, now: datetime) -> Entry | None:
    """One line for all who were put in at once, so that one undo takes all of them out."""
    if not rows or by is None:
        return None
    one = rows[0].person_id if len(rows) == 1 else None
    people = [row.person_id for row in rows]
    return note(PUT_IN, rows[0], now, by, one, rows=[row.pk for row in rows], track=rows[0].track_id, people=people)
