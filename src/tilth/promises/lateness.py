"""Late delivery by marketing moves what sales owes (B4): the leads that were missing at the agreed moment and came after it.

Reads   deliveries that fell short, Handoff
Writes  by when a verdict is due, what that was before, and which delivery moved it
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import F, Q, QuerySet

from tilth.core.promises import moved_verdict_due
from tilth.handoff.models import Handoff

from .calendars import Calendars, calendars, first_look
from .models import Obligation


def came_late(handoffs: Sequence[Handoff]) -> dict[int, Obligation]:
    """Of these handoffs, those that marketing had promised for earlier, with the delivery that fell short.

    Two questions, and one more for each delivery that fell short.
    """
    whole = [h for h in handoffs if _moves(h) and h.continues_id is None and h.by_id != h.owner_id]
    if not whole:
        return {}
    wanted, out = {h.pk for h in whole}, {}
    for short, until in _short(min(h.at for h in whole), max(h.at for h in whole)):
        for pk in missing_then(short, until):
            if pk in wanted:
                out[pk] = short
    return out


def missing_then(short: Obligation, until: datetime | None) -> list[int]:
    """The handoffs that made up for what a delivery lacked: the first after it, as many as were missing (or worth as much).

    until    when the next delivery was due: what came after that was missing there
    """
    lacks = short.quantity - short.settlement.quantity
    worth = short.value - (short.settlement.value or 0)
    rows = delivered(short.due_at, until).order_by("at", "pk").values_list("pk", "value")
    out: list[int] = []
    for pk, value in rows.iterator(chunk_size=500):
        if lacks <= 0 and worth <= 0:
            break
        out.append(pk)
        lacks, worth = lacks - 1, worth - value
    return out


def move(row: Obligation, late: Obligation, of: Calendars) -> bool:
    """Let a verdict fall due later because its lead came late; what it was stays readable. False: it is no later."""
    assert row.handoff is not None
    away = of.of(row.member_id, row.since)
    due = moved_verdict_due(row.handoff.version.terms, row.since, late.due_at, *away)
    if due <= row.due_at:
        return False
    row.was_due_at, row.due_at, row.late_by = row.due_at, due, late
    row.look_at = first_look(row, of)
    return True


def _moves(handoff: Handoff) -> bool:
    return handoff.version.terms.sales.late_moves


def move_late(deliveries: Iterable[int]) -> int:
    """Move what sales owes already for leads that these deliveries lacked; returns how many were moved."""
    moved: list[Obligation] = []
    still_owed = Obligation.objects.filter(kind=Obligation.Kind.VERDICT, late_by=None, open=True)
    if not still_owed.exists():
        return 0
    for late in Obligation.objects.filter(pk__in=deliveries).select_related("settlement"):
        if not _lacked(late):
            continue
        after = Obligation.objects.filter(kind=Obligation.Kind.DELIVERY, due_at__gt=late.due_at).order_by("due_at")
        ids = missing_then(late, after.values_list("due_at", flat=True).first())
        rows = still_owed.filter(handoff__in=ids)
        owed = list(rows.select_related("handoff__version").defer("handoff__version__document"))
        of = calendars((row.member_id for row in owed), (row.since for row in owed))
        moved += [row for row in owed if row.handoff and _moves(row.handoff) and move(row, late, of)]
    Obligation.objects.bulk_update(moved, ["due_at", "was_due_at", "late_by", "look_at"], batch_size=500)
    return len(moved)


def delivered(since: datetime, until: datetime | None) -> QuerySet[Handoff]:
    """What marketing handed over after one moment, up to another.

    What a seller took without being given it was no delivery, nor what went from one seller to the next. A lead that
    turned out to be one that somebody has already counts once.
    """
    rows = Handoff.objects.filter(at__gt=since, continues=None, the_merged=None).exclude(by=F("owner"))
    return rows.filter(at__lte=until) if until else rows


def _short(first: datetime, last: datetime) -> list[tuple[Obligation, datetime | None]]:
    """Deliveries that lacked leads and whose leads may have come between these moments; with when the next was due."""
    due = Obligation.objects.filter(kind=Obligation.Kind.DELIVERY, due_at__lt=last).select_related("settlement")
    before = due.filter(due_at__lte=first).order_by("-due_at").first()
    rows = list(due.filter(Q(due_at__gt=first) | Q(pk=before.pk if before else 0)).order_by("due_at"))
    ends = [*(row.due_at for row in rows[1:]), None]
    return [(row, until) for row, until in zip(rows, ends, strict=False) if _lacked(row)]


def _lacked(row: Obligation) -> bool:
    settled = getattr(row, "settlement", None)
    return bool(settled and not settled.kept and (settled.quantity < row.quantity or (settled.value or 0) < row.value))
