"""What a backtest found, ready to be read: the figures of both sides, and the people behind each number.

Everything can be narrowed to a source, a conversion point or a segment, and to the last so many weeks. Source:
docs/algorithms/backtest.md
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np

from tilth.core import backtest
from tilth.core.agreement import ACTIONS, GRADES, Terms, read
from tilth.core.backtest import Figures, Handed, Outcomes, Stream, Verdict
from tilth.core.kernel import NEVER
from tilth.core.qualify import micro, moment, segment

from .models import Backtest
from .replay import Found

SIDES = ("draft", "running")
MOST_WEEKS = 104
DAY = timedelta(days=1)


class Narrowed(NamedTuple):
    """Whom and when the figures are about. Empty: everybody; a source of "" cannot be asked for."""

    source: str | None = None
    offer: str | None = None
    segment: str | None = None
    weeks: int = 52


class Case(NamedTuple):
    """One person behind a number: when it happened (handoff, outcome or return; None: where they stand now)."""

    person: int
    at: datetime | None


class Side:
    """One of the two agreements and what it would have done."""

    def __init__(self, name: str, terms: Terms, found: Found):
        self.name, self.terms, self.found = name, terms, found

    def value(self) -> Any:
        """Expected value of a lead in minor units, [grade * 4 + level - 1]."""
        return np.array([self.terms.value(g, n) for g in GRADES for n in (1, 2, 3, 4)], np.float64)

    def good(self) -> tuple[int, ...]:
        return tuple(GRADES.index(g) for g in self.terms.marketing.good_grades)


class Gone(LookupError):
    """The result is not kept any more; run it again."""


class Compared:
    """A backtest that is done.

    raises     Gone
    """

    def __init__(self, row: Backtest, narrowed: Narrowed = Narrowed()):  # noqa: B008  # it cannot be changed
        self.row, self.narrowed = row, narrowed
        self.data = _kept(row.path)
        agreements = {"draft": read(row.document)} | ({"running": row.running.terms} if row.running else {})
        self.sides = {name: Side(name, terms, self._found(name)) for name, terms in agreements.items()}
        self.until = micro(row.until or row.asked_at)

    @cached_property
    def begins(self) -> int:
        """Monday, 00:00 in the agreement's zone, of the first week that is looked at: the first with a handoff, real or not."""
        zone = self.sides["draft"].terms.zone
        end = (self.row.until or self.row.asked_at).astimezone(zone)
        moments = [self.data["real_handoffs_at"], *(side.found.at for side in self.sides.values())]
        first = (moment(min((int(at.min()) for at in moments if len(at)), default=self.until)) or end).astimezone(zone)
        weeks = min(max(self.narrowed.weeks, 1), MOST_WEEKS)
        day = max((end - timedelta(weeks=weeks)).date(), first.date())
        monday = day - day.weekday() * DAY
        return micro(datetime.combine(monday, time(), zone).astimezone(UTC))

    @cached_property
    def people(self) -> Any:
        """The ids of those that are looked at, ascending."""
        people, keep = self.data["people"], None
        for name in ("source", "offer"):
            wanted = getattr(self.narrowed, name)
            if wanted is not None:
                chosen = self.data[f"{name}_words"][self.data[name]] == wanted
                keep = chosen if keep is None else keep & chosen
        if self.narrowed.segment is not None:
            chosen = self.segments == self.narrowed.segment
            keep = chosen if keep is None else keep & chosen
        return people if keep is None else people[keep]

    @cached_property
    def segments(self) -> Any:
        """The segment of each person, under the draft, as they stand now."""
        side = self.sides["draft"]
        masks, place = np.unique(side.found.end_mask, return_inverse=True)
        return np.array([segment(side.terms, int(m)) for m in masks], dtype=object)[place] if len(masks) else masks

    def choices(self, name: str) -> list[tuple[str, int]]:
        """The sources or offers there are, with how many people came through each, most first."""
        counts = np.bincount(self.data[name], minlength=len(self.data[f"{name}_words"]))
        rows = zip(self.data[f"{name}_words"].tolist(), counts.tolist(), strict=True)
        return sorted(((word, n) for word, n in rows if word), key=lambda row: (-row[1], row[0]))

    @cached_property
    def real(self) -> Outcomes:
        return Outcomes(
            *(self._cut(Stream(self.data[f"real_{k}_person"], self.data[f"real_{k}_at"])) for k in Outcomes._fields)
        )

    def handed(self, side: str) -> Handed:
        """The leads of the stretch that is looked at."""
        found = self.sides[side].found
        keep = self._keep(found.handed.stream)
        return Handed(found.handed.stream.only(keep), found.grade[keep], found.level[keep])

    def ever(self, side: str) -> Stream:
        """All leads that it would have handed off, however long ago."""
        return self._cut(self.sides[side].found.handed.stream)

    @cached_property
    def figures(self) -> dict[str, Figures]:
        out = {}
        for name, side in self.sides.items():
            owed = side.terms.sales
            out[name] = backtest.figures(
                self.handed(name),
                self.ever(name),
                self._recent,
                self.begins,
                self.until,
                side.good(),
                side.value(),
                owed.hours,
                owed.room_hours,
            )
        return out

    def cells(self, side: str) -> list[list[int]]:
        """How many of the people stand in each cell now, [grade][level - 1]."""
        found, here = self.sides[side].found, np.isin(self.data["people"], self.people)
        place = found.end_grade[here].astype(np.int64) * 4 + found.end_level[here] - 1
        return np.bincount(place, minlength=16).reshape(4, 4).tolist()

    def cases(self, kind: str, side: str = "draft", cell: tuple[int, int] | None = None) -> list[Case]:
        """The people behind a number, the newest first.

        kind     a key of `KINDS`; "cell" needs `cell`: (0 for A, level)
        raises   KeyError for another kind or side
        """
        person, at = KINDS[kind](self, self.sides[side], cell)
        order = np.lexsort((person, -at))
        return [
            Case(int(p), moment(int(t)) if t != NEVER else None) for p, t in zip(person[order], at[order], strict=True)
        ]

    def _found(self, side: str) -> Found:
        return Found(*(self.data[f"{side}_{name}"] for name in Found._fields))

    def _keep(self, events: Stream) -> Any:
        return np.isin(events.person, self.people) & (events.at >= self.begins) & (events.at <= self.until)

    def _cut(self, events: Stream) -> Stream:
        return events.only(np.isin(events.person, self.people))

    @cached_property
    def _recent(self) -> Outcomes:
        """What happened in the stretch that is looked at; rounds and handoffs as far back as they go."""
        whole = ("ended", "handoffs")
        return Outcomes(
            *(s if k in whole else s.only(self._keep(s)) for k, s in zip(Outcomes._fields, self.real, strict=True))
        )

    def _standing(self, keep: Any) -> Stream:
        people = self.data["people"][keep & np.isin(self.data["people"], self.people)]
        return Stream(people, np.full(len(people), NEVER, np.int64))


def _said(verdict: Verdict) -> Callable[[Compared, Side, Any], Stream]:
    def of(c: Compared, side: Side, _cell: Any) -> Stream:
        crossings = c.handed(side.name).stream
        return crossings.only(backtest.verdicts(crossings, c._recent) == verdict)

    return of


def _missed(kind: str) -> Callable[[Compared, Side, Any], Stream]:
    def of(c: Compared, side: Side, _cell: Any) -> Stream:
        good: Stream = getattr(c._recent, kind)
        return good.only(~backtest.caught(good, c.ever(side.name)))

    return of


def _again(c: Compared, side: Side, _cell: Any) -> Stream:
    returned = c._recent.returned
    return returned.only(backtest.sent_again(returned, c.ever(side.name), c.real.ended))


def _only_here(c: Compared, side: Side, _cell: Any) -> Stream:
    mine = c.handed(side.name).stream
    others = [c.handed(name).stream.person for name in c.sides if name != side.name]
    return mine.only(~np.isin(mine.person, others[0] if others else []))


def _in_cell(c: Compared, side: Side, cell: Any) -> Stream:
    grade, level = cell
    return c._standing((side.found.end_grade == grade) & (side.found.end_level == level))


def _moved(c: Compared, side: Side, _cell: Any) -> Stream:
    if len(c.sides) < 2:
        return c._standing(np.zeros(len(c.data["people"]), bool))
    one, other = (c.sides[name].found for name in SIDES)
    return c._standing((one.end_grade != other.end_grade) | (one.end_level != other.end_level))


KINDS: dict[str, Callable[[Compared, Side, Any], Stream]] = {
    "handed": lambda c, side, _cell: c.handed(side.name).stream,
    "only": _only_here,
    "qualified": _said(Verdict.QUALIFIED),
    "refused": _said(Verdict.REFUSED),
    "open": _said(Verdict.OPEN),
    "late": _said(Verdict.LATE),
    "unknown": _said(Verdict.UNKNOWN),
    "missed_won": _missed("bought"),
    "missed_sql": _missed("qualified"),
    "again": _again,
    "cell": _in_cell,
    "moved": _moved,
}


@dataclass(frozen=True)
class Stands:
    """Where one person stands now under one of the sides."""

    grade: str
    level: int
    action: str
    interest: float


def stands(compared: Compared, side: str, people: list[int]) -> dict[int, Stands]:
    """Where some people stand now, by id; those whom the backtest did not know are left out."""
    found, known = compared.sides[side].found, compared.data["people"]
    places = np.searchsorted(known, people)
    return {
        person: Stands(
            GRADES[found.end_grade[i]],
            int(found.end_level[i]),
            ACTIONS[found.end_action[i]],
            float(found.end_interest[i]),
        )
        for person, i in zip(people, places.tolist(), strict=True)
        if i < len(known) and known[i] == person
    }


def _kept(path: str) -> dict[str, Any]:
    """The columns of a result."""
    try:
        return _load(path, os.stat(path).st_mtime_ns)
    except FileNotFoundError as e:
        raise Gone("This result is not kept any more. Run the backtest again.") from e


@lru_cache(maxsize=4)
def _load(path: str, written: int) -> dict[str, Any]:
    """Read once as long as it is the same file: `written` tells."""
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
