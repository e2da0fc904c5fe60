"""The periods that a page offers, by their word in the address."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from tilth.insight import period
from tilth.insight.period import Period
from tilth.plan.models import Goal

NAMES = {
    "goal": _("The goal’s period"),
    "quarter": _("This quarter"),
    "year": _("This year"),
    "12-months": _("Last 12 months"),
}


@dataclass(frozen=True)
class Choice:
    """One period on offer; `here` when the page shows it."""

    key: str
    name: Any
    here: bool


def chosen(wanted: str, goal: Goal | None, day: date, zone: ZoneInfo) -> tuple[Period, list[Choice]]:
    """The period that an address asks for, and the choices; the goal's own, else the year, for an unknown word."""
    offered = {
        "quarter": period.quarter(day, zone),
        "year": period.year(day, zone),
        "12-months": period.twelve_months(day, zone),
    }
    if goal:
        offered = {"goal": Period(goal.first, goal.last, zone), **offered}
    key = wanted if wanted in offered else "goal" if goal else "year"
    return offered[key], [Choice(k, NAMES[k], k == key) for k in offered]
