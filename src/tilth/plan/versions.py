"""Trying a plan out beside the one in force: copy it, write in it, say something about it, propose it to both teams.

Whoever saves says which revision they began with: when somebody else saved in between, nothing is stored.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tilth.core.planned import Planned, read
from tilth.core.planning import Past
from tilth.journal.models import note
from tilth.team.models import Member

from .models import Goal, Refused, Remark, Settled, Stale

LONGEST = 2_000  # characters of a remark
LARGEST = 100_000  # of a document, as text


class Unkeepable(Refused):
    """No document of a plan, or a far too large one; or a remark without words."""


@transaction.atomic
def begin(document: Mapping[str, Any], past: Past, by: Member | None, now: datetime, name: str = "") -> Goal:
    """A new scenario from a document, which must be sound.

    raises     core.planning.Unsound, Unkeepable
    """
    planned = read(document, past)
    row = Goal(set_by=by, set_at=now, scenario=True)
    _write(row, document, planned, name)
    row.save()
    note("began plan", row, now, by)
    return row


@transaction.atomic
def copy(goal: Goal, by: Member, now: datetime, name: str = "", why: str = "") -> Goal:
    """A scenario that says the same as a plan or another scenario, to change it: the way to revise what is signed."""
    row = Goal.objects.create(
        amount=goal.amount, currency=goal.currency, basis=goal.basis, first=goal.first, last=goal.last, set_by=by, set_at=now,
        name=name[:120] or _("Copy of %(name)s") % {"name": str(goal)[:100]}, document=goal.document, scenario=True,
        based_on=goal, why=why.strip()[:300],
    )  # fmt: skip
    note("copied plan", row, now, by, of=goal.pk)
    return row


@transaction.atomic
def save(
    goal: Goal,
    document: Mapping[str, Any],
    past: Past,
    revision: int,
    by: Member,
    now: datetime,
    name: str = "",
    why: str | None = None,
) -> Goal:
    """Store what was written in a scenario; it must be sound.

    revision   the one that the writer began with
    returns    the scenario as it is stored now
    raises     core.planning.Unsound, Settled, Stale, Unkeepable; then nothing is stored
    """
    planned = read(document, past)
    row = _scenario(goal)
    if row.revision != revision:
        raise Stale(_("Somebody else changed this scenario meanwhile. Open it again; what you typed is still here."))
    _write(row, document, planned, name or row.name)
    row.why = row.why if why is None else why.strip()[:300]
    row.revision += 1
    row.set_at, row.set_by = now, by
    row.save()
    return row


@transaction.atomic
def propose(goal: Goal, past: Past, by: Member, now: datetime, today: date) -> Goal:
    """Make a scenario a plan, to be signed by both teams: from now on it does not change.

    raises     core.planning.Unsound, Settled
    """
    row = _scenario(goal)
    read(row.told(), past, today)
    row.scenario, row.set_at, row.set_by = False, now, by
    row.save(update_fields=["scenario", "set_at", "set_by"])
    note("set goal", row, now, by, amount=row.amount, currency=row.currency)
    return row


@transaction.atomic
def throw_away(goal: Goal, by: Member, now: datetime) -> None:
    """raises     Settled"""
    row = _scenario(goal)
    row.thrown_away_at = now
    row.save(update_fields=["thrown_away_at"])
    note("threw away plan", row, now, by)


@transaction.atomic
def bring_back(goal: Goal, by: Member, now: datetime) -> None:
    """The undo of throwing away."""
    if Goal.objects.filter(pk=goal.pk, thrown_away_at__isnull=False).update(thrown_away_at=None):
        note("brought back plan", goal, now, by)


def remark(goal: Goal, text: str, by: Member, now: datetime) -> Remark:
    """Say something about a plan before it is signed.

    raises     Settled, Unkeepable
    """
    said = text.replace("\0", "").strip()
    if not said or len(said) > LONGEST:
        raise Unkeepable(_("Write what you want to say, in at most %(n)s characters.") % {"n": LONGEST})
    with transaction.atomic():
        row = Goal.objects.select_for_update().get(pk=goal.pk)
        if row.is_signed or row.thrown_away_at:
            raise Settled(_("This plan is settled. Copy it to change something."))
        return Remark.objects.create(goal=row, text=said, by=by, at=now)


def close(row: Remark, by: Member, now: datetime) -> None:
    """Say that a remark is settled."""
    Remark.objects.filter(pk=row.pk, closed_at=None).update(closed_at=now, closed_by=by)


def _scenario(goal: Goal) -> Goal:
    """The stored row, held until the end of the transaction. Raises Settled when it is no scenario any more."""
    row = Goal.objects.select_for_update(of=("self",)).get(pk=goal.pk)
    if row.thrown_away_at is not None:
        raise Settled(_("This scenario was thrown away."))
    if not row.scenario:
        raise Settled(_("This plan was proposed to both teams. Copy it to change something."))
    return row


def _write(row: Goal, document: Mapping[str, Any], planned: Planned, name: str) -> None:
    """The document as it is kept, and what of it stands in columns."""
    try:
        text = json.dumps(dict(document), ensure_ascii=False, allow_nan=False, default=str)
    except ValueError as e:
        raise Unkeepable(_("This holds something that no database keeps.")) from e
    if len(text) > LARGEST or "\\u0000" in text:
        raise Unkeepable(_("This is more than a plan can be."))
    sheet = planned.sheet
    row.document, row.name = json.loads(text), (name or str(document.get("name") or "")).strip()[:120]
    row.amount, row.currency, row.basis = int(sheet.goal), sheet.currency, sheet.basis
    row.first, row.last = sheet.first, sheet.last
