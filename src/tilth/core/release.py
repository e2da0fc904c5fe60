"""How many leads sales can take (B5): hours for new leads, week by week, and who comes first until they are full.

A lead takes the hours that the agreement says for its interest level. What a week has left over is less than one lead, and
that goes on into the next; what it was overdrawn by goes on too, but no further than one full week back.
Source: docs/algorithms/release.md
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .terms import Release

DIGITS = 9  # of hours: what is closer than this is equal


@dataclass(frozen=True)
class Capacity:
    """One seller's hours for new leads in one week.

    room       said for this week: less for days off, absence and who still learns
    carried    from the week before; below zero when that was overdrawn
    taken      by the leads that came to them in this week
    """

    room: float
    carried: float = 0.0
    taken: float = 0.0

    @property
    def free(self) -> float:
        """Hours that are left; below zero when leads came that nobody holds back."""
        return round(self.room + self.carried - self.taken, DIGITS)


def carry(week: Capacity, release: Release, full: float) -> float:
    """What goes on from a week into the next: the fraction of a lead, never a heap of them.

    full       hours of a full week; so far back an overdrawn week reaches, at most
    returns    hours, from -full to those of the lead that takes most
    """
    return max(min(week.free, max(release.hours.values())), -full)


class Hours:
    """Who has how many hours left while leads are let go, one after the other. Who said nothing is never full.

    `blocked` are the lines whose first lead finds no hours: nobody behind it goes before it because they need less.
    """

    def __init__(self, release: Release, free: Mapping[int, float]) -> None:
        self.release, self.free, self.blocked = release, dict(free), set[str]()

    def full(self, level: int) -> frozenset[int]:
        """The sellers who have no hours for a lead of this interest level."""
        needs = self.release.hours[level]
        return frozenset(seller for seller, hours in self.free.items() if round(hours - needs, DIGITS) < 0)

    def take(self, seller: int, level: int) -> None:
        """A lead of this interest level went to a seller."""
        if seller in self.free:
            self.free[seller] -= self.release.hours[level]

    def none_left(self, sellers: int) -> bool:
        """Whether not even the lead that takes least finds hours with so many sellers; where nobody sells, no hours are missing."""
        least = min(self.release.hours.values())
        return 0 < sellers <= len(self.free) and all(round(free - least, DIGITS) < 0 for free in self.free.values())


def beyond(came: Iterable[tuple[int, int, int]], hours: Hours) -> list[int]:
    """The leads that found no hours, when each takes those of its seller in the order in which they came (R9).

    came       (lead, seller, interest level); a lead that finds no hours takes none
    hours      what each seller has before the first lead; changed
    """
    out = []
    for lead, seller, level in came:
        if seller in hours.full(level):
            out.append(lead)
        else:
            hours.take(seller, level)
    return out
