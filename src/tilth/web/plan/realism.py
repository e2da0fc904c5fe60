"""Whether history supports the goal (R12, R13): what it takes a month beside the velocity of today, and the levers that close the gap."""

from typing import Any

from django.utils.translation import gettext as _

from tilth.core.plan import NoPlan
from tilth.core.planned import Planned
from tilth.core.realism import Realism, realism
from tilth.core.velocity import MONTH, Factors
from tilth.insight import kept
from tilth.insight.reports import REPORTS
from tilth.plan.models import Goal
from tilth.web import words
from tilth.web.shell import Shell

NAMES = ("deals", "win", "cycle")


def realism_of(goal: Goal, planned: Planned, here: Shell) -> dict[str, Any] | None:
    """What the kept report of velocity says of a goal; None while that says too little."""
    report = REPORTS["velocity"]
    result = kept.result_of(kept.ask(report, report.chosen({}) | {"period": "12-months"}, here.now))
    every = result.together if result else None
    if result is None or every is None or result.currency != goal.currency:
        return None
    figures = {name: every[name] for name in ("deals", "value", "win", "cycle")}
    if any(one.value is None or one.low is None or one.high is None for one in figures.values()):
        return None
    now = Factors(**{name: one.value for name, one in figures.items()})
    months = ((goal.last - goal.first).days + 1) / MONTH
    try:
        found = realism(
            float(planned.sheet.revenue) / months,
            now,
            {name: (figures[name].low, figures[name].high) for name in NAMES},
        )
    except NoPlan:
        return None
    return told(found, now, goal.currency)


def told(found: Realism, now: Factors, currency: str) -> dict[str, Any]:
    """A goal against history in words."""
    goal = now.velocity + found.gap
    said = {
        "goal": words.money(goal, currency), "now": words.money(now.velocity, currency), "gap": words.money(abs(found.gap), currency),
        "factor": words.number(found.factor, 2),
    }  # fmt: skip
    if found.gap <= 0:
        return {
            "said": _("The goal takes %(goal)s a month; at today’s velocity sales brings %(now)s: it is within reach.")
            % said,
            "levers": [],
        }
    text = (
        _(
            "The goal takes %(goal)s a month, at today’s velocity sales brings %(now)s: a gap of %(gap)s, a factor of %(factor)s. Alone, each of these would close it:"
        )
        % said
    )
    together = ""
    if found.together is not None:
        moved = found.together
        together = _("Or together, nearest to what was seen: %(deals)s deals open at a time, %(win)s of them won, in %(cycle)s days.") % {
            "deals": words.number(moved.deals, 1), "win": words.percent(moved.win, 1), "cycle": words.number(moved.cycle, 1),
        }  # fmt: skip
    return {"said": text, "levers": [_lever(one, found) for one in found.levers], "together": together}


def _lever(one: Any, found: Realism) -> str:
    seen = _("seen before") if one.reach <= 1 else _("never seen yet")
    match one.name:
        case "volume":
            said = _("Volume: %(needed)s deals open at a time instead of %(now)s") % {
                "needed": words.number(one.needed, 1),
                "now": words.number(one.now, 1),
            }
        case "speed":
            said = _("Speed: %(needed)s days from opening to winning instead of %(now)s") % {
                "needed": words.number(one.needed, 1),
                "now": words.number(one.now, 1),
            }
        case _:
            if one.needed > 1:
                return _("Conversion: not even winning every deal would close it")
            said = _("Conversion: %(needed)s of deals won instead of %(now)s") % {
                "needed": words.percent(one.needed, 1),
                "now": words.percent(one.now, 1),
            }
    return f"{said} ({seen})"
