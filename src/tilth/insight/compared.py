"""What a backtest found, ready to be read: the figures of both sides, and the people behind each number.

Everything can be narrowed to a source, a conversion point or a segment, and to the last so many weeks. Source:
docs/algorithms/backtest.md
"""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np

from tilth.core import backtest
from tilth.core.agreement import read
from tilth.core.backtest import Figures, Handed, Outcomes, Stream, Verdict
from tilth.core.clock import week_begins
from tilth.core.kernel import NEVER
from tilth.core.qualify import micro, moment, segment
from tilth.core.terms import ACTIONS, GRADES, Terms

from .found import Found
from .models import Backtest

SIDES = ("draft", "running")
MOST_WEEKS = 104
DAY = timedelta(days=1)


class Narrowed(NamedTuple):
    """Whom and when the figures are about. Empty: everybody; a source of "" cannot be asked for."""

    source: str | None = None
    offer: str | None = None
    segment: str | None = None
    weeks: int = 52


class Whole(NamedTuple):
    """All that a side did on the whole history, of everybody: leads handed off, of these found ready, of these judged."""

    leads: int
    hits: int
    known: int


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
    def first(self) -> int:
        """Since when there is history: the first handoff, real or not (microseconds)."""
        moments = [self.data["real_handoffs_at"], *(side.found.at for side in self.sides.values())]
        return min((int(at.min()) for at in moments if len(at)), default=self.until)

    @cached_property
    def begins(self) -> int:
        """Monday, 00:00 in the agreement's zone, of the first week that is looked at."""
        zone = self.sides["draft"].terms.zone
        end = (self.row.until or self.row.asked_at).astimezone(zone)
        first = (moment(self.first) or end).astimezone(zone)
        weeks = min(max(self.narrowed.weeks, 1), MOST_WEEKS)
        return self._monday(max(end - timedelta(weeks=weeks), first))

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
            names, place = self._segments
            chosen = np.array([n == self.narrowed.segment for n in names], bool)[place]
            keep = chosen if keep is None else keep & chosen
        return people if keep is None else people[keep]

    @cached_property
    def _segments(self) -> tuple[list[str], Any]:
        """The segment of each person, under the draft, as they stand now: names (some more than once), and places in them."""
        side = self.sides["draft"]
        masks, place = np.unique(side.found.end_mask, return_inverse=True)
        return [segment(side.terms, int(m)) for m in masks], place

    def choices(self, name: str) -> list[tuple[str, int]]:
        """The sources, offers or segments there are, with how many people belong to each, most first."""
        if name == "segment":
            names, place = self._segments
        else:
            names, place = self.data[f"{name}_words"].tolist(), self.data[name]
        counts: Counter[str] = Counter()
        for word, n in zip(names, np.bincount(place, minlength=len(names)).tolist(), strict=True):
            counts[word] += n
        return sorted(((word, n) for word, n in counts.items() if word), key=lambda row: (-row[1], row[0]))

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
                self.real,
                self.begins,
                self.until,
                side.good(),
                side.value(),
                owed.hours,
                owed.room_hours,
            )
        return out

    @cached_property
    def weeks(self) -> float:
        """How long the whole history is, a week at least."""
        first = moment(self.first)
        assert first is not None
        return max((self.until - self._monday(first)) / backtest.WEEK, 1.0)

    def whole(self, side: str) -> Whole:
        """A side on the whole history, whatever is looked at: beside the frontier, which is of that too."""
        crossings = self.sides[side].found.handed.stream
        real = Outcomes(*(Stream(self.data[f"real_{k}_person"], self.data[f"real_{k}_at"]) for k in Outcomes._fields))
        said = backtest.verdicts(crossings, real)
        hits, refused = ((said == v).sum() for v in (Verdict.QUALIFIED, Verdict.REFUSED))
        return Whole(len(said), int(hits), int(hits + refused))

    def cells(self, side: str) -> list[list[int]]:
        """How many of the people stand in each cell now, [grade][level - 1]."""
        found, here = self.sides[side].found, np.isin(self.data["people"], self.people)
        place = found.end_grade[here].astype(np.int64) * 4 + found.end_level[here] - 1
        return np.bincount(place, minlength=16).reshape(4, 4).tolist()

    def behind(self, kind: str, side: str = "draft", cell: tuple[int, int] | None = None) -> Stream:
        """The people behind a number with the moment that it counts (NEVER: where they stand now), the newest first.

        kind     a key of `KINDS`; "cell" needs `cell`: (0 for A, level)
        raises   KeyError for another kind or side
        """
        person, at = KINDS[kind](self, self.sides[side], cell)
        order = np.lexsort((person, -at))
        return Stream(person[order], at[order])

    def cases(
        self, kind: str, side: str = "draft", cell: tuple[int, int] | None = None, some: slice = slice(None)
    ) -> list[Case]:
        """The same as values; `some` of them."""
        found = self.behind(kind, side, cell)
        return [
            Case(int(p), moment(int(t)) if t != NEVER else None)
            for p, t in zip(found.person[some], found.at[some], strict=True)
        ]

    def _monday(self, at: datetime) -> int:
        """When the week of a moment begins, where the agreement is kept."""
        day = at.astimezone(zone := self.sides["draft"].terms.zone).date()
        return micro(datetime.combine(week_begins(day), time(), zone).astimezone(UTC))

    def _found(self, side: str) -> Found:
        return Found(*(self.data[f"{side}_{name}"] for name in Found._fields))

    def _keep(self, events: Stream) -> Any:
        return self._are_looked_at(events) & (events.at >= self.begins) & (events.at <= self.until)

    def _cut(self, events: Stream) -> Stream:
        return events.only(self._are_looked_at(events))

    def _are_looked_at(self, events: Stream) -> Any:
        everybody = len(self.people) == len(self.data["people"])
        return np.ones(len(events.person), bool) if everybody else np.isin(events.person, self.people)

    @cached_property
    def _recent(self) -> Outcomes:
        """What happened in the stretch that is looked at."""
        return Outcomes(*(s.within(self.begins, self.until) for s in self.real))

    def _standing(self, keep: Any) -> Stream:
        people = self.data["people"][keep & np.isin(self.data["people"], self.people)]
        return Stream(people, np.full(len(people), NEVER, np.int64))


def _said(verdict: Verdict) -> Callable[[Compared, Side, Any], Stream]:
    def of(c: Compared, side: Side, _cell: Any) -> Stream:
        crossings = c.handed(side.name).stream
        return crossings.only(backtest.verdicts(crossings, c.real) == verdict)

    return of


def _missed(kind: str) -> Callable[[Compared, Side, Any], Stream]:
    def of(c: Compared, side: Side, _cell: Any) -> Stream:
        good: Stream = getattr(c._recent, kind)
        return good.only(~backtest.caught(good, c.ever(side.name)))

    return of


def _again(c: Compared, side: Side, _cell: Any) -> Stream:
    returned = c._recent.returned
    return returned.only(backtest.sent_again(returned, c.ever(side.name), c.real.ended))


def _caught(kind: str) -> Callable[[Compared, Side, Any], Stream]:
    def of(c: Compared, side: Side, _cell: Any) -> Stream:
        good: Stream = getattr(c._recent, kind)
        return good.only(backtest.caught(good, c.ever(side.name)))

    return of


def _with_both(c: Compared, side: Side, _cell: Any) -> Stream:
    good = backtest.together(c._recent.qualified, c._recent.bought)
    return good.only(backtest.with_both(good, c.ever(side.name), c.real.handoffs))


def _good_fit(c: Compared, side: Side, _cell: Any) -> Stream:
    handed = c.handed(side.name)
    return handed.stream.only(np.isin(handed.grade, side.good()))


def _over_room(c: Compared, side: Side, _cell: Any) -> Stream:
    """The leads of whole weeks in which they need more than sales' room, even at the least."""
    crossings, owed = c.handed(side.name).stream, side.terms.sales
    weekly = np.array(c.figures[side.name].weekly, np.int64)
    week = (crossings.at - c.begins) // backtest.WEEK
    over = np.append(weekly * owed.hours[0] > owed.room_hours, False)
    return crossings.only(over[np.minimum(week, len(weekly))])


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
    "good_fit": _good_fit,
    "over_room": _over_room,
    "only": _only_here,
    "qualified": _said(Verdict.QUALIFIED),
    "refused": _said(Verdict.REFUSED),
    "open": _said(Verdict.OPEN),
    "late": _said(Verdict.LATE),
    "unknown": _said(Verdict.UNKNOWN),
    "caught_won": _caught("bought"),
    "caught_sql": _caught("qualified"),
    "with_both": _with_both,
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
