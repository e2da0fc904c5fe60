"""The balance sheet of leads (B7): for every stage, opening + came = went + closing, by week or by source, to the lead.

Whoever is known is at exactly one stage at any moment, so what leaves one stage comes to another, or was erased. Each
recorded stage counts from its own moment on, but never from before what was recorded earlier: so a fact that comes in late
does not change weeks that were booked. The last closing is what `qualify.Standing` says, which `checked` compares.
Source: docs/algorithms/balance.md
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef

from tilth.core.clock import instant, week_begins
from tilth.qualify.models import Stage, StageChange, Standing

from .period import Period

WEEK = timedelta(days=7)
OUTSIDE = ""  # whence somebody comes who was not known, and whither who was erased goes

# A moment of each person's course: where they were, where they are, and from which week on. `{week}` numbers the weeks.
COURSE = """
    SELECT person_id, stage, LAG(stage) OVER course AS was, MAX(week) OVER course AS week
    FROM (SELECT person_id, id, stage, {week} AS week FROM qualify_stagechange) AS changes
    WINDOW course AS (PARTITION BY person_id ORDER BY id)"""
ERASED = """
    SELECT c.person_id, '' AS stage, c.stage AS was, {week} AS week
    FROM qualify_stagechange c JOIN people_person p ON p.id = c.person_id
    WHERE p.erased_at IS NOT NULL AND c.id = (SELECT MAX(id) FROM qualify_stagechange l WHERE l.person_id = c.person_id)"""
MOVES = """
    SELECT week, COALESCE(was, ''), moves.stage, {source}, COUNT(*)
    FROM ({course} UNION ALL {erased}) AS moves {join}
    WHERE was IS NULL OR was <> moves.stage GROUP BY 1, 2, 3, 4"""
WITH_SOURCE = "LEFT JOIN touches_origin o ON o.person_id = moves.person_id"


@dataclass(frozen=True)
class Line:
    """One stage over one stretch of time. Grain: people at its ends, moves of people in between.

    came    from where to how many; OUTSIDE: were not known before
    went    to where to how many; OUTSIDE: were erased
    """

    opening: int
    came: Counter[str]
    went: Counter[str]

    @property
    def closing(self) -> int:
        return self.opening + self.came.total() - self.went.total()


Sheet = dict[str, Line]  # stage to its line


@dataclass(frozen=True)
class Moves:
    """How many people moved in which week; `weeks` are Mondays. Week 0 is all that was before, the last all after."""

    weeks: Sequence[date]
    counts: Counter[tuple[int, str, str, str]]

    def by_week(self) -> dict[date, Sheet]:
        """Each week to its sheet, in order."""
        opening = self._opening({0})
        out = {}
        for number, monday in enumerate(self.weeks, 1):
            out[monday] = self._sheet(opening, {number})
            opening = Counter({stage: line.closing for stage, line in out[monday].items()})
        return out

    def together(self) -> Sheet:
        """All weeks as one."""
        return self._sheet(self._opening({0}), set(range(1, len(self.weeks) + 1)))

    def by_source(self) -> dict[str, Sheet]:
        """Each source to the sheet of all weeks; "" of whom nobody said whence they came."""
        sources = sorted({source for _week, _was, _stage, source in self.counts})
        return {name: self._of(name).together() for name in sources}

    def _of(self, source: str) -> "Moves":
        return Moves(self.weeks, Counter({key: n for key, n in self.counts.items() if key[3] == source}))

    def _opening(self, weeks: set[int]) -> Counter[str]:
        opening: Counter[str] = Counter()
        for (week, was, stage, _source), n in self.counts.items():
            if week in weeks:
                opening[stage] += n
                opening[was] -= n
        return opening

    def _sheet(self, opening: Counter[str], weeks: set[int]) -> Sheet:
        came: dict[str, Counter[str]] = {stage: Counter() for stage in Stage.values}
        went: dict[str, Counter[str]] = {stage: Counter() for stage in Stage.values}
        for (week, was, stage, _source), n in self.counts.items():
            if week in weeks:
                came.get(stage, Counter())[was] += n
                went.get(was, Counter())[stage] += n
        return {stage: Line(opening[stage], came[stage], went[stage]) for stage in Stage.values}


def moves(period: Period, now: datetime, sources: bool = False) -> Moves:
    """Who went from where to where in the whole weeks of a period; one query, about a second for 100,000 people on SQLite.

    sources    also by how each became a lead, which costs a little more
    """
    weeks = mondays(period, now)
    week, bounds = _numbered([instant(day, time(), period.zone) for day in weeks], _end(period, weeks, now))
    source, join = ("COALESCE(o.source, '')", WITH_SOURCE) if sources else ("''", "")
    course = COURSE.format(week=week.format(at="at"))
    erased = ERASED.format(week=week.format(at="p.erased_at"))
    with connection.cursor() as cursor:
        cursor.execute(MOVES.format(source=source, course=course, erased=erased, join=join), bounds * 2)
        return Moves(weeks, Counter({tuple(key): n for *key, n in cursor.fetchall()}))


def checked(sheet: Sheet) -> dict[str, int]:
    """Stage to by how many its closing differs from where people stand now; empty when the books are right. One query."""
    known = Standing.objects.filter(Exists(StageChange.objects.filter(person=OuterRef("person"))))
    stand = dict(known.order_by().values_list("stage").annotate(n=Count("pk")))
    return {stage: gap for stage, line in sheet.items() if (gap := stand.get(stage, 0) - line.closing)}


def mondays(period: Period, now: datetime) -> list[date]:
    """The weeks that a period touches, up to the one that it is now; at least one."""
    last = min(period.last, now.astimezone(period.zone).date())
    day = week_begins(period.first)
    out = [day]
    while (day := day + WEEK) <= last:
        out.append(day)
    return out


def _end(period: Period, weeks: list[date], now: datetime) -> datetime | None:
    """When the last week ends; None while that lies ahead: then everything that is recorded was by now."""
    end = instant(weeks[-1] + WEEK, time(), period.zone)
    return end if end <= now else None


def _numbered(starts: list[datetime], end: datetime | None) -> tuple[str, list[Any]]:
    """SQL for the number of the week in which `{at}` lies, as a tree of comparisons; and what it compares with.

    Asked of every row, so it is few comparisons and no call of a function: on SQLite, that would be one of Python.
    """
    bounds = [*starts, end] if end else starts
    given: list[Any] = []

    def tree(low: int, high: int) -> str:
        if low == high:
            return str(low)
        middle = (low + high) // 2
        given.append(connection.ops.adapt_datetimefield_value(bounds[middle]))
        return f"CASE WHEN {{at}} < %s THEN {tree(low, middle)} ELSE {tree(middle + 1, high)} END"

    return tree(0, len(bounds)), given
