"""What follows while somebody types or moves a slider, and the chance of a plan.

NumPy is loaded here, by who first asks for a chance; no other page takes it (docs/decisions/plan.md).
"""

from collections import Counter
from contextlib import suppress
from datetime import date
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.core import figures
from tilth.core.plan import NoPlan
from tilth.core.planned import Planned, Row, added, read, row_of
from tilth.core.planning import Unsound
from tilth.insight.period import Period
from tilth.insight.progress import progress
from tilth.plan.models import Goal
from tilth.plan.past import known
from tilth.plan.told import QUANTILES, SEED
from tilth.team.models import Member, Role
from tilth.web import charts, shell, words
from tilth.web.access import members
from tilth.web.shell import Shell

from . import drawn
from .page import goal_or_404, opened, today_of
from .shown import Shown
from .typed import document_of, told

YEARS = 10_000  # of the page; each night takes more
TYPING = 5_000  # while somebody types or moves a slider
ENDS = (0.002, 0.998)
MEDIA = 10_000  # whole units of money
WHO = {"leads": "marketing", "swap": "marketing", "win": "sales", "faster": "sales", "hours": "sales"}


@members()
@require_POST
def follows(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """What follows from what is typed now; nothing is stored."""
    here = shell.of(request)
    if pk is None:
        found, document = known(here.now), document_of(request.POST, here.currency)
        if not document.get("goal"):
            return HttpResponse("")  # nobody has begun to type
        try:
            planned = read(document, found.past, today_of(here))
        except Unsound as why:
            return render(request, "plan/_wrong.html", {"problems": told(why.errors, document)})
        return render(request, "plan/_chain.html", {"shown": Shown(planned, today_of(here))})
    goal = goal_or_404(pk)
    tried = opened(goal, here, document_of(request.POST, goal.currency))
    if tried.planned is None:
        return render(request, "plan/_wrong.html", {"problems": tried.wrong})
    context = {"goal": goal, "shown": Shown(tried.planned, today_of(here))} | _chance(
        tried.planned, goal, here, won_of(goal, here), TYPING
    )
    return render(request, "plan/_follows.html", context)


@members()
def chance(request: HttpRequest, pk: int) -> HttpResponse:
    """The chance of a plan as it is stored, and what would help."""
    here, goal = shell.of(request), goal_or_404(pk)
    found = opened(goal, here)
    if found.planned is None:
        return HttpResponse("")
    won = won_of(goal, here)
    context = {"goal": goal} | _chance(found.planned, goal, here, won)
    if "short" in request.GET:
        return HttpResponse(words.percent(context["chance"]) if "chance" in context else "–")
    if "chance" in context:
        today = today_of(here)
        with suppress(NoPlan):  # more of what is as much as can be counted with already
            context["levers"] = _levers(found.planned, today, won, context["chance"])
            context["more"] = _more(found.planned, today, won)
    return render(request, "plan/_chance.html", context)


@members()
@require_POST
def mix(request: HttpRequest, pk: int) -> HttpResponse:
    """What another split brings: leads of each kind a week, by the sliders."""
    here, goal = shell.of(request), goal_or_404(pk)
    found = opened(goal, here)
    if found.planned is None:
        return HttpResponse("")
    rows = _rows(found.planned, request.POST)
    weeks, total = len(found.planned.weeks), added("", rows)
    room = found.planned.room
    context = {
        "goal": goal, "leads": float(total.leads) / weeks, "value": float(total.revenue) / weeks, "hours": float(total.hours) / weeks,
        "room": None if room is None else float(room) / weeks,
    } | _chance(found.planned, goal, here, won_of(goal, here), TYPING, rows)  # fmt: skip
    return render(request, "plan/_mixed.html", context)


def _rows(planned: Planned, typed: Any) -> tuple[Row, ...]:
    """Leads of the whole period from those a week; what cannot be read is what the plan says."""
    out = []
    for i, (way, row) in enumerate(zip(planned.sheet.ways, planned.rows, strict=True)):
        try:
            a_week = Fraction(min(max(float(typed.get(f"week.{i}", "")), 0.0), 1e6)).limit_denominator(1000)
            out.append(row_of(way, a_week * len(planned.weeks)))
        except (ValueError, OverflowError):
            out.append(row)
    return tuple(out)


def won_of(goal: Goal, here: Shell) -> int:
    """Revenue won in the period so far, minor units."""
    return progress(Period(goal.first, goal.last, here.zone), goal.currency).amount


def _chance(
    planned: Planned, goal: Goal, here: Shell, won: int, years: int = YEARS, rows: tuple[Row, ...] | None = None
) -> dict[str, Any]:
    """The chance with its drawing; or why there is none.

    rows     another split than that of the plan
    """
    from tilth.core import forecast

    try:
        found = forecast.told(planned, today_of(here), SEED, won, years, rows)
    except NoPlan as why:
        return {"no_chance": str(why)}
    currency, goal_at = goal.currency, float(planned.sheet.revenue)
    first, last = (found.quantile(q) + won for q in ENDS)
    told_of = {name: words.compact(found.quantile(q) + won, currency) for name, q in QUANTILES.items()}
    label = _("Chance of the goal: %(chance)s. Likely between %(low)s and %(high)s.") % {
        **told_of,
        "chance": words.percent(found.chance),
    }
    drawing = ""
    if last > first:
        counts = _counts(found.revenue + won, first, last)
        drawing = str(drawn.distribution(counts, first, last, goal_at, currency, label))
    parts = sorted(((share, *who) for who, share in found.parts.items() if share >= 0.01), reverse=True)
    return {
        "chance": found.chance, "error": found.error, "likely": told_of, "distribution": drawing,
        "parts": [{"share": share, "said": _part(kind, name)} for share, kind, name in parts[:5]], "won": won, "years": years,
    }  # fmt: skip


def _counts(revenue: Any, first: float, last: float) -> list[int]:
    import numpy as np

    counts, _edges = np.histogram(revenue, bins=drawn.BINS, range=(first, last))
    return [int(n) for n in counts]


def _part(kind: str, name: str) -> str:
    """What of the spread comes from where, in words."""
    if name == "luck":
        return _("luck: who happens to buy, and for how much")
    if name == "hours":
        return _("how many hours sales really has")
    said = {
        "leads": _("%(kind)s: how many come"),
        "rate": _("%(kind)s: how many buy"),
        "value": _("%(kind)s: what a sale brings"),
    }
    return said[name] % {"kind": kind}


def _levers(planned: Planned, today: date, won: int, now: float) -> list[dict[str, Any]]:
    """What would help, each by itself; `now` is the chance without any of it."""
    from tilth.core import forecast

    rows = forecast.levers(planned, today, SEED, won, YEARS)
    few = [lever for lever in rows if lever.name != "leads"] + [lever for lever in rows if lever.name == "leads"][:3]
    return [
        {
            "said": _lever(lever), "chance": lever.chance, "hours": lever.hours, "who": WHO[lever.name],
            "meter": charts.meter([(min(now, lever.chance), "leaf-3"), (max(lever.chance - now, 0.0), "leaf")], words.percent(lever.chance)),
        }
        for lever in sorted(few, key=lambda one: -one.chance)
    ]  # fmt: skip


def _more(planned: Planned, today: date, won: int) -> list[dict[str, Any]]:
    """What one more salesperson, marketer, and so much more media would bring."""
    from tilth.core import forecast

    people = Counter(Member.objects.filter(is_active=True).values_list("role", flat=True))
    currency = planned.sheet.currency
    media = MEDIA * 10 ** figures.DIGITS.get(currency, 2)
    rows = forecast.more(planned, today, SEED, people[Role.SALES], people[Role.MARKETING], media, won, YEARS)
    said = {
        "salesperson": _("One more salesperson, with %(by)s hours a week for new leads"), "marketer": _("One more marketer, with %(by)s leads a week"),
        "media": _("%(money)s more in media, for %(by)s leads"),
    }  # fmt: skip
    money = words.money(media, currency)
    return [
        {"said": said[one.what] % {"by": words.number(one.by, 1), "money": money}, "gain": one.gain, "who": "sales" if one.what == "salesperson" else "marketing"}
        for one in rows
    ]  # fmt: skip


def _lever(lever: Any) -> str:
    by = words.number(lever.by, 1)
    match lever.name:
        case "leads":
            return _("%(by)s more of %(kind)s a week") % {"by": by, "kind": lever.kind}
        case "swap":
            return _("%(by)s more of %(kind)s a week instead of %(fewer)s of %(other)s") % {
                "by": by, "kind": lever.kind, "fewer": words.number(lever.instead[1], 1), "other": lever.instead[0],
            }  # fmt: skip
        case "win":
            return _("Of ten who buy, eleven do")
        case "faster":
            return _("Two weeks faster from lead to sale")
        case _:
            return _("%(by)s more hours of sales a week") % {"by": by}
