"""Care that a colleague gave by other means, written down; and that somebody answered a mail."""

from datetime import date, datetime

from django.db import transaction

from tilth.journal.models import Entry, note
from tilth.people.models import Person
from tilth.team.models import Member
from tilth.touches.models import Evidence, Touch
from tilth.touches.record import record, retract

from .models import Noted

UNDONE_HERE = NOTED, ANSWERED = "noted care", "noted answer"


@transaction.atomic
def care(
    person: Person, by: Member, kind: str, what: str, since: date, until: date | None, now: datetime
) -> tuple[Noted, Entry]:
    """Write down which care somebody got, from when, and until when.

    raises   ValueError: it ends before it begins
    """
    if until is not None and until < since:
        raise ValueError("Care ends on the day it begins, or later.")
    row = Noted.objects.create(person=person, member=by, kind=kind, what=what[:200], since=since, until=until, at=now)
    return row, note(NOTED, row, now, by, person.pk)


@transaction.atomic
def answered(person: Person, by: Member, now: datetime) -> tuple[Touch, Entry]:
    """They answered one of our mails: it stands on their timeline, and every track ends for them."""
    touch, _new = record("mail_reply", now, now, person=person, member=by, evidence=Evidence.DECLARED)
    return touch, note(ANSWERED, touch, now, by, person.pk)


@transaction.atomic
def undo(entry: Entry, now: datetime) -> bool:
    """Take what was written down back; False when the entry tells of something else."""
    if entry.verb == NOTED:
        Noted.objects.filter(pk=entry.subject_id).delete()
    elif entry.verb == ANSWERED and (touch := Touch.objects.filter(pk=entry.subject_id).first()):
        retract(touch, now)
    else:
        return False
    return True
