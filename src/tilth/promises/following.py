"""What is owed because of what became of a handoff: of an accepted lead to be heard again and again (R44), of a returned one a
second look by the reviewer (R46). Undone, what it made somebody owe goes with it.

Writes  Obligation
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from tilth.core.promises import Settled, Silence, review_due, silences, status_due
from tilth.handoff.court import reviewer
from tilth.handoff.models import Handoff
from tilth.team.models import Member, Role

from .calendars import Calendars, calendars, first_look
from .course import Course
from .models import Obligation

Kind = Obligation.Kind
Key = tuple[str, int | None, datetime]


def follow(
    handoffs: Sequence[Handoff], rows: Sequence[Obligation], of: Mapping[int, Course], now: datetime
) -> tuple[list[Obligation], dict[int, Settled | None], int]:
    """Bring what follows in line with what happened. Inside a transaction in which `rows` are locked.

    rows      all that is owed about these handoffs
    returns   all that is owed now; how those of STATUS stand, by id; how many rows came or went
    """
    reviewers = _reviewers(handoffs, of)
    who = [*(h.owner_id for h in handoffs), *(m.pk for m in reviewers.values())]
    clocks = calendars(who, [*(h.at for h in handoffs), now])
    have = {_key(row): row for row in rows if row.kind in (Kind.STATUS, Kind.REVIEW)}
    told = {h.pk: _silences(h, of[h.pk], have, clocks, now) for h in handoffs if of[h.pk].accepted}
    wanted = {_key(row): row for h in handoffs for row in _wanted(h, of[h.pk], told.get(h.pk, ()), reviewers, clocks)}
    gone = {row.pk for key, row in have.items() if key not in wanted}
    new = [row for key, row in wanted.items() if key not in have]
    _store(gone, new, clocks)
    kept = [row for row in rows if row.pk not in gone] + new
    ends = {(h, one.since): one.settled for h, ones in told.items() for one in ones}
    silent = {row.pk: ends[row.handoff_id, row.since] for row in kept if row.kind == Kind.STATUS and row.handoff_id}
    return kept, silent, len(gone) + len(new)


def _store(gone: Iterable[int], new: Sequence[Obligation], clocks: Calendars) -> None:
    if gone:
        Obligation.objects.filter(pk__in=gone).delete()
    for row in new:
        row.look_at = first_look(row, clocks)
        row._state.fields_cache["settlement"] = None  # so that nobody asks the database, row by row
    Obligation.objects.bulk_create(new)


def _silences(
    handoff: Handoff, course: Course, have: Mapping[Key, Obligation], clocks: Calendars, now: datetime
) -> list[Silence]:
    """By when something had to be heard, as it was promised then: what became of absences since does not move it."""
    assert course.accepted is not None

    def due_after(at: datetime) -> datetime:
        stored = have.get((Kind.STATUS, handoff.pk, at))
        return stored.due_at if stored else status_due(handoff.version.terms, at, *clocks.of(handoff.owner_id, at))

    void = course.gone is not None
    return silences(course.accepted.at, course.heard, course.ended, now, due_after, void)


def _wanted(
    handoff: Handoff, course: Course, silent: Iterable[Silence], reviewers: Mapping[str, Member], clocks: Calendars
) -> list[Obligation]:
    out = [_row(Kind.STATUS, handoff, "sales", handoff.owner_id, one.since, one.due) for one in silent]
    if course.returned:
        terms, at = handoff.version.terms, course.returned.at
        who = reviewers.get(terms.review.reviewer)
        member, team = (who.pk, who.role) if who else (None, Role.MANAGER.value)
        if due := review_due(terms, at, *clocks.of(member, at)):
            out.append(_row(Kind.REVIEW, handoff, team, member, at, due))
    return out


def _row(kind: str, handoff: Handoff, debtor: str, member: int | None, since: datetime, due: datetime) -> Obligation:
    return Obligation(
        kind=kind, debtor=debtor, member_id=member, handoff=handoff, version=handoff.version, since=since, due_at=due
    )


def _reviewers(handoffs: Iterable[Handoff], of: Mapping[int, Course]) -> dict[str, Member]:
    """Who reviews what was returned, by the address that the agreement names; as the court itself finds them."""
    named = {h.version.terms.review.reviewer: h.version.terms for h in handoffs if of[h.pk].returned}
    return {email: who for email, terms in named.items() if (who := reviewer(terms))}


def _key(row: Obligation) -> Key:
    return row.kind, row.handoff_id, row.since
