"""Rules of routing tried out before they go live: who would have got the leads of the last weeks under a draft (B5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from tilth.agreement.models import Draft
from tilth.core.agreement import read
from tilth.core.clauses.reader import Unsound
from tilth.core.routing import Nobody
from tilth.handoff.models import Handoff
from tilth.handoff.replay import MOST, Past, Replayed, counts, past, replay
from tilth.web import shell, why
from tilth.web.access import members

from .versions import WRITERS

WEEKS = 4
SHOWN = 50


@dataclass(frozen=True)
class Share:
    """What one colleague got, and would have got under the running rules and under the draft."""

    name: str
    had: int
    now: int
    then: int


@dataclass(frozen=True)
class Moved:
    """A lead that the draft gives to somebody else than the running rules do."""

    handoff: Handoff
    now: str
    then: str
    because: str


@members(*WRITERS)
def routed(request: HttpRequest, pk: int) -> HttpResponse:
    draft, here = get_object_or_404(Draft, pk=pk), shell.of(request)
    context: dict[str, Any] = {"draft": draft, "weeks": WEEKS, "most": MOST}
    try:
        terms = read(draft.document)
    except Unsound as e:
        context["faults"] = len(e.faults)
        return render(request, "agreement/routed.html", context)
    if here.terms:
        before = past(here.now - timedelta(weeks=WEEKS), here.now)
        context |= _compared(before, replay(here.terms, before), replay(terms, before))
    return render(request, "agreement/routed.html", context)


def _compared(before: Past, now: Sequence[Replayed], then: Sequence[Replayed]) -> dict[str, Any]:
    names = {m.pk: m.name for m in before.members} | {h.owner_id: h.owner.name for h in before.handoffs}
    moved = [_moved(a, b, names) for a, b in zip(now, then, strict=True) if a.owner != b.owner]
    return {
        "leads": len(before.handoffs),
        "shares": _shares(before, now, then, names),
        "moved": moved[:SHOWN],
        "moved_n": len(moved),
        "nobody": sum(row.owner is None for row in then),
        "nobody_now": sum(row.owner is None for row in now),
    }


def _shares(before: Past, now: Sequence[Replayed], then: Sequence[Replayed], names: dict[int, str]) -> list[Share]:
    """The most under the draft first; nobody comes last."""
    had: dict[int | None, int] = {}
    for handoff in before.handoffs:
        had[handoff.owner_id] = had.get(handoff.owner_id, 0) + 1
    under, draft = counts(now), counts(then)
    order = sorted(names, key=lambda pk: (-draft[pk], -under[pk], names[pk]))
    rows = [Share(names[pk], had.get(pk, 0), under[pk], draft[pk]) for pk in order]
    if under[None] or draft[None]:
        rows.append(Share(_("nobody: it would have waited"), 0, under[None], draft[None]))
    return rows


def _moved(now: Replayed, then: Replayed, names: dict[int, str]) -> Moved:
    return Moved(now.handoff, _name(now, names), _name(then, names), _because(then, names))


def _name(row: Replayed, names: dict[int, str]) -> str:
    return names[row.owner] if row.owner is not None else _("nobody")


def _because(row: Replayed, names: dict[int, str]) -> str:
    told = row.found.why
    pool = str(told.get("say", ""))
    if isinstance(row.found, Nobody):
        return _("nobody of “%(pool)s” was there") % {"pool": pool} if pool else _("no pool takes it")
    said = why.rule(told, names[row.found.owner])
    return f"{said}, {pool}" if pool else said
