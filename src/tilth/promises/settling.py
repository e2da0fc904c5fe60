"""Writing down how obligations stand: settled by an event, or open again when the event went away."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from tilth.core.promises import Settled, first_contact, verdict

from .course import Course, courses
from .models import Obligation, Settlement

VALUES = ["at", "kept", "void", "quantity", "good", "evidence"]


def settle(people: Iterable[int], now: datetime) -> int:
    """Bring what sales owes these people in line with what happened; returns how many obligations changed.

    Obligations are locked before events are read, so two workers cannot overtake each other.
    """
    with transaction.atomic():
        rows = list(
            Obligation.objects.select_for_update(of=("self",))
            .filter(handoff__person__in=people)
            .select_related("handoff", "settlement")
            .order_by("pk")
        )
        if not rows:
            return 0
        of = courses(list({row.handoff_id: row.handoff for row in rows if row.handoff}.values()), now)
        return settle_as({row.pk: _stands(row, of[row.handoff_id]) for row in rows if row.handoff_id}, rows)


def settle_as(wanted: Mapping[int, Settled | None], rows: Sequence[Obligation]) -> int:
    """Store how locked obligations stand (None: open); returns how many were stored otherwise before."""
    changed = {row.pk: wanted[row.pk] for row in rows if _stored(row) != wanted[row.pk]}
    ended = {pk: settled for pk, settled in changed.items() if settled}
    again = changed.keys() - ended.keys()
    Settlement.objects.bulk_create(
        [Settlement(obligation_id=pk, **{name: getattr(s, name) for name in VALUES}) for pk, s in ended.items()],
        update_conflicts=True, unique_fields=["obligation"], update_fields=VALUES,
    )  # fmt: skip
    Obligation.objects.filter(pk__in=ended).update(open=False)
    if again:
        Settlement.objects.filter(obligation__in=again).delete()
        Obligation.objects.filter(pk__in=again).update(open=True)
    return len(changed)


def _stands(row: Obligation, course: Course) -> Settled | None:
    if row.kind == Obligation.Kind.FIRST_CONTACT:
        return first_contact(row.since, row.due_at, course.contacts, course.ended)
    return verdict(row.due_at, course.verdicts, course.gone)


def _stored(row: Obligation) -> Settled | None:
    stored = getattr(row, "settlement", None)
    return stored and Settled(**{name: getattr(stored, name) for name in VALUES})
