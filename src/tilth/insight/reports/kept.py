"""How both teams kept their promises over time. Leaks over time are a report of the room `leaks`, which lies above insight."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from tilth.core.rates import Rate
from tilth.insight import compliance
from tilth.insight.period import month, quarter, week
from tilth.insight.report import Asked, Chart, Column, Figure, Filter, Report, Result
from tilth.promises.names import PROMISES

from . import cuts, spoken

SPANS = {"week": week, "month": month, "quarter": quarter}
TEAMS = {
    compliance.MARKETING: _("Marketing"),
    compliance.SALES: _("Sales"),
    compliance.REVIEWER: _("The reviewer"),
}


def work(asked: Asked) -> Result:
    found = compliance.over_time(asked.period, asked.now, asked.chosen["span"], asked.chosen["by"])
    rows = [
        {"key": f"{one.first}/{one.of}", "first": one.first, "of": one.of, "due": one.due, "kept": one.kept,
         "broken": one.due - one.kept, "share": _share(one.kept, one.due)}
        for one in sorted(found, key=_place)
    ]  # fmt: skip
    due, kept = sum(one.due for one in found), sum(one.kept for one in found)
    every = {"key": cuts.EVERYBODY, "due": due, "kept": kept, "broken": due - kept, "share": _share(kept, due)}
    teams: dict[str, tuple[int, int]] = {}
    for one in compliance.over_time(asked.period, asked.now, "quarter", "team"):
        before = teams.get(one.of, (0, 0))
        teams[one.of] = (before[0] + one.kept, before[1] + one.due)
    return Result(rows, every if rows else None, {"teams": {of: list(counts) for of, counts in teams.items()}})


def _place(one: compliance.Stretch) -> tuple[date, int]:
    """Teams, and the promises of each, in the order of the work, so that lines keep their colours."""
    order = [*TEAMS, *compliance.KINDS]
    return one.first, order.index(one.of) if one.of in order else len(order)


def _share(kept: int, due: int) -> Figure:
    """What was kept is a fact, however little fell due; the interval says how little that says of what will be."""
    rate = Rate(kept, due)
    return Figure(rate.value, rate.low, rate.high, due)


def answer(result: Result) -> str:
    teams = result.said["teams"]
    told = [
        _t("%(team)s kept %(kept)s of %(due)s promises, %(share)s%(sure)s.") % {"team": title, **_words(*teams[of])}
        for of, title in TEAMS.items()
        if of in teams and teams[of][1]
    ]
    return " ".join(told) if told else _t("No promise fell due in this period.")


def _words(kept: int, due: int) -> dict[str, str]:
    share = _share(kept, due)
    told = {"kept": spoken.number(kept), "due": spoken.number(due), "sure": spoken.sure(share, spoken.percent)}
    return told | {"share": spoken.percent(kept / due)}


def notes(result: Result) -> list[str]:
    return [
        _t(
            "By when they fell due. Kept is kept in time; promises that lost their object never count, nor do those that still run."
        ),
        _t("Intervals hold 9 times in 10. Where few promises fell due they are wide: one bad week is no trend."),
    ]


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    """Whose handoffs these promises were about; what a week of leads was about are no people."""
    rows, states = compliance.promised(asked.period), compliance.states(asked.now)
    fallen = {"due": states["kept"] | states["late"] | states["open"], "broken": states["late"] | states["open"]}[
        column
    ]
    rows = rows.filter(fallen, handoff__isnull=False)
    if row != cuts.EVERYBODY:
        first, of = row.split("/", 1)
        span = SPANS[asked.chosen["span"]](date.fromisoformat(first), asked.period.zone)
        kinds = [kind for kind in compliance.KINDS if compliance.OWED_BY.get(kind, compliance.SALES) == of] or [of]
        rows = rows.filter(kind__in=kinds, **span.within("due_at"))
    return list(dict.fromkeys(rows.order_by("-due_at", "-pk").values_list("handoff__person", flat=True)))


REPORT = Report(
    "kept",
    _("Promises kept"),
    _("How do both teams keep what they promised each other, over time?"),
    "promises",
    (
        Column("first", _("From"), "day"),
        Column("of", _("Promises of"), "text", words={**TEAMS, **PROMISES}),
        Column("due", _("Fell due"), "count", _("And were not void. Behind it stand the leads that they were about."), people=True),
        Column("kept", _("Kept"), "count", _("In time.")),
        Column("broken", _("Broken"), "count", _("Met too late, or not at all."), people=True),
        Column("share", _("Share kept"), "share", _("Kept, of those that fell due.")),
    ),
    work,
    answer,
    (
        Filter("span", _("By"), {"week": _("Week"), "month": _("Month"), "quarter": _("Quarter")}),
        Filter("by", _("Cut by"), {"team": _("Team"), "kind": _("Promise")}),
    ),
    (Chart("lines", _("Share of promises kept"), "first", ("share",), "of"),),
    notes,
    people,
)  # fmt: skip
