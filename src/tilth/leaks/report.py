"""Leaks over time: how many leads nobody took further at the end of each week, by kind, and the money at risk.

The weeks that are over are replayed (`history`); how it is now is found as the page of leaks finds it (`finding`), also the kinds
that leave no trace once they are over.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Min
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tilth.core.clock import week_begins
from tilth.handoff.models import Handoff
from tilth.insight.period import week
from tilth.insight.report import Asked, Chart, Column, Filter, Report, Result
from tilth.insight.words import money, number

from . import finding, history
from .history import REPLAYED, Leaked
from .kinds import FREE, HELD, Kind

ONLY_NOW = tuple(kind for kind in (*HELD, *FREE) if kind not in REPLAYED)
WEEK = timedelta(weeks=1)
MOMENT = timedelta(microseconds=1)
ALL = "all"


def work(asked: Asked) -> Result:
    weeks = _weeks(asked)
    if asked.version is None or not weeks:
        return Result([], None, {"agreed": asked.version is not None})
    counts: dict[tuple[date, Kind], int] = defaultdict(int)
    risks: dict[tuple[date, Kind], int] = defaultdict(int)
    alike: dict[tuple[int, int, Kind], list[int]] = defaultdict(list)
    for one in _leaked(asked, weeks):
        alike[one.first, one.last, one.kind].append(one.worth)
    for (first, last, kind), worths in alike.items():
        for monday in weeks[first:last]:
            counts[monday, kind] += len(worths)
            risks[monday, kind] += sum(worths)
    kinds = [Kind(asked.chosen["kind"])] if asked.chosen["kind"] != ALL else list(REPLAYED)
    rows = [_row(monday, counts, risks, kinds, monday == weeks[-1] and _runs(asked, monday)) for monday in weeks]
    return Result(rows, None, _said(asked, rows, counts, risks), asked.version.terms.currency)


def _row(
    monday: date, counts: Mapping[Any, int], risks: Mapping[Any, int], kinds: Sequence[Kind], now: bool
) -> dict[str, Any]:
    row: dict[str, Any] = {"key": monday.isoformat(), "week": monday, "leads": sum(counts[monday, k] for k in REPLAYED)}
    row |= {_name(kind): counts[monday, kind] for kind in REPLAYED}
    row |= {_name(kind): counts[monday, kind] if now else None for kind in ONLY_NOW}
    unknown = not now and any(kind in ONLY_NOW for kind in kinds)
    return row | {"at_risk": None if unknown else sum(risks[monday, kind] for kind in kinds)}


def _said(
    asked: Asked, rows: Sequence[Mapping[str, Any]], counts: Mapping[Any, int], risks: Mapping[Any, int]
) -> dict[str, Any]:
    last = rows[-1]["week"]
    every = [kind for kind in (*HELD, *FREE) if (last, kind) in counts]
    most = max(every, key=lambda kind: (risks[last, kind], counts[last, kind]), default=None)
    return {
        "agreed": True, "now": _runs(asked, last), "week": last, "leads": rows[-1]["leads"],
        "all": sum(counts[last, kind] for kind in every), "at_risk": sum(risks[last, kind] for kind in every),
        "most": most and str(most.value), "of_most": counts[last, most] if most else 0,
        "before": rows[-2]["leads"] if len(rows) > 1 else None, "peak": max(rows, key=lambda row: row["leads"])["week"],
        "highest": max(row["leads"] for row in rows), "weeks": len(rows),
    }  # fmt: skip


def _weeks(asked: Asked) -> list[date]:
    """The Mondays of the weeks of the period, from the first handoff on; those that are over by its end, and the one that runs."""
    began = Handoff.objects.aggregate(first=Min("at"))["first"]
    if began is None:
        return []
    zone = asked.period.zone
    monday = week_begins(max(asked.period.first, began.astimezone(zone).date()))
    until, out = min(asked.period.end, asked.now), []
    while week(monday, zone).end <= until or (_runs(asked, monday) and until == asked.now):
        out.append(monday)
        monday += WEEK
    return out


def _runs(asked: Asked, monday: date) -> bool:
    """Whether this week is not over yet."""
    span = week(monday, asked.period.zone)
    return span.start <= asked.now < span.end


def _leaked(asked: Asked, weeks: Sequence[date]) -> Iterator[Leaked]:
    """Every lead that leaked at the end of one of these weeks; the one that runs is the last, and ends now."""
    assert asked.version is not None
    terms = asked.version.terms
    over = [monday for monday in weeks if not _runs(asked, monday)]
    ends: list[datetime] = [week(monday, asked.period.zone).end - MOMENT for monday in over]
    yield from history.leaked(ends, terms)
    for nth in range(len(over), len(weeks)):
        for leak in finding.every(terms, asked.now):
            yield Leaked(nth, nth + 1, Kind(leak.kind), leak.person, leak.worth)


def answer(result: Result) -> str:
    said = result.said
    if not said["agreed"]:
        return _t("No agreement is in force yet, so nothing is agreed that could be missed.")
    if not result.rows:
        return _t("No lead was handed off by the end of this period, so none could leak.")
    told = _latest(result)
    if said["before"] is None:
        return told
    words = {"before": number(said["before"]), "leads": number(said["leads"])}
    if said["all"] != said["leads"]:
        return f"{told} {_t('Of the kinds that can be followed back it is %(leads)s; a week before it was %(before)s.') % words}"
    return f"{told} {_t('A week before it was %(before)s.') % words}"


def _latest(result: Result) -> str:
    said = result.said
    words = {"n": number(said["all"]), "money": money(said["at_risk"], result.currency)}
    if not said["all"]:
        return _t("No lead leaks now.") if said["now"] else _t("At the end of the period no lead leaked.")
    if said["now"]:
        told = ngettext(
            "%(n)s lead leaks now, with %(money)s at risk", "%(n)s leads leak now, with %(money)s at risk", said["all"]
        )
    else:
        told = ngettext(
            "%(n)s lead leaked at the end of the period, with %(money)s at risk",
            "%(n)s leads leaked at the end of the period, with %(money)s at risk",
            said["all"],
        )
    most = _t("most of that as “%(kind)s”") % {"kind": Kind(said["most"]).label}
    return f"{told % words}; {most}."


def notes(result: Result) -> list[str]:
    if not result.rows:
        return []
    return [
        _t("Counted at the end of each Sunday, this week as it is now. Replayed from what was written down when it happened, so it is exact, and no sample."),
        _t("Not to be found in the past, so only as of now: “%(no_owner)s” and “%(blocked)s”. How long a lead waited in line is not kept once it was handed off. Who came back and stood in line again counts as without a plan until then.")
        % {"no_owner": Kind.NO_OWNER.label, "blocked": Kind.BLOCKED.label},
        _t("Money is what the open deals are worth, else what was expected of the lead when it was handed off; of those who came back, what their grade is worth today. A lead counts under one kind only."),
        _t("Campaigns that sales was not briefed of are no leads: they stand with the leaks of today."),
    ]  # fmt: skip


def people(asked: Asked, row: str, column: str) -> Sequence[int]:
    """Who leaked at the end of that week, those with most at risk first."""
    monday = date.fromisoformat(row)
    kinds = REPLAYED if column == "leads" else [kind for kind in Kind if _name(kind) == column]
    rows = [one for one in _leaked(asked, [monday]) if one.kind in kinds] if asked.version else []
    return [one.person for one in sorted(rows, key=lambda one: (-one.worth, one.person))]


def _name(kind: Kind) -> str:
    return kind.value.replace("-", "_")


def _column(kind: Kind, title: Any, says: Any) -> Column:
    return Column(_name(kind), title, "count", says, people=True)


REPORT = Report(
    "leaks",
    _("Leaks over time"),
    _("How many leads did nobody take further, week by week, and how much money was at risk?"),
    "leaks",
    (
        Column("week", _("Week of"), "day"),
        Column("leads", _("Leaked"), "count", _("Leads at the end of the week, of the kinds that can be followed back."), people=True),
        Column("at_risk", _("At risk"), "money", _("What these leads were expected to bring.")),
        _column(Kind.OWNER_GONE, _("Owner gone"), _("Whoever had the lead could not see to it any more.")),
        _column(Kind.OVERDUE, _("Overdue"), _("A promise about the lead was past due and not met.")),
        _column(Kind.STALE, _("Stale"), _("Accepted, and nothing was heard for as long as was agreed.")),
        _column(Kind.NO_STEP, _("No next step"), _("Accepted, nothing was owed any more, and nobody had said what comes next.")),
        _column(Kind.NO_PLAN, _("Back, no plan"), _("Came back from sales, and nobody had a plan.")),
        _column(Kind.NO_OWNER, _("No owner"), _("Qualified, and nobody had it. Only as of now.")),
        _column(Kind.BLOCKED, _("Blocked"), _("Data was missing for handing it off. Only as of now.")),
    ),
    work,
    answer,
    (Filter("kind", _("Money at risk of"), {ALL: _("All kinds followed back"), **{k.value: k.label for k in (*HELD, *FREE)}}),),
    (
        Chart("lines", _("Leads that leaked at the end of each week"), "week", tuple(map(_name, REPLAYED))),
        Chart("lines", _("Money at risk at the end of each week"), "week", ("at_risk",)),
    ),
    notes,
    people,
)  # fmt: skip
