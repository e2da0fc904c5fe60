"""Where one person stands at one moment: fit x interest, the action, and the reasons that sum to it.

`qualify` is the one meaning of an agreement. It turns touches into flat arrays of hits and lets
`points_per_rule` count them: a plain loop over numbers, kept free of Python objects so that it can
be compiled and run over everybody's history. Source: docs/algorithms/qualification.md
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .agreement import GRADES, LEVELS, FitRule, InterestRule, Terms

DAY = 86_400.0
HUMAN = 1  # the least evidence that counts: a person did it, as far as we can tell


@dataclass(frozen=True)
class Seen:
    """One touch as qualification sees it. `at` is aware; `evidence` below HUMAN never scores."""

    id: int
    at: datetime
    kind: str
    offer: str = ""
    event: str = ""
    url: str = ""
    evidence: int = 2
    team: str = "person"


@dataclass(frozen=True)
class Why:
    """One reason: which rule gave how many points, how often it counted, and when it last did."""

    rule: str
    say: str
    points: float
    times: int = 0
    last: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """Where the person stands. `fit` and `interest` sum to their points, in rule order.

    `ripe_at` is the newest touch that counted (None without one); `changes_at` is when interest
    falls below its level if nothing else happens (None when it never does).
    """

    grade: str
    level: int
    fit_points: float
    interest_points: float
    action: str
    fit: tuple[Why, ...]
    interest: tuple[Why, ...]
    raised_hand: bool
    ripe_at: datetime | None
    changes_at: datetime | None


def qualify(terms: Terms, about: Mapping[str, Any], touches: Iterable[Seen], now: datetime) -> Verdict:
    """Where a person stands under `terms`.

    about      attribute to value: "person.title", "company.employees", ...; absent means not known
    touches    any order; those after `now` and those without human evidence do not count
    now        aware
    """
    fit = tuple(Why(r.id, r.say, r.points) for r in terms.fit_rules if holds(r, about))
    fit_points = sum(w.points for w in fit)
    seen = sorted((t for t in touches if t.at <= now and t.evidence >= HUMAN), key=lambda t: (t.at, t.id))
    rules = terms.interest_rules
    hits = [(i, t.at.timestamp()) for t in seen for i, r in enumerate(rules) if matches(r, t)]
    points, times = points_per_rule(
        [h[0] for h in hits], [h[1] for h in hits],
        [r.points for r in rules], [r.half_life_days * DAY for r in rules], [r.at_most for r in rules],
        now.timestamp(),
    )  # fmt: skip
    last: dict[int, float] = dict(hits)
    interest = tuple(
        Why(r.id, r.say, points[i], times[i], datetime.fromtimestamp(last[i], now.tzinfo))
        for i, r in enumerate(rules)
        if times[i]
    )
    interest_points = sum(w.points for w in interest)
    grade, level = grade_of(terms, fit_points), level_of(terms, interest_points)
    newest = max(last.values(), default=None)
    return Verdict(
        grade, level, fit_points, interest_points, terms.action(grade, level), fit, interest,
        raised_hand=any(times[i] and r.raises_hand for i, r in enumerate(rules)),
        ripe_at=None if newest is None else datetime.fromtimestamp(newest, now.tzinfo),
        changes_at=_changes_at(terms, [(p, r.half_life_days * DAY) for p, r in zip(points, rules, strict=True) if p], level, now),
    )  # fmt: skip


def points_per_rule(
    hit_rule: Sequence[int],
    hit_at: Sequence[float],
    points: Sequence[float],
    half_life: Sequence[float],
    at_most: Sequence[int],
    now: float,
) -> tuple[list[float], list[int]]:
    """Points and counted hits of each rule at `now`.

    hit_rule, hit_at   one entry per hit, ascending in time (seconds)
    points, half_life, at_most   one entry per rule; half_life in seconds
    returns            two lists, one entry per rule; the newest `at_most` hits count
    """
    total = [0.0] * len(points)
    counted = [0] * len(points)
    for k in range(len(hit_rule) - 1, -1, -1):
        rule = hit_rule[k]
        if hit_at[k] <= now and counted[rule] < at_most[rule]:
            counted[rule] += 1
            total[rule] += points[rule] * 0.5 ** ((now - hit_at[k]) / half_life[rule])
    return total, counted


def matches(rule: InterestRule, touch: Seen) -> bool:
    """Whether a touch is of the sort that a rule counts."""
    return (
        (not rule.kinds or touch.kind in rule.kinds)
        and (not rule.offers or touch.offer in rule.offers)
        and (not rule.events or touch.event in rule.events)
        and (not rule.url or rule.url in touch.url)
    )


def holds(rule: FitRule, about: Mapping[str, Any]) -> bool:
    """Whether a condition holds; an attribute that is not known only meets `known: false`."""
    return test(rule.test, rule.value, about.get(rule.field))


def test(name: str, wanted: Any, value: Any) -> bool:
    """One of agreement.TESTS against one value. Text compares without case; numbers as numbers."""
    known = value is not None and value != ""
    if name == "known":
        return known == bool(wanted)
    if not known:
        return False
    if name in ("between", "at_least", "at_most"):
        try:
            number = float(value)
        except (TypeError, ValueError):
            return False
        low = wanted[0] if name == "between" else wanted if name == "at_least" else float("-inf")
        high = wanted[1] if name == "between" else wanted if name == "at_most" else float("inf")
        return low <= number <= high
    text = str(value).casefold()
    if name == "is":
        return text == str(wanted).casefold()
    if name == "in":
        return text in {str(w).casefold() for w in wanted}
    return any(str(w).casefold() in text for w in wanted)


def lacking(terms: Terms, about: Mapping[str, Any]) -> list[str]:
    """The fields that the agreement requires at handoff and that are not known, in its order (R36)."""
    return [f for f in terms.required if not about.get("company.name" if f == "company" else f"person.{f}")]


def grade_of(terms: Terms, points: float) -> str:
    """A, B or C from their thresholds upward; D below all of them."""
    return next((g for g in GRADES[:-1] if points >= terms.grades[g]), GRADES[-1])


def level_of(terms: Terms, points: float) -> int:
    """Interest level 4, 3 or 2 from their thresholds upward; 1 below all of them."""
    return next((n for n in reversed(LEVELS[1:]) if points >= terms.levels[n]), LEVELS[0])


def _changes_at(terms: Terms, decays: list[tuple[float, float]], level: int, now: datetime) -> datetime | None:
    """When decay alone moves the level, to the second; looks at most 400 days ahead."""
    if not decays:
        return None
    if any(p < 0 for p, _ in decays):
        return now + timedelta(days=1)  # points may rise again as a penalty fades: look daily
    if level == LEVELS[0]:
        return None
    floor = terms.levels[level]

    def left(seconds: float) -> float:
        return sum(p * 0.5 ** (seconds / h) for p, h in decays)

    low, high = 0.0, 400 * DAY
    if left(high) >= floor:
        return now + timedelta(seconds=high)
    while high - low > 1:
        middle = (low + high) / 2
        low, high = (middle, high) if left(middle) >= floor else (low, middle)
    return now + timedelta(seconds=high)
