"""Where a person stands, as the page shows it: the stem of stages, the cell, the sums, and what is lacking."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from tilth.core.qualify import lacking
from tilth.core.terms import GRADES, LEVELS, Terms
from tilth.handoff.models import Handoff
from tilth.people.models import Person, about
from tilth.qualify.models import Stage, StageChange, Standing

FADED = 0.05
LOOKS = {"hand_off": "hand", "review": "review", "nurture": "ripen", "disqualify": "drop"}


@dataclass
class Step:
    """One stage on the stem. `state` is done, now or empty; `team` is m before the handoff and s after it."""

    name: str
    team: str
    at: datetime | None = None
    state: str = ""


def stem(person: Person, standing: Standing | None, handoff: Handoff | None, held: bool) -> list[Step]:
    """The way from subscriber to customer, with when each step was reached.

    handoff    the newest, or None; `held` when it is still open
    """
    reached: dict[str, datetime] = {}
    for change in StageChange.objects.filter(person=person).order_by("at", "id"):
        reached[change.stage] = change.at
    accepted, qualified = getattr(handoff, "the_acceptance", None), getattr(handoff, "the_qualified", None)
    steps = [
        Step(_("Subscriber"), "m", reached.get(Stage.SUBSCRIBER)),
        Step(_("Lead"), "m", reached.get(Stage.LEAD)),
        Step(_("MQL"), "m", reached.get(Stage.MQL)),
        Step(_("Handed off"), "s", handoff.at if handoff else None),
        Step(_("Accepted"), "s", accepted.at if accepted else None),
        Step(_("SQL"), "s", qualified.at if qualified else reached.get(Stage.SQL)),
        Step(_("Customer"), "s", reached.get(Stage.CUSTOMER)),
    ]
    here = _here(standing, bool(accepted), bool(qualified), held)
    for i, step in enumerate(steps):
        step.state = "done" if i < here else "now" if i == here else ""
        if i > here:
            step.at = None
    return steps


def _here(standing: Standing | None, accepted: bool, qualified: bool, held: bool) -> int:
    """The index of the furthest step that is true now; -1 before the first."""
    if standing is None:
        return -1
    if standing.stage == Stage.CUSTOMER:
        return 6
    if held:
        return 5 if qualified else 4 if accepted else 3
    return {Stage.SUBSCRIBER: 0, Stage.LEAD: 1, Stage.MQL: 2, Stage.SQL: 5}.get(Stage(standing.stage), -1)


def mini(terms: Terms, standing: Standing | Handoff) -> list[dict[str, Any]]:
    """The matrix as small squares, with where this person is, or was when handed off."""
    here = (standing.grade, standing.level)
    return [
        {
            "grade": grade,
            "cells": [{"looks": LOOKS[terms.action(grade, n)], "here": (grade, n) == here, "level": n} for n in LEVELS],
        }
        for grade in GRADES
    ]


@dataclass
class Sum:
    """Points that add up to a score, and where the grade or level begins."""

    points: float
    rows: list[dict[str, Any]] = field(default_factory=list)
    begins: float | None = None


def fit(terms: Terms, standing: Standing) -> Sum:
    return Sum(standing.fit_points, standing.reasons.get("fit", []), terms.grades.get(standing.grade))


def interest(terms: Terms, standing: Standing) -> Sum:
    """What they did; `last` as a moment, `faded` when next to nothing is left of it."""
    rows = standing.reasons.get("interest", [])
    told = [
        {**r, "last": datetime.fromisoformat(r["last"]) if r.get("last") else None, "faded": abs(r["points"]) < FADED}
        for r in rows
    ]
    return Sum(standing.interest_points, sorted(told, key=lambda r: -r["points"]), terms.levels.get(standing.level))


def missing(person: Person, terms: Terms) -> list[str]:
    """The fields that the agreement requires at handoff and that we do not know."""
    emails = [e.address for e in person.emails.all()]
    phones = [p.number for p in person.phones.all()]
    return lacking(terms, about(person, emails, phones))
