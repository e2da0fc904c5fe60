"""Who gets a lead: a choice by weighted turns that can be replayed, and that keeps why and why not.

A function of its arguments alone, without chance: same facts, same owner, in whatever order they were read.
Source: docs/algorithms/routing.md
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from heapq import nsmallest
from typing import Any

from .qualify import holds
from .terms import Pool, Routes

DIGITS = 9  # of a lead: what is closer than this is equal, whatever the floating point says
TOLD = 20  # of the candidates, those whose turn is nearest are kept by name

ACCOUNT = "named account"
SAME_GROUP = "same buying group"
SAME_COMPANY = "same company"
CALL_TEAM = "call team"
TURNS = "weighted turns"
OVERTURNED = "overturned"  # back to who returned it: no choice of this module

ABSENT = "absent"
DAY_OFF = "day off"
LEFT = "left"
HAD_IT = "had it"
FULL = "hours full"
NO_ROOM = "no room"
NO_SKILL = "lacks the skill"
WORKS_FIRST = "works leads first"
NOT_SELLING = "not in sales"
FIRST = ":first"  # the turns of the call team; no pool's id begins like that in practice


@dataclass(frozen=True)
class Seller:
    """Somebody who may own a lead.

    share      of a full turn, 0 or more: part-time, and still learning the job
    away       why nothing goes to them today; empty when they are there
    stand_in   id of who takes what falls to them while they are away
    """

    id: int
    email: str
    name: str
    share: float = 1.0
    skills: frozenset[str] = frozenset()
    away: str = ""
    stand_in: int | None = None


@dataclass(frozen=True)
class Claim:
    """Somebody has this conversation already: by which rule, and who. `name` is for who is not in sales."""

    rule: str
    seller: int
    name: str = ""


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


@dataclass(frozen=True)
class Nobody:
    """No owner today: the lead waits, visibly. `pool` is empty when no pool takes it."""

    pool: str
    why: dict[str, Any]


def route(
    routes: Routes,
    sellers: Iterable[Seller],
    turns: Mapping[tuple[str, int], float],
    about: Mapping[str, Any],
    claims: Iterable[Claim] = (),
    worked: bool = False,
) -> Routing | Nobody:
    """The owner of a lead: who has its account, its buying group or its company, else the call team, else a pool.

    sellers    everyone who may own a lead, in any order
    turns      (pool, seller) to what the last `Routing.turns` said; missing means zero
    about      attribute to value, as for the fit rules, and the lead's segment
    claims     who has the conversation already, the strongest first; they use no turn
    worked     the call team has passed it on: it goes to those who sell
    returns    Nobody when whoever could have it is away: nothing is passed to another pool by itself
    Source: docs/algorithms/routing.md
    """
    desk = _Desk(routes, {s.id: s for s in sorted(sellers, key=lambda s: s.id)}, turns, worked)
    found = desk.claimed([*_account(routes, about, desk.sellers.values()), *claims])
    return found or desk.called() or desk.pooled(about)


def in_pool(routes: Routes, sellers: Iterable[Seller], about: Mapping[str, Any]) -> list[int]:
    """Who takes part in the turns of the first pool that fits, by id, away or not; [] when none fits.

    routes, sellers, about   as for `route`
    """
    desk = _Desk(routes, {s.id: s for s in sorted(sellers, key=lambda s: s.id)}, {}, worked=True)
    pool = next((p for p in routes.pools if all(holds(c, about) for c in p.when)), None)
    return list(desk.weights(pool)[0]) if pool else []


def again(why: Mapping[str, Any]) -> int:
    """Whom a record says must have got the lead, worked out once more from what it was decided on."""
    if why["rule"] not in (TURNS, CALL_TEAM):
        open_ones = [claim for claim in why["claims"] if not claim.get("why")]
        return int(open_ones[0].get("through", open_ones[0]["id"]))
    all_of, ahead, weights = why["all"], {}, {}
    for c in why["candidates"]:
        weights[c["id"]], ahead[c["id"]] = c["weight"], c["ahead"]
    rounds = (1 + all_of["ahead"]) / all_of["weight"]
    chosen = min(_needs(weights, ahead, rounds, why["seed"]))[-1]
    through = {c["id"]: c.get("through", c["id"]) for c in why["candidates"]}
    return int(through[chosen])


class _Desk:
    """One decision: tries each way in turn and remembers who was passed over. Sellers come in the order of their ids."""

    def __init__(
        self, routes: Routes, sellers: Mapping[int, Seller], turns: Mapping[tuple[str, int], float], worked: bool
    ) -> None:
        self.routes, self.sellers, self.turns, self.worked = routes, sellers, turns, worked
        self.claims: list[dict[str, Any]] = []

    def claimed(self, claims: Sequence[Claim]) -> Routing | None:
        for claim in claims:
            seller = self.sellers.get(claim.seller)
            told = {"rule": claim.rule, "id": claim.seller, "name": seller.name if seller else claim.name}
            self.claims.append(told)
            owner = self.in_place_of(seller) if seller else None
            if seller is None:
                told["why"] = NOT_SELLING
            elif self.worked and self.works_first(seller):
                told["why"] = WORKS_FIRST
            elif owner is None:
                told["why"] = seller.away
            else:
                return self.to_claimant(claim, seller, owner, told)
        return None

    def to_claimant(self, claim: Claim, seller: Seller, owner: Seller, told: dict[str, Any]) -> Routing:
        through = {"through": owner.id, "through_name": owner.name} if owner.id != seller.id else {}
        told |= through
        why = {"rule": claim.rule, "claims": self.claims, "chosen": owner.id, "name": owner.name}
        return Routing(owner.id, "", 0.0, {}, why)

    def called(self) -> Routing | None:
        """Somebody who works leads first; None when there is none today: speed goes before order."""
        if self.worked or not self.routes.first:
            return None
        team = Pool(FIRST, self.routes.first, {}, skill=self.routes.first)
        found = self.turn(team, CALL_TEAM, [])
        return found if isinstance(found, Routing) else None

    def pooled(self, about: Mapping[str, Any]) -> Routing | Nobody:
        """Whose turn it is in the first pool that fits."""
        passed: list[str] = []
        for pool in self.routes.pools:
            if all(holds(condition, about) for condition in pool.when):
                return self.turn(pool, TURNS, passed)
            passed.append(pool.id)
        return Nobody("", {"rule": "", "claims": self.claims, "pool": "", "passed": passed, "skipped": []})

    def turn(self, pool: Pool, rule: str, passed: list[str]) -> Routing | Nobody:
        weights, skipped = self.weights(pool)
        owners = {s: self.in_place_of(self.sellers[s]) for s in weights}
        skipped += [_skip(self.sellers[s], self.sellers[s].away) for s, owner in owners.items() if owner is None]
        there = {s: w for s, w in weights.items() if owners[s] is not None}
        ahead = {s: self.turns.get((pool.id, s), 0.0) for s in there}
        why: dict[str, Any] = {
            "rule": rule, "claims": self.claims, "pool": pool.id, "say": pool.say, "passed": passed, "seed": pool.id,
            "skipped": skipped,
        }  # fmt: skip
        if not there:
            return Nobody(pool.id, why)
        all_of = {"n": len(there), "weight": sum(there.values()), "ahead": sum(ahead.values())}
        rounds = (1 + all_of["ahead"]) / all_of["weight"]
        order = nsmallest(TOLD, _needs(there, ahead, rounds, pool.id))
        chosen = order[0][-1]
        after = {s: min(max((s == chosen) - w * rounds + ahead[s], -1.0), 1.0) for s, w in there.items()}
        owner = owners[chosen]
        assert owner is not None
        why |= {
            "candidates": [self.candidate(s, there[s], ahead[s], owners[s]) for _not, _need, _rank, s in order],
            "all": all_of,
            "chosen": owner.id, "name": owner.name, "turn_of": chosen,
        }  # fmt: skip
        return Routing(owner.id, pool.id, there[chosen], after, why)

    def weights(self, pool: Pool) -> tuple[dict[int, float], list[dict[str, Any]]]:
        """Seller to weight, by id, and who is left out although expected. A pool without members is everyone, equally."""
        by_email = {email.casefold(): float(weight) for email, weight in pool.members.items()}
        weights, skipped = {}, []
        for seller in self.sellers.values():
            base = by_email.pop(seller.email.casefold(), 0.0) if pool.members else 1.0
            if not base:
                continue
            if why := self.unfit(seller, pool):
                skipped.append(_skip(seller, why))
            else:
                weights[seller.id] = base * seller.share
        skipped += [{"id": None, "name": email, "why": NOT_SELLING} for email in sorted(by_email)]
        return weights, skipped

    def unfit(self, seller: Seller, pool: Pool) -> str:
        """Why a member of a pool takes no part in its turns today; "" when they do."""
        if pool.skill and pool.skill.casefold() not in _lower(seller.skills):
            return NO_SKILL
        if seller.skills and not pool.members and pool.id != FIRST and self.works_first(seller):
            return WORKS_FIRST
        return "" if seller.share > 0 else NO_ROOM

    def works_first(self, seller: Seller) -> bool:
        return bool(self.routes.first) and self.routes.first.casefold() in _lower(seller.skills)

    def in_place_of(self, seller: Seller) -> Seller | None:
        """Who takes what falls to somebody today: they, or whoever stands in; None when nobody does."""
        if not seller.away:
            return seller
        seen: set[int] = set()
        here: Seller | None = seller
        while here is not None and here.away and here.id not in seen:
            seen.add(here.id)
            here = self.sellers.get(here.stand_in) if here.stand_in is not None else None
        return here if here is not None and not here.away else None

    def candidate(self, s: int, weight: float, ahead: float, owner: Seller | None) -> dict[str, Any]:
        told = {"id": s, "name": self.sellers[s].name, "weight": weight, "ahead": ahead}
        if owner is not None and owner.id != s:
            told |= {"through": owner.id, "through_name": owner.name, "away": self.sellers[s].away}
        return told


def _account(routes: Routes, about: Mapping[str, Any], sellers: Iterable[Seller]) -> list[Claim]:
    domain = str(about.get("company.domain") or "").casefold()
    email = routes.accounts.get(domain)
    return [Claim(ACCOUNT, next((s.id for s in sellers if s.email.casefold() == email), 0), email)] if email else []


def _needs(
    weights: Mapping[int, float], ahead: Mapping[int, float], rounds: float, seed: str
) -> Iterator[tuple[bool, float, bytes, int]]:
    """Everybody with when they must get a lead to keep their share; the least of these gets this one.

    The quota method: of those behind their share of this lead, who must come first to keep it. So everyone stays within
    one lead of their share as long as the same people are there. When they change, what was owed among those who are
    there is spread over them.
    """
    for s, weight in weights.items():
        not_behind = round(weight * rounds - ahead[s], DIGITS) <= 0
        yield not_behind, round((ahead[s] + 1) / weight, DIGITS), _rank(seed, s), s


@lru_cache(maxsize=8192)
def _rank(seed: str, seller: int) -> bytes:
    """The order of equals in a pool: without it, whoever was there first would begin every pool."""
    return sha256(f"{seed}/{seller}".encode()).digest()[:8]


@lru_cache(maxsize=4096)
def _lower(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


def _skip(seller: Seller, why: str) -> dict[str, Any]:
    return {"id": seller.id, "name": seller.name, "why": why}
