"""How both teams kept what they promised, in the same terms: of what fell due in a period, kept or broken, and why broken.

Grain   one row per kind of promise, or per member and kind. A void promise lost its object and never counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth, TruncQuarter, TruncWeek

from tilth.core.rates import Rate
from tilth.promises.models import Obligation

from .period import Period

KINDS = sorted(Obligation.Kind.values, key=lambda kind: kind != Obligation.Kind.DELIVERY)  # in the order of the work
MARKETING, SALES, REVIEWER = "marketing", "sales", "reviewer"
OWED_BY: Mapping[str, str] = {Obligation.Kind.DELIVERY: MARKETING, Obligation.Kind.REVIEW: REVIEWER}
NONE = [0, 0, 0, 0, 0]
ASKED_FOR = Q(quantity__gt=0) | Q(value__gt=0)


def states(now: datetime) -> dict[str, Q]:
    """Exactly one of these holds for each promise: kept, met or ended too late, still open and late, void, not due yet."""
    return {
        "kept": Q(settlement__kept=True),
        "late": Q(settlement__kept=False, settlement__void=False),
        "open": Q(open=True, due_at__lt=now),
        "void": Q(settlement__void=True),
        "running": Q(open=True, due_at__gte=now),
    }


@dataclass(frozen=True)
class Line:
    """One kind of promise. `late` was met or ended too late, `open` is late and not met; `causes` sums to both."""

    kind: str
    kept: int = 0
    late: int = 0
    open: int = 0
    void: int = 0
    running: int = 0
    causes: Mapping[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> Rate:
        """Kept in time, of those that fell due and were not void."""
        return Rate(self.kept, self.kept + self.broken)

    @property
    def broken(self) -> int:
        return self.late + self.open

    @property
    def debtor(self) -> str:
        return OWED_BY.get(self.kind, SALES)


def by_kind(period: Period, now: datetime, member: int | None = None) -> list[Line]:
    """Every kind of promise, also one of which none fell due. Two queries."""
    rows = promised(period)
    if member is not None:
        rows = rows.filter(member=member)
    counts = {kind: numbers for kind, *numbers in _counted(rows.order_by(), now, "kind")}
    causes = _causes(rows, now)
    return [_line(kind, counts.get(kind, NONE), causes.get(kind, {})) for kind in KINDS]


@dataclass(frozen=True)
class Person:
    """What one member owed and kept, by kind; those of which none fell due are left out."""

    member: int
    lines: Mapping[str, Line]

    @property
    def rate(self) -> Rate:
        return Rate(sum(x.kept for x in self.lines.values()), sum(x.rate.n for x in self.lines.values()))


def by_person(period: Period, now: datetime) -> list[Person]:
    """Everybody who owed something, in the order of their ids. One query."""
    found: dict[int, dict[str, Line]] = defaultdict(dict)
    rows = promised(period).filter(member__isnull=False).order_by()
    for member, kind, *numbers in _counted(rows, now, "member", "kind"):
        line = _line(kind, numbers)
        if line.rate.n:
            found[member][kind] = line
    return [Person(member, found[member]) for member in sorted(found)]


def _line(kind: str, numbers: Sequence[int], causes: Mapping[str, int] | None = None) -> Line:
    """numbers   in the order of `states`"""
    kept, late, open_late, void, running = numbers
    return Line(kind, kept, late, open_late, void, running, causes or {})


def promised(period: Period) -> QuerySet[Obligation]:
    """What falls due in a period; a week for which nothing was promised is left out."""
    return Obligation.objects.filter(ASKED_FOR, **period.within("due_at"))


def listed(period: Period, now: datetime, wanted: Mapping[str, str]) -> QuerySet[Obligation]:
    """The promises behind a number, what fell due last first.

    wanted   kind, state (also "broken"), member, cause: each as in the address; an unknown one narrows to nothing
    """
    rows, state = promised(period), states(now)
    state["broken"] = state["late"] | state["open"]
    if kind := wanted.get("kind"):
        rows = rows.filter(kind=kind)
    if asked := wanted.get("state"):
        rows = rows.filter(state[asked]) if asked in state else rows.none()
    if member := wanted.get("member"):
        rows = rows.filter(member=int(member)) if member.isdecimal() and len(member) < 19 else rows.none()
    if cause := wanted.get("cause"):
        rows = rows.filter(state["broken"], breach__cause=cause)
    return rows.order_by("-due_at", "-pk")


def _counted(rows: QuerySet[Obligation], now: datetime, *by: str) -> Iterable[tuple[Any, ...]]:
    """The groups, each with how many of it are in which state, in the order of `states`."""
    counts = {f"n_{name}": Count("pk", filter=condition) for name, condition in states(now).items()}
    return rows.values_list(*by).annotate(**counts)


def _causes(rows: QuerySet[Obligation], now: datetime) -> dict[str, dict[str, int]]:
    """Kind to cause to how many were broken for it, the most frequent first."""
    state = states(now)
    broken = rows.filter(state["late"] | state["open"], breach__isnull=False)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for kind, cause, n in (
        broken.values_list("kind", "breach__cause").annotate(n=Count("pk")).order_by("-n", "breach__cause")
    ):
        found[kind][cause] = n
    return found


def total(lines: Iterable[Line]) -> Rate:
    """All kinds together."""
    every = list(lines)
    return Rate(sum(x.kept for x in every), sum(x.rate.n for x in every))


@dataclass(frozen=True)
class Stretch:
    """One week, month or quarter (its first day) of a team, or of a kind of promise. `kept` of `due`."""

    first: date
    of: str
    due: int
    kept: int


def over_time(period: Period, now: datetime, span: str, by: str) -> list[Stretch]:
    """How promises were kept by when they fell due, ascending; void ones and those that run are left out. One query.

    span   week, month or quarter, in the period's zone
    by     "team" (see OWED_BY) or "kind"
    """
    trunc = {"week": TruncWeek, "month": TruncMonth, "quarter": TruncQuarter}[span]
    rows = promised(period).order_by().annotate(first=trunc("due_at", tzinfo=period.zone))
    found: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
    for first, kind, *numbers in _counted(rows, now, "first", "kind"):
        line = _line(kind, numbers)
        counts = found[first.date(), line.debtor if by == "team" else kind]
        counts[0] += line.rate.n
        counts[1] += line.kept
    return [Stretch(first, of, due, kept) for (first, of), (due, kept) in sorted(found.items()) if due]
