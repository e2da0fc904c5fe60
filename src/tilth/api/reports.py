"""Reports for programs, as JSON: read-only, for a member who is signed in or whose token is shown.

A report that is being worked out is answered with 202 and when to ask again; a wrong question with what may be chosen.
Source: docs/api.md
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tilth.agreement.models import house_zone, running
from tilth.insight import kept, plain
from tilth.insight.choice import Unknown, forgiving, strict
from tilth.insight.reports import REPORTS
from tilth.team import tokens
from tilth.team.models import Member

from .pace import Pace

RATE = 5  # questions a second that one member may ask for long
SOON = 2  # seconds until something may have been worked out
PACE = Pace()
View = Callable[..., JsonResponse]


def for_members(view: View) -> View:
    """Only for members and their programs, and not too fast; `now` and their firm's zone are given along."""

    @wraps(view)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        now = datetime.now(UTC)
        member = _who(request, now)
        if member is None:
            return trouble(
                401, "unauthorized", "Show a token: Authorization: Bearer tilth_…", **{"WWW-Authenticate": "Bearer"}
            )
        if wait := PACE.wait((member.pk, "reports"), RATE, time.monotonic()):
            return trouble(429, "too_fast", "Ask more slowly.", **{"Retry-After": str(ceil(wait))})
        zone = house_zone(running(now))
        with timezone.override(zone):
            return view(request, *args, now=now, zone=zone, **kwargs)

    inside.roles = ()  # type: ignore[attr-defined]
    return inside


@require_safe
@for_members
def listed(request: HttpRequest, now: datetime, zone: ZoneInfo) -> JsonResponse:
    """What there is, and what each can be asked by."""
    day = now.astimezone(zone).date()
    rows = [
        {"address": _address(name), **plain.headed(forgiving(report, {}, day, zone))}
        for name, report in REPORTS.items()
    ]
    return JsonResponse({"reports": rows})


@require_safe
@for_members
def shown(request: HttpRequest, name: str, now: datetime, zone: ZoneInfo) -> JsonResponse:
    if name not in REPORTS:
        return trouble(404, "not_found", f"There is no such report. There are: {', '.join(REPORTS)}.")
    told = request.GET.dict()
    try:
        choice = strict(REPORTS[name], told, now.astimezone(zone).date(), zone)
    except Unknown as why:
        return trouble(400, "cannot_be_chosen", str(why))
    row = kept.ask(choice.report, choice.chosen, now)
    result = kept.result_of(row)
    if result is not None and row.as_of is not None:
        return JsonResponse(plain.told(choice, result, row.as_of, row.version, row.generation))
    if row.why:
        return trouble(503, "failed", f"It could not be worked out: {row.why}", **{"Retry-After": "60"})
    waiting = {"code": "being_worked_out", "message": f"Ask again in {SOON} seconds."}
    return JsonResponse(waiting, status=202, headers={"Retry-After": str(SOON)})


def _who(request: HttpRequest, now: datetime) -> Member | None:
    """The member whose token is shown, else who is signed in; a token that opens nothing never falls back on a session."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if kind:
        return tokens.whose(secret.strip(), now) if kind.lower() == "bearer" else None
    return request.user if isinstance(request.user, Member) else None


def _address(name: str) -> str:
    return f"{settings.ADDRESS}/api/reports/{name}/"


def trouble(status: int, code: str, message: str, **headers: str) -> JsonResponse:
    return JsonResponse({"code": code, "message": message}, status=status, headers=headers)
