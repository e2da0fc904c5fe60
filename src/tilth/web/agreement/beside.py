"""What a draft would change: any person under it beside the running version, and who would stand elsewhere."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from tilth.agreement.models import Draft
from tilth.core.agreement import read
from tilth.core.clauses.reader import Unsound
from tilth.core.qualify import Verdict, Why
from tilth.core.terms import Terms
from tilth.people.models import Person
from tilth.qualify.catch_up import reasons
from tilth.qualify.models import Standing
from tilth.qualify.supposing import Supposed, sample, suppose
from tilth.web import shell
from tilth.web.access import members
from tilth.web.find.search import search
from tilth.web.people.turn import notes

from . import sentences
from .versions import WRITERS

SHOWN = 12


@dataclass(frozen=True)
class Line:
    """One reason under both: a rule's points now and then; None where it gives none."""

    say: str
    now: float | None
    then: float | None
    digits: int = 0

    @property
    def differs(self) -> bool:
        return round(self.now or 0, 6) != round(self.then or 0, 6)


@members(*WRITERS)
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Search somebody, look at one person, and count who would move. For htmx the sheet, otherwise a page."""
    draft, here = get_object_or_404(Draft, pk=pk), shell.of(request)
    text = request.GET.get("find", "").strip()[:100]
    context: dict[str, Any] = {"draft": draft, "text": text, "found": search(text).people if text else []}
    try:
        terms = read(draft.document)
    except Unsound as e:
        context["faults"] = len(e.faults)
    else:
        context |= {**_who_moves(terms, here), "one": _one(request, terms, here)}
    context["person"] = _chosen(request)
    template = "agreement/draft_people.html#beside" if shell.htmx(request) else "agreement/draft_people.html"
    return render(request, template, context)


def _chosen(request: HttpRequest) -> Person | None:
    pk = request.GET.get("person", "")
    return Person.objects.filter(pk=pk).first() if pk.isascii() and pk.isdecimal() and len(pk) < 18 else None


def _one(request: HttpRequest, terms: Terms, here: shell.Shell) -> dict[str, Any] | None:
    """The person who was chosen, under both, reason by reason."""
    person = _chosen(request)
    if person is None:
        return None
    supposed = next(suppose([person.pk], terms, here.terms, here.now))
    now, then = supposed.now, supposed.then
    return {
        "now": now and _stands(now), "then": _stands(then), "notes": _notes(terms, then), "notes_now": _notes(here.terms, now),
        "fit": _lines(now.fit if now else (), then.fit), "interest": _lines(now.interest if now else (), then.interest, digits=1),
    }  # fmt: skip


def _notes(terms: Terms | None, verdict: Verdict | None) -> list[str]:
    """What the points do not say: excluded, segment, journey, why not ripe yet."""
    return notes(terms, Standing(reasons=reasons(verdict))) if terms and verdict else []


def _stands(verdict: Verdict) -> dict[str, Any]:
    return {
        "cell": f"{verdict.grade} {verdict.level}", "action": sentences.ACTIONS[verdict.action], "fit": verdict.fit_points,
        "interest": verdict.interest_points, "hand": verdict.raised_hand,
    }  # fmt: skip


def _lines(now: tuple[Why, ...], then: tuple[Why, ...], digits: int = 0) -> list[Line]:
    """The reasons of both by rule, in the order of the draft, and then those that it no longer has."""
    before, after = {w.rule: w for w in now}, {w.rule: w for w in then}
    return [
        Line(
            (after.get(rule) or before[rule]).say,
            before[rule].points if rule in before else None,
            after[rule].points if rule in after else None,
            digits,
        )
        for rule in dict.fromkeys([*after, *before])
    ]


def _who_moves(terms: Terms, here: shell.Shell) -> dict[str, Any]:
    """How many would stand elsewhere, from where to where, and some of them by name."""
    if here.terms is None:
        return {}
    ids, count = sample()
    moved = [s for s in suppose(ids, terms, here.terms, here.now) if s.moves]
    moved.sort(key=lambda s: _now(s).action == s.then.action)  # first those with whom something else would be done
    ways = Counter(_way(s) for s in moved)
    handed = [s for s in moved if "hand_off" in (_now(s).action, s.then.action) and _now(s).action != s.then.action]
    more = sum(s.then.action == "hand_off" for s in handed)
    return {
        "looked": len(ids), "everybody": count, "moved": len(moved), "more": more, "fewer": len(handed) - more,
        "ways": ways.most_common(SHOWN), "some": [(s.person, *_way(s)) for s in moved[:SHOWN]], "others": max(0, len(moved) - SHOWN),
    }  # fmt: skip


def _way(supposed: Supposed) -> tuple[str, str]:
    return _said(_now(supposed)), _said(supposed.then)


def _said(verdict: Verdict) -> str:
    return f"{verdict.grade} {verdict.level}, {str(sentences.ACTIONS[verdict.action]).lower()}"


def _now(supposed: Supposed) -> Verdict:
    assert supposed.now is not None
    return supposed.now
