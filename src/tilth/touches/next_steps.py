"""What somebody of ours said they would do next with a person, by a day. Done by a click; nothing else closes it."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, QuerySet

from tilth.journal.models import Entry, note
from tilth.people.models import Person
from tilth.team.models import Member

from .models import NextStep, Touch

LONGEST = 200


@transaction.atomic
def plan_step(
    person: Person,
    by: Member,
    what: str,
    on: date | None,
    now: datetime,
    touch: Touch | None = None,
    member: Member | None = None,
) -> tuple[NextStep, Entry]:
    """Write down what `member` (else `by`) does next with a person.

    on       the day by which; None when nobody said
    touch    the contact in which it was said, where there is one
    """
    row = NextStep.objects.create(person=person, member=member or by, what=what[:LONGEST], on=on, at=now, touch=touch)
    return row, note("planned step", row, now, by, person.pk, what=row.what, on=on.isoformat() if on else None)


@transaction.atomic
def do_step(step: NextStep, by: Member, now: datetime) -> Entry | None:
    """It was done; None when somebody said so before."""
    if not NextStep.objects.filter(pk=step.pk, done_at=None).update(done_at=now, done_by=by):
        return None
    return note("did step", step, now, by, step.person_id, what=step.what)


def undo_step(entry: Entry) -> bool:
    """Undo one of the verbs above; False when the entry tells of something else. See `deals.verbs.undo`."""
    if entry.verb not in ("planned step", "did step"):
        return False
    rows = NextStep.objects.filter(pk=entry.subject_id)
    return bool(rows.delete()[0] if entry.verb == "planned step" else rows.update(done_at=None, done_by=None))


def open_steps() -> QuerySet[NextStep]:
    """What is still to be done, the earliest day first; what has no day comes last."""
    rows = NextStep.objects.filter(done_at=None).select_related("person__company", "member")
    return rows.order_by(F("on").asc(nulls_last=True), "pk")
