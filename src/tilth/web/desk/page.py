"""Everything that waits for somebody to say whose it is; the oldest first, for nothing ages out (R34, B5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.core.routing import Nobody, Routing, Seller
from tilth.handoff.leaving import left_behind
from tilth.handoff.models import Holding
from tilth.handoff.passing import passes_on
from tilth.handoff.routing import propose, sellers
from tilth.qualify.models import SALES_LATE, Ripe
from tilth.team.models import Member, Role
from tilth.web import shell, why
from tilth.web.access import members
from tilth.web.alarm import alarm

SHOWN = 25
SEES = (Role.MARKETING, Role.SALES, Role.MANAGER)


@dataclass(frozen=True)
class Waiting:
    """A lead at the desk, with whom routing proposes; None when nobody is there, and then why not."""

    ripe: Ripe
    owner: Seller | None
    because: str
    lines: list[why.Line]
    pool: str


@members(*SEES)
def desk(request: HttpRequest) -> HttpResponse:
    here = shell.of(request)
    team = sellers(here.terms, here.now) if here.terms else []
    context: dict[str, Any] = {
        "alarm": alarm(here),
        "may": passes_on(here.me, here.version),
        "routes": here.terms.routing if here.terms else None,
        "waiting": _waiting(here, team),
        "waiting_n": waiting().count(),
        "team": _team(team),
        "left": _left(here)[:SHOWN],
        "selling": [s for s in team if not s.away],
        "away": [s for s in team if s.away],
    }
    return render(request, "desk/desk.html", context)


def waiting() -> QuerySet[Ripe]:
    """What waits for an owner, the oldest first."""
    return Ripe.objects.filter(waits_for__in=SALES_LATE).order_by("since", "pk")


def shown() -> QuerySet[Ripe]:
    """The rows of the page, with what is said of them."""
    rows = waiting().select_related("person__company", "person__standing")
    return rows.prefetch_related("person__emails", "person__phones")[:SHOWN]


def _waiting(here: shell.Shell, team: list[Seller]) -> list[Waiting]:
    rows = list(shown())
    if here.version is None or not rows:
        return []
    found = propose([ripe.person for ripe in rows], here.version, here.now)
    by_id = {seller.id: seller for seller in team}
    return [_row(ripe, found[ripe.pk], by_id) for ripe in rows]


def _row(ripe: Ripe, found: Routing | Nobody, team: Mapping[int, Seller]) -> Waiting:
    lines, pool = why.lines(found.why), str(found.why.get("say", ""))
    if isinstance(found, Nobody):
        return Waiting(ripe, None, "", lines, pool)
    owner = team[found.owner]
    return Waiting(ripe, owner, why.rule(found.why, owner.name), lines, pool)


def _team(team: list[Seller]) -> list[dict[str, Any]]:
    """Who is there today, how much of a turn they get, and how much they hold."""
    held = dict(Member.objects.filter(pk__in=[s.id for s in team]).annotate(n=Count("holdings")).values_list("pk", "n"))
    names = {s.id: s.name for s in team}
    return [
        {
            "seller": s,
            "why": why.TODAY.get(s.away, s.away) if s.away else "",
            "stand_in": names.get(s.stand_in or 0, ""),
            "held": held.get(s.id, 0),
        }
        for s in sorted(team, key=lambda s: (bool(s.away), s.name))
    ]


def _left(here: shell.Shell) -> QuerySet[Holding]:
    """Leads with an open deal whose owner is gone."""
    if here.version is None:
        return Holding.objects.none()
    rows = left_behind(here.version, here.now).filter(open_deals__gt=0)
    return rows.select_related("person__company", "owner", "handoff").order_by("since", "pk")
