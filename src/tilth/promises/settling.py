"""Writing down how obligations stand: settled by an event, or open again when the event went away."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from tilth.core.follow_up import follow_up
from tilth.core.promises import Settled, first_contact, review, verdict

from .course import Course, courses
from .following import follow
from .models import Breach, Obligation, Settlement

VALUES = ["at", "kept", "void", "quantity", "good", "value", "evidence"]
Kind = Obligation.Kind


def settle(people: Iterable[int], now: datetime) -> int:
    """Bring what is owed about these people in line with what happened; returns how many obligations changed.

    Obligations are locked before events are read, so two workers cannot overtake each other; and then read, so that who
    waited sees what the other added.
    """
    with transaction.atomic():
        theirs = Obligation.objects.filter(handoff__person__in=people)
        list(theirs.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
        rows = list(
            theirs.select_related("handoff__version", "version", "settlement")
            .defer("handoff__version__document", "version__document")
            .order_by("pk")
        )
        if not rows:
            return 0
        handoffs = list({row.handoff_id: row.handoff for row in rows if row.handoff}.values())
        of = courses(handoffs, now)
        rows, silent, changed = follow(handoffs, rows, of, now)
        wanted = {row.pk: _stands(row, of[row.handoff_id]) for row in rows if row.handoff_id and row.pk not in silent}
        return changed + settle_as(wanted | silent, rows)


def settle_as(wanted: Mapping[int, Settled | None], rows: Sequence[Obligation]) -> int:
    """Store how locked obligations stand (None: open); returns how many were stored otherwise before."""
    changed = {row.pk: wanted[row.pk] for row in rows if _stored(row) != wanted[row.pk]}
    ended = {pk: settled for pk, settled in changed.items() if settled}
    again = changed.keys() - ended.keys()
    Settlement.objects.bulk_create(
        [Settlement(obligation_id=pk, **{name: getattr(s, name) for name in VALUES}) for pk, s in ended.items()],
        update_conflicts=True, unique_fields=["obligation"], update_fields=VALUES,
    )  # fmt: skip
    broken = [pk for pk, settled in ended.items() if not settled.kept and not settled.void]
    Obligation.objects.filter(pk__in=ended.keys() - set(broken)).update(open=False, look_at=None)
    Obligation.objects.filter(pk__in=broken).update(open=False, look_at=F("due_at"))
    if again:
        Settlement.objects.filter(obligation__in=again).delete()
        Obligation.objects.filter(pk__in=again).update(open=True, look_at=F("since"))
    Breach.objects.filter(obligation__in=ended.keys() - set(broken)).delete()
    return len(changed)


def _stands(row: Obligation, course: Course) -> Settled | None:
    if row.kind == Kind.FIRST_CONTACT:
        return first_contact(row.since, row.due_at, course.contacts, course.ended)
    if row.kind == Kind.REVIEW:
        return review(row.due_at, course.reviewed)
    if row.kind == Kind.FOLLOW_UP:
        return follow_up(row.version.terms.sales, row.since, row.due_at, course.contacts, course.verdicts, course.ended)
    return verdict(row.due_at, course.verdicts, course.gone)


def _stored(row: Obligation) -> Settled | None:
    stored = getattr(row, "settlement", None)
    return stored and Settled(**{name: getattr(stored, name) for name in VALUES})
