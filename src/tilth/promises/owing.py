"""What sales owes for a handoff: a first contact, a verdict, a follow-up; each by the calendar of its owner.

Reads   Handoff, Week, Absence, deliveries that came late
Writes  nothing: rows for `catch_up` to store
"""

from collections.abc import Sequence
from datetime import datetime

from tilth.core.promises import first_contact_due, follow_up_due, verdict_due
from tilth.handoff.models import Handoff

from .calendars import Calendars, calendars, first_look
from .lateness import came_late, move
from .models import Obligation

Kind = Obligation.Kind


def owed(handoffs: Sequence[Handoff]) -> list[Obligation]:
    """Three each, under the version of each. A fixed number of questions, however many."""
    if not handoffs:
        return []
    of = calendars((h.owner_id for h in handoffs), (h.at for h in handoffs))
    late = came_late(handoffs)
    return [row for handoff in handoffs for row in _of(handoff, of, late.get(handoff.pk))]


def _of(handoff: Handoff, of: Calendars, late: Obligation | None) -> list[Obligation]:
    terms, at = handoff.version.terms, handoff.at
    away = of.of(handoff.owner_id, at)
    verdict = _row(Kind.VERDICT, handoff, verdict_due(terms, at, handoff.level, *away), of)
    if late is not None:
        move(verdict, late, of)
    return [
        _row(Kind.FIRST_CONTACT, handoff, first_contact_due(terms, at, handoff.level, *away), of),
        verdict,
        _row(Kind.FOLLOW_UP, handoff, follow_up_due(terms, at, *away), of),
    ]


def _row(kind: str, handoff: Handoff, due: datetime, of: Calendars) -> Obligation:
    row = Obligation(
        kind=kind, debtor="sales", member_id=handoff.owner_id, handoff=handoff, version=handoff.version,
        since=handoff.at, due_at=due,
    )  # fmt: skip
    row.look_at = first_look(row, of)
    return row
