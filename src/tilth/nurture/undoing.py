"""Undoing a step of anybody: those of care and of mail here, all others by `deals.verbs.undo`."""

from datetime import datetime

from django.db import transaction

from tilth.deals import verbs
from tilth.deals.together import TOGETHER
from tilth.journal.models import Entry, note
from tilth.notify import subscribing
from tilth.team.models import Member

from . import enrolling, noting


@transaction.atomic
def undo(entry: Entry, by: Member, now: datetime) -> Entry:
    """Undo one step, within ten minutes, by who did it or a manager.

    raises   TooLate, NotYours, Refused
    """
    if entry.verb == TOGETHER:
        verbs.check_undo(entry, by, now)
        return note("undid", entry, now, by, what=entry.verb, stays=verbs.undo_together(entry, by, now, undo))
    if entry.verb in subscribing.UNDONE_HERE:
        verbs.check_undo(entry, by, now)
        subscribing.undo(entry, now)
        return note("undid", entry, now, by, what=entry.verb)
    if entry.verb not in (*enrolling.UNDONE_HERE, *noting.UNDONE_HERE):
        return verbs.undo(entry, by, now)
    verbs.check_undo(entry, by, now)
    assert enrolling.undo(entry, by, now) or noting.undo(entry, now)
    return note("undid", entry, now, by, entry.person_id, entry.version, what=entry.verb)
