"""What is done about promises in time: a reminder before, the cause when one is broken, an escalation, at last another owner.

Reads   Obligation.look_at: each row says when something is to be done about it
Writes  Alert, Breach, Obligation.look_at; a handoff to somebody else, where the agreement says so
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tilth.core.alerts import BROKEN, ESCALATION, REASSIGNMENT, REMINDER, moments, next_look
from tilth.handoff.models import Handoff, Holding
from tilth.handoff.passing import reassign
from tilth.handoff.verbs import NobodyAvailable, Refused

from .breaking import breaches
from .calendars import Calendars, calendars
from .models import Alert, Breach, Obligation
from .settling import settle

BATCH = 1_000
ASK_AGAIN = timedelta(hours=1)
Kind = Obligation.Kind


def catch_up(now: datetime, person: int | None = None) -> int:
    """Look at what is to be looked at; returns how many promises. At most BATCH a call."""
    found = Obligation.objects.filter(look_at__lte=now).order_by("look_at", "pk")
    if person is not None:
        found = found.filter(handoff__person=person)
    rows = list(found.values_list("pk", "kind", "handoff__person")[:BATCH])
    if not rows:
        return 0
    silent = {who for _pk, kind, who in rows if kind == Kind.STATUS}
    if silent:  # whether something was heard is asked when it is due
        settle(silent, now)
    for pk in _look([pk for pk, _kind, _who in rows], now):
        _give_to_another(pk, now)
    return len(rows)


@transaction.atomic
def _look(ids: Sequence[int], now: datetime) -> list[int]:
    """Take every step that is due; returns the promises of which the lead goes to somebody else."""
    rows = list(
        Obligation.objects.select_for_update(of=("self",))
        .filter(pk__in=ids, look_at__lte=now)
        .select_related("handoff", "version", "member", "settlement", "breach")
        .defer("version__document")
        .prefetch_related("alerts")
        .order_by("pk")
    )
    of = calendars((row.member_id for row in rows), (row.due_at for row in rows))
    broken = [row for row in rows if _is_broken(row, now) and not hasattr(row, "breach")]
    Breach.objects.bulk_create(breaches(broken, now), ignore_conflicts=True)
    told, given = [], []
    for row in rows:
        steps = _steps(row, of, now)
        done = {alert.step for alert in row.alerts.all()}
        due = [step for step, at in steps.items() if at <= now and step not in done]
        told += [Alert(obligation=row, step=s, member=row.member, at=now) for s in due if s in (REMINDER, ESCALATION)]
        if REASSIGNMENT in due:
            given.append(row.pk)
        row.look_at = next_look(steps, done | set(due))
    Alert.objects.bulk_create(told, ignore_conflicts=True)
    Obligation.objects.filter(pk__in=[row.pk for row in rows if row.look_at is None]).update(look_at=None)
    Obligation.objects.bulk_update([row for row in rows if row.look_at], ["look_at"], batch_size=500)
    return given


def _is_broken(row: Obligation, now: datetime) -> bool:
    settled = getattr(row, "settlement", None)
    return row.due_at <= now if settled is None else not settled.kept and not settled.void


def _steps(row: Obligation, of: Calendars, now: datetime) -> dict[str, datetime]:
    """What is still to be done about a promise: nothing once it is settled; no reminder of what is late already.

    Only a lead that nobody contacted goes to somebody else: a conversation is not torn.
    """
    if not row.open or row.handoff is None:
        return {}
    terms = row.version.terms
    found = dict(moments(terms.sales, row.since, row.due_at, of.own(row.member_id, terms, row.due_at)))
    if found[BROKEN] <= now:
        found.pop(REMINDER, None)
    if row.kind != Kind.FIRST_CONTACT:
        found.pop(REASSIGNMENT, None)
    return found


@transaction.atomic
def _give_to_another(obligation: int, now: datetime) -> None:
    """The lead of a promise that was not kept for so long goes to somebody else, unless nobody is there or a deal is open."""
    row = Obligation.objects.select_related("handoff", "member").get(pk=obligation)
    handoff = row.handoff
    if handoff is None or not Holding.objects.filter(handoff=handoff).exists():
        return
    try:
        with transaction.atomic():
            reassign(Handoff.objects.select_related("version").get(pk=handoff.pk), None, now)
            Alert.objects.create(obligation=row, step=REASSIGNMENT, member=row.member, at=now)
    except NobodyAvailable:
        Obligation.objects.filter(pk=row.pk).update(look_at=now + ASK_AGAIN)
    except Refused:
        return
