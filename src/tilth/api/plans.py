"""The plan for programs: the one in force, or any document worked out without being stored. Source: docs/api.md"""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tilth.core.plan import NoPlan
from tilth.core.planned import read
from tilth.core.planning import Past, Unsound
from tilth.insight.period import Period
from tilth.insight.progress import progress
from tilth.plan.models import Goal, current
from tilth.plan.past import known
from tilth.plan.told import chance_of, told

from .reports import for_members, trouble

LARGEST = 200_000  # bytes of a document


@csrf_exempt  # a document is worked out and thrown away: whoever is signed in loses nothing by it
@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def plan(request: HttpRequest, now: datetime, zone: ZoneInfo) -> JsonResponse:
    today = now.astimezone(zone).date()
    if request.method == "POST":
        try:
            document = json.loads(request.body) if len(request.body) <= LARGEST else None
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            return trouble(400, "not_a_plan", "Send a plan as a JSON object, of at most 200,000 bytes.")
        return _worked_out(document, known(now).past, today, 0)
    goal = current(today)
    if goal is None:
        return JsonResponse({"goal": None, "message": "There is no goal for today."})
    return _in_force(goal, now, today, zone)


def _in_force(goal: Goal, now: datetime, today: Any, zone: ZoneInfo) -> JsonResponse:
    won = progress(Period(goal.first, goal.last, zone), goal.currency).amount
    signed = sorted(goal.signatures.values_list("team", flat=True))
    return _worked_out(goal.told(), known(now, goal.first).past, today, won, id=goal.pk, name=str(goal), signed=signed)


def _worked_out(document: dict[str, Any], past: Past, today: Any, won: int, **beside: Any) -> JsonResponse:
    try:
        planned = read(document, past)
    except Unsound as why:
        return JsonResponse({"code": "unsound", "message": str(why), "errors": why.errors}, status=422)
    try:
        chance = chance_of(planned, today, won)
    except NoPlan:
        chance = None  # its period is over
    return JsonResponse(beside | told(planned, today, chance, won))
