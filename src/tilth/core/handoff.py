"""Which lead comes first, and who gets it: an order and a choice that can be replayed and explained.

`priority` orders a queue by what waiting costs. `route` gives a lead to one owner by weighted turns
and keeps why. Both are functions of their arguments alone: same facts, same answer, in any order.
Source: docs/algorithms/routing.md
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .agreement import Pool
from .qualify import test

HOUR = 3600.0
DIGITS = 9  # of a lead: what is closer than this is equal, whatever the floating point says
NEVER = datetime.max.replace(tzinfo=UTC)

SAME_COMPANY = "same company"
TURNS = "weighted turns"
ABSENT = "absent"
NOT_SELLING = "not in sales"


@dataclass(frozen=True, order=True)
class Priority:
    """A place in the queue: `sorted(...)` puts the lead to work on first in front.

    Late promises come before all others; then the highest cost, the earliest due moment, the
    lowest id, so no two leads tie. `cost` is what one more hour of waiting costs, in minor units.
    """

    in_time: bool
    minus_cost: float = field(repr=False)
    due: datetime
    id: int

    @property
    def cost(self) -> float:
        return -self.minus_cost


def priority(id: int, value: int, since: datetime, due: datetime | None, now: datetime, fades_hours: float) -> Priority:
    """Where a lead belongs in the queue: a broken promise first, then what waiting costs per hour.

    value        expected value at `since`, in minor units
    since        when it became ripe or was handed off
    due          of the promise that is still open; None without one
    fades_hours  hours in which an unworked lead loses half of its value; above zero
    """
    in_time = due is None or now <= due
    return Priority(in_time, -cost_of_waiting(value, since, now, fades_hours), due or NEVER, id)


def cost_of_waiting(value: int, since: datetime, now: datetime, fades_hours: float) -> float:
    """What the next hour of waiting takes off a lead's expected value, in minor units.

    What is left of the value after its age, times the share that fades in one hour.
    """
    age = max((now - since).total_seconds() / HOUR, 0.0)
    return value * 0.5 ** (age / fades_hours) * (1 - 0.5 ** (1 / fades_hours))


@dataclass(frozen=True)
class Seller:
    """Somebody who may own a lead."""

    id: int
    email: str
    name: str


@dataclass(frozen=True)
class Routing:
    """Who gets the lead. `why` is plain data for the record; `turns` is what to store for the pool.

    A turn says how many leads a seller is ahead of their share; below zero, they are owed. It is
    within one lead either way. `turns` is empty when the lead used no turn.
    """

    owner: int
    pool: str
    weight: float
    turns: Mapping[int, float]
    why: dict[str, Any]


def route(
    pools: Sequence[Pool],
    sellers: Sequence[Seller],
    turns: Mapping[tuple[str, int], float],
    about: Mapping[str, Any],
    absent: AbstractSet[int],
    company_owner: int | None,
) -> Routing | None:
    """The owner of a lead: whoever has its company, else whose turn it is in the first fitting pool.

    pools          in the agreement's order; the first whose condition holds decides
    sellers        everyone who may own a lead, in any order
    turns          (pool, seller) to what the last `Routing.turns` said; missing means zero
    about          attribute to value, as for the fit rules
    absent         ids that get nothing today
    company_owner  who has the open lead or deal of this company; uses no turn when there
    returns        None when nobody in the pool is there: the lead waits, visibly
    Source: docs/algorithms/routing.md
    """
    pool = next((p for p in pools if _fits(p, about)), None)
    if pool is None:
        return None
    weights = _weights(pool, sellers)
    there = {s: w for s, w in weights.items() if s not in absent}
    ahead = {s: turns.get((pool.id, s), 0.0) for s in there}
    names = {s.id: s.name for s in sellers}
    if company_owner in names and company_owner not in absent:
        rule, owner, after = SAME_COMPANY, company_owner, {}
    elif there:
        rule, owner, after = TURNS, *_whose_turn(there, ahead)
    else:
        return None
    why = {
        "rule": rule,
        "pool": pool.id,
        "passed": [p.id for p in pools[: pools.index(pool)]],
        "candidates": [{"id": s, "name": names[s], "weight": w, "ahead": round(ahead[s], 3)} for s, w in there.items()],
        "skipped": _skipped(pool, sellers, weights, absent, company_owner),
        "chosen": owner,
    }
    return Routing(owner, pool.id, weights.get(owner, 0.0), after, why)


def in_pool(pools: Sequence[Pool], sellers: Sequence[Seller], about: Mapping[str, Any]) -> list[int]:
    """The sellers of the first pool whose condition holds, by id; [] when none does.

    pools, sellers, about   as for `route`
    """
    pool = next((p for p in pools if _fits(p, about)), None)
    return list(_weights(pool, sellers)) if pool else []


def _fits(pool: Pool, about: Mapping[str, Any]) -> bool:
    return not pool.field or test(pool.test, pool.value, about.get(pool.field))


def _weights(pool: Pool, sellers: Sequence[Seller]) -> dict[int, float]:
    """Seller to weight, by id. A pool without members is everyone, equally."""
    by_email = {email.casefold(): float(weight) for email, weight in pool.members.items()}
    found = {s.id: by_email.get(s.email.casefold(), 0.0) if by_email else 1.0 for s in sellers}
    return {s: w for s, w in sorted(found.items()) if w}


def _whose_turn(weights: Mapping[int, float], ahead: Mapping[int, float]) -> tuple[int, dict[int, float]]:
    """Of those behind their share of this lead, who must come first to keep it; and the turns then.

    The quota method: it keeps everyone within one lead of their share as long as the same people
    are there. When they change, what was owed among those who are there is spread over them.
    """
    rounds = (1 + sum(ahead.values())) / sum(weights.values())
    behind = {s: w * rounds - ahead[s] for s, w in weights.items()}
    owner = min(
        (s for s in behind if round(behind[s], DIGITS) > 0),
        key=lambda s: (round((ahead[s] + 1) / weights[s], DIGITS), s),
    )
    return owner, {s: min(max((s == owner) - behind[s], -1.0), 1.0) for s in behind}


def _skipped(
    pool: Pool,
    sellers: Sequence[Seller],
    weights: Mapping[int, Any],
    absent: AbstractSet[int],
    company_owner: int | None,
) -> list[dict[str, Any]]:
    """Who might have been expected to get the lead and could not, and why."""
    known = {s.email.casefold() for s in sellers}
    expected = sorted((s for s in sellers if s.id in weights or s.id == company_owner), key=lambda s: s.id)
    away = [{"id": s.id, "name": s.name, "why": ABSENT} for s in expected if s.id in absent]
    gone = [{"id": None, "name": e, "why": NOT_SELLING} for e in sorted(pool.members) if e.casefold() not in known]
    return away + gone
