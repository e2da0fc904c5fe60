"""What is done about a promise before it is due and after: a reminder, an escalation, at last another owner.

Source: docs/algorithms/promises.md
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from .clock import Calendar, due, passed_before
from .terms import SalesPromise

REMINDER, ESCALATION, REASSIGNMENT = "reminder", "escalation", "reassign"
BROKEN = "broken"


def moments(promise: SalesPromise, since: datetime, due_at: datetime, calendar: Calendar) -> Mapping[str, datetime]:
    """Step to when it is taken, of those that were agreed; BROKEN always is, when the promise is due.

    A promise that is shorter than its reminder has none: who just got it knows.
    calendar   of who owes it
    """
    found = {BROKEN: due_at}
    if promise.remind_hours:
        reminded = passed_before(due_at, timedelta(hours=promise.remind_hours), calendar)
        if reminded > since:
            found[REMINDER] = reminded
    for step, hours in ((ESCALATION, promise.escalate_hours), (REASSIGNMENT, promise.reassign_hours)):
        if hours:
            found[step] = due(due_at, timedelta(hours=hours), calendar)
    return found


def next_look(found: Mapping[str, datetime], done: Iterable[str]) -> datetime | None:
    """When the first step is due that was not taken yet."""
    taken = set(done)
    return min((at for step, at in found.items() if step not in taken), default=None)
