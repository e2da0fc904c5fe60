"""What is done with a plan: copied, proposed, thrown away, remarked on, signed, put into the agreement, laid beside another."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth.agreement import drafts
from tilth.core.planning import Unsound
from tilth.plan import versions
from tilth.plan.models import TEAMS, Goal, Refused, Remark
from tilth.plan.past import known
from tilth.plan.settling import agreed
from tilth.web import answer, shell
from tilth.web.access import members

from .page import SETTERS, goal_or_404, opened, today_of
from .shown import Shown
from .typed import POINT_TITLES, TITLES


@members(*SETTERS)
@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A scenario that says the same, to try something out or to revise what is signed."""
    here, goal = shell.of(request), goal_or_404(pk)
    row = versions.copy(goal, here.me, here.now, request.POST.get("name", "").strip(), request.POST.get("why", ""))
    answer.said(request, _("A copy: change what you like, and propose it when you are ready."))
    return redirect("plan", row.pk)


@members(*SETTERS)
@require_POST
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    here, goal = shell.of(request), goal_or_404(pk)
    try:
        versions.propose(goal, known(here.now, goal.first).past, here.me, here.now, today_of(here))
        answer.said(request, _("Proposed. Both teams sign it now."))
    except (Refused, Unsound) as why:
        answer.refused(request, why)
    return redirect("plan", pk)


@members(*SETTERS)
@require_POST
def throw_away(request: HttpRequest, pk: int) -> HttpResponse:
    here, goal = shell.of(request), goal_or_404(pk)
    try:
        versions.throw_away(goal, here.me, here.now)
        answer.said(request, _("Thrown away. It can be brought back."))
    except Refused as why:
        answer.refused(request, why)
    return redirect("plan", pk)


@members(*SETTERS)
@require_POST
def bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    here, goal = shell.of(request), goal_or_404(pk)
    versions.bring_back(goal, here.me, here.now)
    return redirect("plan", pk)


@members()
@require_POST
def remark(request: HttpRequest, pk: int) -> HttpResponse:
    here, goal = shell.of(request), goal_or_404(pk)
    try:
        versions.remark(goal, request.POST.get("text", ""), here.me, here.now)
    except Refused as why:
        answer.refused(request, why)
    return redirect("plan", pk)


@members()
@require_POST
def close(request: HttpRequest, pk: int, remark: int) -> HttpResponse:
    here, row = shell.of(request), get_object_or_404(Remark, pk=remark, goal=pk)
    versions.close(row, here.me, here.now)
    return redirect("plan", pk)


@members()
@require_POST
def sign(request: HttpRequest, pk: int, team: str) -> HttpResponse:
    here, row = shell.of(request), get_object_or_404(Goal, pk=pk)
    if team not in TEAMS:
        raise Http404
    try:
        row.sign(here.me, team, here.now)
        answer.said(request, _("Signed."))
    except Refused as why:
        answer.refused(request, why)
    return redirect("plan", pk)


@members(*SETTERS)
@require_POST
def into_agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """What both teams owe by the plan, in a draft of the agreement, for both to sign."""
    here, found = shell.of(request), opened(goal_or_404(pk), shell.of(request))
    if here.version is None or found.planned is None:
        answer.refused(request, _("There is no agreement yet. Begin one, and then put the plan into it."))
        return redirect("plan", pk)
    document = agreed(here.version.document, found.planned, today_of(here))
    draft = drafts.open_draft(document, here.me, here.now, here.version, _("By %(plan)s") % {"plan": str(found.goal)})
    answer.said(
        request, _("A draft of the agreement with what both teams owe by this plan. Look at it, and propose it.")
    )
    return redirect("draft", draft.pk)


@members()
def beside(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Two plans side by side: what each says, what it takes, and what was changed."""
    here = shell.of(request)
    both = [opened(goal_or_404(one), here) for one in (pk, other)]
    shown = [Shown(one.planned, today_of(here)) if one.planned else None for one in both]
    context = {
        "sides": [{"goal": one.goal, "shown": s, "problems": one.wrong} for one, s in zip(both, shown, strict=True)],
        "changes": _changes(both[0].goal.told(), both[1].goal.told()),
        "figures": _figures(shown),
    }  # fmt: skip
    return render(request, "plan/beside.html", context)


def _changes(one: dict[str, Any], other: dict[str, Any]) -> list[dict[str, Any]]:
    """What two documents say differently: field by field, conversion points by their names."""
    out = [
        {"title": TITLES.get(name, name), "was": _plain(one.get(name)), "now": _plain(other.get(name))}
        for name in (*TITLES, "pins")
        if name != "points" and one.get(name) != other.get(name)
    ]
    both = [
        {str(p.get("name") or p.get("key") or ""): p for p in document.get("points") or []} for document in (one, other)
    ]
    for name in dict.fromkeys([*both[0], *both[1]]):
        was, now = (points.get(name) or {} for points in both)
        out += [
            {"title": f"{name}: {title}", "was": _plain(was.get(field)), "now": _plain(now.get(field))}
            for field, title in POINT_TITLES.items()
            if field != "name" and was.get(field) != now.get(field)
        ]
    return out


def _plain(told: Any) -> str:
    """What stands in a field, to read; a dash where nothing does."""
    if isinstance(told, dict):
        told = [f"{name} {value}" for name, value in told.items()]
    return ", ".join(map(str, told)) if isinstance(told, list) else str(told or "–")


def _figures(shown: list[Shown | None]) -> list[dict[str, Any]]:
    """What both plans take, row by row."""
    first, second = shown
    if first is None or second is None:
        return []
    pairs = [(_("Goal"), [s.money(s.sheet.goal) for s in (first, second)])]
    names = (
        ("customers", _("Customers")),
        ("sqls", _("SQLs")),
        ("leads", _("Leads")),
        ("visitors", _("Visitors")),
        ("hours", _("Sales hours")),
    )
    for name, title in names:
        values = [getattr(s.together, name) for s in (first, second)]
        pairs.append((title, ["" if value is None else Shown.count(value) for value in values]))
    pairs.append((_("Cost"), [s.money(s.together.cost) for s in (first, second)]))
    pairs.append(
        (
            _("Lead value that must come"),
            ["" if s.planned.lead_value is None else s.money(s.planned.lead_value) for s in (first, second)],
        )
    )
    return [{"title": title, "values": values, "same": values[0] == values[1]} for title, values in pairs]
