"""One version of the agreement, read-only: the running one, or any other by its number."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tilth.agreement.models import TEAMS, Signature, Version
from tilth.agreement.writing import write_text
from tilth.core.terms import GRADES, LEVELS, Terms
from tilth.handoff.models import Handoff
from tilth.team.models import Member
from tilth.web import shell
from tilth.web.access import members

from . import comments, sentences
from .versions import PRESETS, may_write, state, version_or_404

FOUR_WEEKS = timedelta(days=28)


@dataclass(frozen=True)
class Side:
    """One team's signature under a version: there, or still to come."""

    team: str
    signature: Signature | None
    may_sign: bool
    may_take_back: bool


@members()
def agreement(request: HttpRequest) -> HttpResponse:
    """The version in force; before there is one, the newest; before any, where to start."""
    here = shell.of(request)
    version = here.version or Version.objects.order_by("-number").first()
    if version is None:
        return render(request, "agreement/none.html", {"presets": PRESETS, "may_write": may_write(here.member)})
    return _show(request, version)


@members()
def one_version(request: HttpRequest, number: int) -> HttpResponse:
    return _show(request, version_or_404(number))


@members()
def as_text(request: HttpRequest, number: int) -> HttpResponse:
    """The document as it is stored, to keep or to change."""
    version = version_or_404(number)
    return HttpResponse(
        write_text(version.document),
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="agreement-{version.number}.yaml"'},
    )


def _show(request: HttpRequest, version: Version) -> HttpResponse:
    here = shell.of(request)
    versions = list(Version.objects.select_related("written_by").prefetch_related("signatures").order_by("-number"))
    timezone.activate(version.terms.zone)  # of this version, also before any runs; `members` puts it back
    return render(
        request,
        "agreement/agreement.html",
        {
            "version": version,
            "state": state(version, here.version, here.now),
            "running": here.version,
            "waiting": next((v for v in versions if v.is_proposed and v != version), None),
            "first": next(iter(version.signatures.all()), None),
            "sides": _sides(version, here.member),
            "versions": [(v, state(v, here.version, here.now)) for v in versions],
            **told(version, here.now),
            "may_write": may_write(here.member),
            **comments.panel(request, version),
        },
    )


def told(version: Version, now: datetime) -> dict[str, Any]:
    """Everything a version says, as pages and paper show it."""
    terms = version.terms
    return {
        "terms": terms,
        "grades": list(_grades(terms, _handed_off(version, now))),
        "levels": [(n, terms.levels.get(n)) for n in LEVELS],
        "fit": [(r, sentences.condition(r)) for r in terms.fit_rules],
        "exclusions": [(c, sentences.condition(c)) for c in terms.exclusions],
        "segments": [(c, sentences.condition(c)) for c in terms.segments],
        "interest": [(r, sentences.touches(r), sentences.memory(r)) for r in terms.interest_rules],
        "journey": sentences.journey(terms),
        "ripeness": sentences.ripeness(terms),
        "halves": sentences.steps(terms),
        "promises": sentences.promises(terms),
        "routing": sentences.routing(terms),
        "reasons": _reasons(terms),
    }


def _sides(version: Version, member: Member | None) -> list[Side]:
    signed = {s.team: s for s in version.signatures.all()}
    open_ = version.is_proposed and member is not None
    mine = {t: open_ and member is not None and member.may_sign_for(t) for t in TEAMS}
    return [Side(t, signed.get(t), mine[t] and t not in signed, mine[t] and t in signed) for t in TEAMS]


def _grades(terms: Terms, counts: dict[tuple[str, int], int]) -> Iterator[dict[str, Any]]:
    """The rows of the matrix, each with its cells and where the grade begins."""
    for grade in GRADES:
        cells = [
            {
                "level": n,
                "say": sentences.ACTIONS[action],
                "look": sentences.LOOKS[action][0],
                "icon": sentences.LOOKS[action][1],
                "n": counts.get((grade, n), 0),
                "value": terms.value(grade, n),
            }
            for n, action in zip(LEVELS, terms.matrix[grade], strict=True)
        ]
        yield {"grade": grade, "from": terms.grades.get(grade), "cells": cells}


def _handed_off(version: Version, now: datetime) -> dict[tuple[str, int], int]:
    """How many were handed off from each cell under this version in the last four weeks."""
    rows = Handoff.objects.filter(version=version, at__gte=now - FOUR_WEEKS, continues=None).values_list(
        "grade", "level"
    )
    return {(grade, level): n for grade, level, n in rows.annotate(n=Count("pk")).order_by()}


def _reasons(terms: Terms) -> list[tuple[str, Any]]:
    return [("return", terms.return_reasons), ("recycle", terms.recycle_reasons), ("lost", terms.lost_reasons)]
