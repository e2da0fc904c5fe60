"""One return before the court: the lead as it was handed off, what sales did, and the two verdicts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tilth import conveyor
from tilth.handoff import court
from tilth.handoff.court import may_decide, reviewer, waiting
from tilth.handoff.models import Return
from tilth.handoff.verbs import Refused, facts_of
from tilth.people.models import Person
from tilth.touches.models import of_sales
from tilth.web import answer, given_up, shell
from tilth.web.access import members
from tilth.web.people.standing import mini
from tilth.web.people.timeline import what

from .forms import Overturn, Uphold
from .page import SEES, cases


@dataclass(frozen=True)
class Tried:
    """One contact of sales with the lead before it was returned. `who` is empty where that is hidden."""

    what: str
    at: datetime
    outcome: str
    note: str
    who: str


@members(*SEES)
def case(request: HttpRequest, pk: int) -> HttpResponse:
    row = _returned(pk)
    return _page(request, row, Uphold(row.handoff.version.terms.return_reasons), Overturn())


@members(*SEES)
@require_POST
def upheld(request: HttpRequest, pk: int) -> HttpResponse:
    row, here = _returned(pk), shell.of(request)
    form = Uphold(row.handoff.version.terms.return_reasons, request.POST)
    if not form.is_valid():
        return _page(request, row, form, Overturn())
    found = form.cleaned_data
    said = _("%(who)s: rightly returned") % {"who": row.handoff.person}
    return _decide(
        request, row, lambda: court.uphold(row, here.me, found["charged_to"], found["reason"], found["note"], here.now), said
    )  # fmt: skip


@members(*SEES)
@require_POST
def overturned(request: HttpRequest, pk: int) -> HttpResponse:
    row, here, form = _returned(pk), shell.of(request), Overturn(request.POST)
    if not form.is_valid():
        return _page(request, row, Uphold(row.handoff.version.terms.return_reasons), form)
    said = _("%(who)s: back to its owner") % {"who": row.handoff.person}
    return _decide(request, row, lambda: court.overturn(row, here.me, form.cleaned_data["note"], here.now), said)


def _decide(request: HttpRequest, row: Return, verb: Any, said: str) -> HttpResponse:
    """Do it, and go on to the next that waits."""
    here = shell.of(request)
    try:
        done = verb()
    except Refused as why:
        answer.refused(request, why)
        return redirect("court-case", row.pk)
    conveyor.catch_up_on(row.handoff.person_id, here.now)
    if done.entry is not None:
        answer.said(request, said, done.entry)
    later = next((r for r in waiting().exclude(member=here.me)[:1]), None)
    return redirect("court-case", later.pk) if later else redirect("court")


def _page(request: HttpRequest, row: Return, uphold: Uphold, overturn: Overturn) -> HttpResponse:
    here, handoff = shell.of(request), row.handoff
    terms = handoff.version.terms
    [line] = cases([row], here)
    facts = facts_of(handoff.person)
    value = facts.get(row.rests_on)
    context: dict[str, Any] = {
        "case": line, "row": row, "handoff": handoff, "person": handoff.person, "mini": mini(terms, handoff),
        "fit": handoff.why.get("fit", []), "interest": handoff.why.get("interest", []),
        "ideal": [(c.say, c.id == handoff.why.get("segment")) for c in terms.segments],
        "rests_on": given_up.name(row.rests_on), "value": "" if value is None else str(value)[:200],
        "again": given_up.comes_back(row), "tried": _tried(handoff.person, handoff.at, row.at, bool(line.who)),
        "calls": terms.sales.calls, "mails": terms.sales.mails,
        "uphold": uphold, "overturn": overturn, "wrong": _wrong(uphold, overturn),
        "found": given_up.say(terms, line.review.reason) if line.review and line.review.reason else "",
        "named": reviewer(here.terms), "may": line.review is None and may_decide(here.me, row, reviewer(here.terms)),
    }  # fmt: skip
    return render(request, "court/case.html", context, status=422 if context["wrong"] else 200)


def _wrong(*forms: Form) -> Form | None:
    """The form that was sent and has to be mended."""
    return next((form for form in forms if form.is_bound), None)


def _tried(person: Person, since: datetime, until: datetime, open_: bool) -> list[Tried]:
    rows = of_sales([person.pk], since).filter(at__lte=until).select_related("member", "offer")
    return [
        Tried(what(t), t.at, str(t.properties.get("outcome") or ""), str(t.properties.get("note") or ""),
              t.member.name if open_ and t.member else "")
        for t in rows
    ]  # fmt: skip


def _returned(pk: int) -> Return:
    rows = Return.objects.filter(handoff__person__erased_at=None)
    return get_object_or_404(
        rows.select_related("member", "handoff__person__company", "handoff__version", "the_review__reviewer"), pk=pk
    )
