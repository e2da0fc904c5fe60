"""What came of the leads that an agreement would have handed off: verdicts, and the figures that follow.

Flat NumPy arrays in, plain values out; no input or output here. Persons are ids, times microseconds since 1970 in
UTC. Every kind of outcome is a `Stream` in the order of (person, at). Source: docs/algorithms/backtest.md
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kernel import DAY, FAR, NEVER
from .rates import Rate

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
WEEK = 7 * DAY


class Stream(NamedTuple):
    """Events of one kind, ascending by person, then time."""

    person: Ints
    at: Ints

    def only(self, keep: Flags) -> "Stream":
        return Stream(self.person[keep], self.at[keep])

    def within(self, begins: int, until: int) -> "Stream":
        return self.only((self.at >= begins) & (self.at <= until))


class Outcomes(NamedTuple):
    """What really happened. `bought` counts as found ready to buy, whoever forgot to say so first."""

    handoffs: Stream
    qualified: Stream
    bought: Stream
    returned: Stream
    ended: Stream


class Verdict(IntEnum):
    """What came of a lead after the moment at which a version would have handed it off."""

    UNKNOWN = 0  # sales never had it: nobody knows
    OPEN = 1  # sales has it and has not said
    REFUSED = 2  # returned, handed back or lost
    QUALIFIED = 3  # found ready to buy, or bought
    LATE = 4  # that was said before this version would have handed it off


def stream(person: Any, at: Any) -> Stream:
    """Events in any order, put in order."""
    person, at = np.asarray(person, np.int64), np.asarray(at, np.int64)
    order = np.lexsort((at, person))
    return Stream(person[order], at[order])


def together(*streams: Stream) -> Stream:
    """Several streams as one."""
    return stream(np.concatenate([s.person for s in streams]), np.concatenate([s.at for s in streams]))


def places(events: Stream, person: Ints, at: Ints) -> Ints:
    """For each moment of a person: how many events lie before it in the stream's order, or at it."""
    low, high = (np.searchsorted(events.person, person, side) for side in ("left", "right"))
    while (between := low < high).any():  # each round halves what is left of every person's events
        middle = (low + high) // 2
        passed = between & (events.at[np.minimum(middle, len(events.at) - 1)] <= at)
        low, high = np.where(passed, middle + 1, low), np.where(between & ~passed, middle, high)
    return low


def last_until(events: Stream, person: Ints, at: Ints) -> Ints:
    """When the person's last event until each moment was; NEVER without one."""
    place = places(events, person, at) - 1
    return _at(events, person, place, NEVER)


def next_after(events: Stream, person: Ints, at: Ints) -> Ints:
    """When the person's first event after each moment was; FAR without one."""
    return _at(events, person, places(events, person, at), FAR)


def _at(events: Stream, person: Ints, place: Ints, otherwise: int) -> Ints:
    if not len(events.at):
        return np.full(len(person), otherwise, np.int64)
    inside = (place >= 0) & (place < len(events.at))
    place = np.clip(place, 0, len(events.at) - 1)
    return np.where(inside & (events.person[place] == person), events.at[place], otherwise)


def verdicts(crossings: Stream, real: Outcomes) -> Ints:
    """What came of each lead that a version would have handed off: a `Verdict` each.

    A lead's round runs from the end of the one before to the next end: return, handing back, loss or purchase. Only
    what was said in that round counts, and only what was said after the handoff can speak for it.
    """
    who, at = crossings
    good = together(real.qualified, real.bought)
    begins, ends = last_until(real.ended, who, at), next_after(real.ended, who, at)
    said_after, said_before = next_after(good, who, at), last_until(good, who, at)
    out = np.full(len(at), Verdict.UNKNOWN, np.int64)
    had = next_after(real.handoffs, who, begins)
    out[(had <= ends) & (had < FAR)] = Verdict.OPEN
    out[ends < FAR] = Verdict.REFUSED
    out[(said_after <= ends) & (said_after < FAR)] = Verdict.QUALIFIED
    out[said_before > begins] = Verdict.LATE
    return out


def caught(good: Stream, crossings: Stream) -> Flags:
    """Of each good outcome: would the version have handed the lead off by then?"""
    crossed = last_until(crossings, good.person, good.at)
    return crossed > NEVER


def earlier(good: Stream, crossings: Stream, handoffs: Stream) -> NDArray[np.float64]:
    """Days by which the version would have handed off earlier than really happened, of outcomes with both; negative: later.

    Compared is the last handoff before the outcome, of either.
    """
    would, did = last_until(crossings, good.person, good.at), last_until(handoffs, good.person, good.at)
    both = (would > NEVER) & (did > NEVER)
    return (did[both] - would[both]) / DAY


def with_both(good: Stream, crossings: Stream, handoffs: Stream) -> Flags:
    """Of each good outcome: was the lead handed off by then, really and by the version? Those `earlier` speaks of."""
    return caught(good, crossings) & caught(good, handoffs)


def sent_again(returned: Stream, crossings: Stream, ended: Stream) -> Flags:
    """Of each returned lead: would the version have sent it, in the round that ended with the return?"""
    before = last_until(ended, returned.person, returned.at - 1)
    return last_until(crossings, returned.person, returned.at) > before


@dataclass(frozen=True)
class Figures:
    """One version over one stretch of history. Rates carry their n; lists of persons are in `backtest.people`.

    leads        handed off in all, in `weeks` (the last one a part); `weekly` each whole week, the first at `begins` (microseconds)
    good_fit     of the leads handed off, those whose grade is one that the agreement calls good
    value        expected value of the leads, in minor units
    hours        hours of sales that the leads need, fewest and most, a week on average
    over_room    of the weeks, those whose leads need more than sales' room even at the least; None when no room is agreed
    precision    of the leads whose outcome is known, those found ready to buy
    sql, won     recall: of all that were found ready to buy, and of all that bought, those handed off by then
    sent_again   of the leads that sales returned, those that would be sent again
    unknown      of the leads handed off, those that sales never had: nobody knows what would have come of them
    late, open   leads handed off only after sales had found them ready; and those that sales still has
    earlier      median days earlier than it really was, of the `both` outcomes with a handoff of either; None without any
    """

    leads: int
    begins: int
    weeks: float
    weekly: tuple[int, ...]
    good_fit: Rate
    value: int
    hours: tuple[float, float]
    over_room: Rate | None
    precision: Rate
    sql: Rate
    won: Rate
    sent_again: Rate
    unknown: Rate
    late: int
    open: int
    earlier: float | None
    both: int

    @property
    def a_week(self) -> float:
        """Leads a week on average; of less than a week, what there was."""
        return self.leads / max(self.weeks, 1.0)


class Handed(NamedTuple):
    """The leads that a version would have handed off: ascending by person, then time."""

    stream: Stream
    grade: Ints
    level: Ints


def figures(
    handed: Handed, ever: Stream, real: Outcomes, begins: int, until: int, good: tuple[int, ...], value: NDArray[np.float64],
    hours: tuple[float, float], room: float,
) -> Figures:  # fmt: skip
    """The figures of one version.

    handed, ever    the leads of that stretch; and all that it would have handed off before its end
    real            what happened until its end, however long ago: an older word of sales still speaks of an open round
    begins, until   the stretch of history; weeks are counted from `begins`, a last part of a week is left out of `weekly`
    good            the grades (0 for A) that count as good fit
    value           expected value of a lead, [grade * 4 + level - 1], in minor units
    hours, room     hours that one lead takes, fewest and most; hours a week that sales has for new leads (0: not agreed)
    """
    crossings = handed.stream
    said = verdicts(crossings, real)
    long = max(until - begins, 0) / WEEK
    weeks = int(long)
    week = (crossings.at - begins) // WEEK
    weekly = np.bincount(week[(week >= 0) & (week < weeks)], minlength=weeks)
    known = np.isin(said, (Verdict.QUALIFIED, Verdict.REFUSED))
    n = len(crossings.at)
    qualified, bought, returned = (s.within(begins, FAR) for s in (real.qualified, real.bought, real.returned))
    apart = earlier(together(qualified, bought), ever, real.handoffs)
    average = n / max(long, 1.0)
    return Figures(
        leads=n,
        begins=begins,
        weeks=long,
        weekly=tuple(weekly.tolist()),
        good_fit=Rate(int(np.isin(handed.grade, good).sum()), n),
        value=round(float(value[handed.grade * 4 + handed.level - 1].sum())) if n else 0,
        hours=(average * hours[0], average * hours[1]),
        over_room=Rate(int((weekly * hours[0] > room).sum()), weeks) if room else None,
        precision=Rate(int((said == Verdict.QUALIFIED).sum()), int(known.sum())),
        sql=_share(caught(qualified, ever)),
        won=_share(caught(bought, ever)),
        sent_again=_share(sent_again(returned, ever, real.ended)),
        unknown=Rate(int((said == Verdict.UNKNOWN).sum()), n),
        late=int((said == Verdict.LATE).sum()),
        open=int((said == Verdict.OPEN).sum()),
        earlier=float(np.median(apart)) if len(apart) else None,
        both=len(apart),
    )


def _share(flags: Flags) -> Rate:
    return Rate(int(flags.sum()), len(flags))
