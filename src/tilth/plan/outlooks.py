"""The chance of the plan in force, once a day, with why it moved.

Reads   the plan in force, the kept report of its inputs, what was won
Writes  Outlook
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from tilth.agreement.models import house_zone, running
from tilth.core.plan import NoPlan
from tilth.core.planned import Planned, read
from tilth.core.planning import Unsound
from tilth.insight.period import Period as Days
from tilth.insight.progress import progress

from .models import Goal, Outlook, current
from .past import known
from .told import QUANTILES, SEED, YEARS

if TYPE_CHECKING:
    from tilth.core.chance import Chance, Period

HAPPENED = "happened"
LITTLE = 0.005  # by which a chance moves without anybody noticing
OPEN = ", open now"


@dataclass(frozen=True)
class Moved:
    """How a chance moved: from, to and since when, and what moved it most, the largest first."""

    was: float
    now: float
    since: Any
    because: tuple[tuple[str, float], ...]


def catch_up(now: datetime, person: int | None = None) -> int:
    """Look once at today's chance of the plan in force; 0 when that was done, or cannot be done yet."""
    day = now.astimezone(house_zone(running(now))).date()
    goal = current(day)
    if goal is None or Outlook.objects.filter(goal=goal, day=day).exists():
        return 0
    found = known(now, goal.first)
    if found.as_of is None:
        return 0  # the worker reads our history first
    try:
        planned = read(goal.told(), found.of(goal.currency))
    except Unsound:
        return 0
    return look(goal, planned, now)


def look(goal: Goal, planned: Planned, now: datetime) -> int:
    """Work out today's chance and keep it; 1, or 0 when somebody else did or the period is over."""
    from tilth.core import forecast
    from tilth.core.chance import chance

    zone = house_zone(running(now))
    day, won = now.astimezone(zone).date(), progress(Days(goal.first, goal.last, zone), goal.currency).amount
    try:
        period = forecast.period(planned, day, won)
        found = chance(period, SEED, YEARS)
    except NoPlan:
        return 0
    before = Outlook.objects.filter(goal=goal, day__lt=day).order_by("-day").first()
    low, middle, high = (round(found.quantile(q) + won) for q in QUANTILES.values())
    try:
        with transaction.atomic():
            Outlook.objects.create(
                goal=goal, day=day, at=now, chance=found.chance, low=low, middle=middle, high=high, won=won,
                period=asdict(period), because=_because(before, period, found), parts=_parts(found),
            )  # fmt: skip
    except IntegrityError:  # two workers at once: the other one has looked
        return 0
    Outlook.objects.filter(goal=goal, day__lt=day).exclude(period={}).update(period={})
    return 1


def _parts(found: "Chance") -> list[list[Any]]:
    parts = sorted(((share, what, kind) for (kind, what), share in found.parts.items()), reverse=True)
    return [[round(share, 4), what, kind] for share, what, kind in parts if share >= 0.01]


def _because(before: Outlook | None, after: "Period", found: "Chance") -> dict[str, float]:
    """What moved the chance since the outlook before. What was won and what came in since is one part, for it goes together."""
    from tilth.core.chance import because, chance

    if before is None or not before.period:
        return {}
    was = period_of(before.period)
    weeks = len(after.kinds[0].leads)
    there = {kind.name: kind for kind in after.kinds if kind.name.endswith(OPEN)}
    kinds = tuple(
        replace(kind, leads=kind.leads[-weeks:])
        for kind in was.kinds
        if not kind.name.endswith(OPEN) and len(kind.leads) >= weeks
    )
    if not kinds:
        return {HAPPENED: found.chance - before.chance}
    hours = was.hours if was.hours is None else was.hours[-weeks:]
    later = replace(was, goal=after.goal, kinds=(*kinds, *there.values()), hours=hours)
    try:
        steps = because(later, after, SEED, YEARS)
        happened = chance(later, SEED, YEARS).chance - before.chance
    except NoPlan:
        return {HAPPENED: found.chance - before.chance}
    return {HAPPENED: happened} | {name: moved for name, moved in steps.items() if moved}


def period_of(kept: Mapping[str, Any]) -> "Period":
    """A period as it was kept."""
    from tilth.core.chance import Kind, Period

    kinds = tuple(Kind(**_tuples(kind)) for kind in kept["kinds"])
    hours = kept["hours"]
    return Period(kept["goal"], kinds, None if hours is None else tuple(hours), kept["spread"])


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def moved(goal: Goal, days: int = 7) -> Moved | None:
    """How the chance moved over the last days; None before there are two outlooks, or when it hardly did."""
    rows = list(goal.outlooks.order_by("-day").only("day", "chance", "because")[: days + 1])
    if len(rows) < 2 or abs(rows[0].chance - rows[-1].chance) < LITTLE:
        return None
    sums: dict[str, float] = {}
    for row in rows[:-1]:
        for name, by in row.because.items():
            sums[name] = sums.get(name, 0.0) + by
    most = sorted(((name, by) for name, by in sums.items() if abs(by) >= LITTLE), key=lambda one: -abs(one[1]))
    return Moved(rows[-1].chance, rows[0].chance, rows[-1].day, tuple(most[:3]))
