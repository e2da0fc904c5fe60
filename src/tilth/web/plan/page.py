"""The plan in force, any other plan or scenario, and beginning a new one with three numbers."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from tilth.core.pace import pace
from tilth.core.plan import whole
from tilth.core.planned import Planned, read
from tilth.core.planning import USUAL, Unsound, Way
from tilth.plan import outlooks, versions
from tilth.plan.arrived import arrived
from tilth.plan.models import TEAMS, Goal, Refused, current, earlier, waiting
from tilth.plan.past import Known, known
from tilth.web import answer, shell, typed, words
from tilth.web.access import members
from tilth.web.shell import Shell

from . import drawn, plan_b
from .plan_b import SETTERS
from .realism import realism_of
from .shown import Shown, amount_of_history
from .typed import POINT_TITLES, TITLES, document_of, told

COLUMNS = ("share", "lead_rate", "to_sql", "to_won", "sale_rate", "value", "hours", "cost", "most", "days")
BECAUSE = {
    outlooks.HAPPENED: _lazy("what was won and what came in"), "leads": _lazy("how many leads are planned"), "rates": _lazy("how many buy"),
    "values": _lazy("what a sale brings"), "delays": _lazy("how long sales take"), "hours": _lazy("the hours of sales"),
    "goal": _lazy("the goal"), "kinds": _lazy("other conversion points"),
}  # fmt: skip
DAYS = 120  # of the chance that are drawn
SPARE = 1  # empty lines for another conversion point


@dataclass(frozen=True)
class Opened:
    """A plan with its numbers: `planned` is None while something is lacking, and `wrong` says what."""

    goal: Goal
    known: Known
    document: dict[str, Any]
    planned: Planned | None
    wrong: list[dict[str, str]]


def today_of(here: Shell) -> date:
    return here.now.astimezone(here.zone).date()


def opened(goal: Goal, here: Shell, document: dict[str, Any] | None = None) -> Opened:
    """A plan as it is stored, or as it was typed."""
    found = known(here.now, goal.first)
    told_of = goal.told() if document is None else document
    try:
        return Opened(goal, found, told_of, read(told_of, found.of(goal.currency)), [])
    except Unsound as why:
        return Opened(goal, found, told_of, None, told(why.errors, told_of))


def goal_or_404(pk: int) -> Goal:
    goal = Goal.objects.filter(pk=pk).select_related("set_by", "based_on").prefetch_related("signatures").first()
    if goal is None:
        raise Http404
    return goal


@members()
def current_plan(request: HttpRequest) -> HttpResponse:
    """The plan in force; before it begins, the next one; else an invitation to make one."""
    here = shell.of(request)
    today = today_of(here)
    goal = current(today) or Goal.objects.proposed().filter(first__gt=today).order_by("first", "-set_at").first()
    if goal is None:
        return render(
            request, "plan/none.html", {"may_set": here.me.role in SETTERS, "scenarios": Goal.objects.scenarios()[:20]}
        )
    return _page(request, here, goal_or_404(goal.pk))


@members()
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Any plan; a scenario can be written in, and is saved here."""
    here, goal = shell.of(request), goal_or_404(pk)
    if request.method != "POST":
        return _page(request, here, goal)
    if here.me.role not in SETTERS:
        raise Http404
    document = document_of(request.POST, goal.currency)
    tried = opened(goal, here, document)
    if tried.planned is None:
        return _page(request, here, goal, tried, 422)
    try:
        past = tried.planned.past
        versions.save(
            goal,
            document,
            past,
            int(request.POST.get("revision") or 0),
            here.me,
            here.now,
            request.POST.get("name", "")[:120],
            request.POST.get("why"),
        )
    except (Refused, ValueError) as why:
        answer.refused(request, why)
        return _page(request, here, goal, tried, 409)
    answer.said(request, _("Saved."))
    return redirect("plan", pk)


def _page(
    request: HttpRequest, here: Shell, goal: Goal, tried: Opened | None = None, status: int = 200
) -> HttpResponse:
    today, found = today_of(here), tried or opened(goal, here)
    may_set = here.me.role in SETTERS
    signed = {s.team: s for s in goal.signatures.all()}
    writes = goal.scenario and goal.thrown_away_at is None and may_set
    context: dict[str, Any] = {
        "goal": goal, "writes": writes, "may_set": may_set, "as_of": found.known.as_of,
        "shown": Shown(found.planned, today) if found.planned else None,
        "wrong": {one["at"]: one["why"] for one in found.wrong}, "problems": found.wrong,
        "sides": [{"team": t, "signature": signed.get(t), "may_sign": not goal.scenario and t not in signed and here.me.may_sign_for(t)} for t in TEAMS],
        "scenarios": Goal.objects.scenarios().exclude(pk=goal.pk).select_related("set_by")[:20],
        "waiting": [row for row in waiting(today) if row.pk != goal.pk], "earlier": earlier(goal), "in_force": current(today),
        "remarks": goal.remarks.select_related("by", "closed_by").order_by("at", "pk"),
        "fields": _fields(found) if writes else None, "titles": TITLES, "point_titles": POINT_TITLES, "columns": COLUMNS,
        "pins": {"leads": _("Leads that we can get"), "hours": _("Hours that sales has"), "visitors": _("Visitors that come")},
        "why_title": _("Why, in a sentence"), "course": _course(goal), "plan_b": None if goal.scenario else plan_b.shown(goal, here.now),
    }  # fmt: skip
    if found.planned:
        runs = goal.first <= today and not goal.scenario
        now_at = pace(found.planned, arrived(goal, here.zone), today) if runs else None
        context["target_chart"] = context["shown"].target_chart(_before(context["earlier"], goal, here), now_at)
        context["pace"] = now_at and {
            "said": context["shown"].pace_said(now_at),
            "rooms": now_at.rooms if goal.last >= today else (),
        }
        context["realism"] = realism_of(goal, found.planned, here) if not goal.scenario else None
    return render(request, "plan/plan.html", context, status=status)


def _course(goal: Goal) -> dict[str, Any] | None:
    """How the chance went from day to day, and why it moved; None before there are two days."""
    rows = list(goal.outlooks.order_by("-day")[:DAYS].values_list("day", "chance"))[::-1]
    if len(rows) < 2:
        return None
    found = outlooks.moved(goal)
    said = ""
    if found:
        reasons = ", ".join(f"{BECAUSE[name]} {words.points(by)}" for name, by in found.because)
        values = {
            "was": words.percent(found.was), "now": words.percent(found.now), "day": date_format(found.since, "l j F"), "because": reasons,
        }  # fmt: skip
        said = (
            _("%(was)s → %(now)s since %(day)s, because: %(because)s.") % values
            if reasons
            else _("%(was)s → %(now)s since %(day)s.") % values
        )
    return {"chart": drawn.course(rows), "said": said}


def _before(rows: list[Goal], goal: Goal, here: Shell) -> list[tuple[str, Shown]]:
    """The plans that this one replaced, as far as their numbers can be told."""
    found = [(str(row), opened(row, here).planned) for row in rows if row.currency == goal.currency]
    return [(name, Shown(planned, today_of(here))) for name, planned in found if planned][-2:]


def _fields(found: Opened) -> dict[str, Any]:
    """What stands in the fields: what was typed, and beside it what counts where nothing was."""
    document, wrong = found.document, {one["at"]: one["why"] for one in found.wrong}
    points = [dict(point) for point in document.get("points") or []]
    if not points and found.planned:  # those of our history: named, so that they stay
        points = [{"key": way.key, "name": way.name} for way in found.planned.sheet.ways]
    ways = found.planned.sheet.ways if found.planned else ()
    rows = []
    for i, point in enumerate([*points, *({} for _n in range(SPARE))]):
        way = ways[i] if i < len(ways) else None
        rows.append(
            {
                "i": i,
                "told": point,
                "counts": _counts(way, found.goal.currency),
                "wrong": {f: wrong.get(f"points.{i}.{f}") for f in POINT_TITLES},
            }
        )
    return {
        "top": {name: document.get(name, "") for name in TITLES},
        "rows": rows,
        "season": document.get("season") or [""] * 12,
        "pins": document.get("pins") or {},
    }


def _counts(way: Way | None, currency: str) -> dict[str, str]:
    """What counts where a field is empty: as text to type."""
    if way is None:
        return {}
    shares = {"lead_rate": way.lead_rate, "to_sql": way.to_sql, "to_won": way.to_won}
    out = {name: f"{float(one.value) * 100:.1f}%" for name, one in shares.items() if one is not None}
    out |= {
        "value": typed.shown(whole(way.value.value), currency),
        "hours": f"{float(way.hours.value):g}",
        "cost": typed.shown(whole(way.cost.value), currency),
    }
    return out | {"share": f"{float(way.share):g}", "sale_rate": f"{float(way.sale_rate) * 100:.2f}%"}


@members(*SETTERS)
def new(request: HttpRequest) -> HttpResponse:
    """Three numbers, and everything else from our history or what is usual. It becomes a scenario, or is proposed at once."""
    here = shell.of(request)
    today = today_of(here)
    year = today.year
    found = known(here.now, date(year, 1, 1))
    document: dict[str, Any] = {"first": f"{year}-01-01", "last": f"{year}-12-31"}
    if request.method != "POST":
        return render(request, "plan/new.html", _begun(here, found, document, [], False))
    document = document_of(request.POST, here.currency)
    try:
        read(document, found.past, today)
        goal = versions.begin(document, found.past, here.me, here.now, request.POST.get("name", "")[:120])
        if request.POST.get("propose"):
            versions.propose(goal, found.past, here.me, here.now, today)
    except Unsound as why:
        return render(
            request, "plan/new.html", _begun(here, found, document, told(why.errors, document), True), status=422
        )
    except Refused as why:
        answer.refused(request, why)
        return render(request, "plan/new.html", _begun(here, found, document, [], True), status=409)
    answer.said(
        request,
        _("The goal is set. Both teams sign it now.")
        if request.POST.get("propose")
        else _("A scenario: only you decide when to propose it."),
    )
    return redirect("plan", goal.pk)


def _begun(
    here: Shell, found: Known, document: dict[str, Any], wrong: list[dict[str, str]], posted: bool
) -> dict[str, Any]:
    every = found.past.every
    to_sql, to_won = (
        getattr(every, name).value if getattr(every, name) else USUAL[name] for name in ("to_sql", "to_won")
    )
    rate, shown = to_sql * to_won, None
    if posted and not wrong:
        shown = Shown(read(document, found.past), today_of(here))
    return {
        "told": document, "problems": wrong, "wrong": {one["at"]: one["why"] for one in wrong}, "titles": TITLES, "point_titles": POINT_TITLES,
        "shown": shown, "currency": here.currency,
        "every_rate": f"{float(rate) * 100:.2f}%", "every_value": typed.shown(whole(every.value.value), here.currency) if every.value else "",
        "value_hint": amount_of_history(every.value, here.currency) if every.value else "",
        "rate_hint": _("our history, n = %(n)s") % {"n": every.to_sql.n} if every.to_sql and every.to_won else _("usual; write yours, such as 2%"),
    }  # fmt: skip
