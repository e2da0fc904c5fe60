"""All leaks of a moment, by kind, what is most at risk first. A fixed number of queries, however many leads leak."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest

from tilth.core.leaks import faded
from tilth.core.terms import Terms

from . import campaigns, free, held
from .campaigns import Running
from .kinds import Kind

SHOWN = 20


@dataclass(frozen=True)
class Leak:
    """One lead that leaks: `worth` in minor units, and of that what has faded since nobody took it further."""

    kind: str
    person: int
    since: datetime
    worth: int
    faded: int


@dataclass(frozen=True)
class Found:
    """The leaks of one kind: how many, what is at risk, what of it is gone already, and the most costly of them."""

    kind: Kind
    n: int
    at_risk: int
    faded: int
    first: list[Leak]


def found(terms: Terms, now: datetime, shown: int = SHOWN) -> list[Found]:
    """Each kind of leak of leads that there is, what is most at risk first."""
    by_kind: dict[str, list[Leak]] = {}
    for leak in every(terms, now):
        by_kind.setdefault(leak.kind, []).append(leak)
    rows = [_found(Kind(kind), leaks, shown) for kind, leaks in by_kind.items()]
    return sorted(rows, key=lambda f: (-f.at_risk, -f.n, f.kind))


def unbriefed(terms: Terms, now: datetime) -> list[Running]:
    """Campaigns that run, of which sales was told nothing."""
    return [row for row in campaigns.running(terms, now) if row.briefing is None]


def of(person: int, terms: Terms, now: datetime) -> str:
    """The kind of leak that this lead is; "" when it is none."""
    for rows in (held.leaking(terms, now), free.leaking(terms, now)):
        if kind := rows.filter(person=person).values_list("kind", flat=True).first():
            return str(kind)
    return ""


def every(terms: Terms, now: datetime) -> Iterator[Leak]:
    """Each lead that leaks at this moment, once."""
    theirs = held.leaking(terms, now).values_list("kind", "pk", "handoff__at", "worth")
    for kind, person, since, worth in theirs.iterator():
        yield Leak(kind, person, since, worth, faded(worth, since, now, terms.fades_hours))
    nobodys = free.leaking(terms, now).values_list("kind", "pk", "since", "grade", "level")
    for kind, person, since, grade, level in nobodys.iterator():
        worth = terms.value(grade, level) if grade else 0
        yield Leak(kind, person, since, worth, faded(worth, since, now, terms.fades_hours))


def _found(kind: Kind, leaks: list[Leak], shown: int) -> Found:
    first = nsmallest(shown, leaks, key=lambda leak: (-leak.worth, leak.since, leak.person))
    return Found(kind, len(leaks), sum(leak.worth for leak in leaks), sum(leak.faded for leak in leaks), first)
