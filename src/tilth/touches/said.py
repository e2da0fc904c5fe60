"""A member says of touches that a person did them after all, or a machine. That holds against every sign."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from tilth.core.evidence import marked, marks_of
from tilth.journal.models import Entry, note
from tilth.team.models import Member

from .models import Evidence, Team, Touch
from .record import decide

PERSON, MACHINE = "person", "machine"
VERBS = {PERSON: "said a person did it", MACHINE: "said a machine did it"}


@transaction.atomic
def say(touches: Iterable[int], by: Member, what: str, now: datetime) -> Entry | None:
    """Write down what `by` knows of these touches of one person; None when there was nothing to change.

    what     PERSON or MACHINE. Stages that were reached by them stay reached.
    """
    rows = Touch.objects.select_for_update().filter(pk__in=list(touches), team=Team.PERSON, person__isnull=False)
    so_already = Q(evidence__gt=Evidence.MACHINE) if what == PERSON else Q(evidence=Evidence.MACHINE)
    changed = list(rows.exclude(so_already | Q(evidence=Evidence.RETRACTED)).order_by("pk"))
    if not changed:
        return None
    was = [[t.pk, int(t.evidence), dict(marks_of(t.properties))] for t in changed]
    for touch in changed:
        touch.evidence = Evidence.OBSERVED if what == PERSON else Evidence.MACHINE
        touch.properties = marked(touch.properties, {**marks_of(touch.properties), "said": what, "by": by.name})
    decide(changed, now)
    return note(VERBS[what], changed[0], now, by, changed[0].person_id, was=was)


def undo_said(entry: Entry, now: datetime) -> bool:
    """Undo `say`; False when the entry tells of something else. See `deals.verbs.undo`."""
    if entry.verb not in VERBS.values():
        return False
    before = {pk: (level, marks) for pk, level, marks in entry.data["was"]}
    rows = list(Touch.objects.select_for_update().filter(pk__in=before).order_by("pk"))
    for touch in rows:
        touch.evidence, marks = before[touch.pk]
        touch.properties = marked(touch.properties, marks)
    decide(rows, now)
    return True
