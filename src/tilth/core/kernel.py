"""The one meaning of an agreement, over flat arrays: `replay` follows any number of people through time.

Live, it runs for one person up to now; in a backtest, over everybody's history in batches. The source is plain Python over
numbers, so that Numba compiles it (`compiled`), and tests run it as it stands. Times are microseconds since 1970 in
UTC. Source: docs/algorithms/qualification.md
"""

from collections.abc import Callable
from functools import cache
from math import exp2
from types import FunctionType
from typing import Any, NamedTuple

NEVER = -(2**62)
FAR = 2**62
SECOND = 1_000_000
DAY = 86_400 * SECOND
SLACK = 1e-9  # points; so much below a threshold still reaches it: 0.1 + 0.2 is 0.3 for everybody but a computer
HAND_OFF, REVIEW, NURTURE, DISQUALIFY = range(4)


class Rules(NamedTuple):
    """An agreement as numbers. Conditions are bits of one mask: fit rules, exclusions, segments, required fields."""

    points: Any  # float64 per interest rule
    half_life: Any  # float64 per interest rule
    at_most: Any  # int64 per interest rule: the newest so many hits count
    raises: Any  # int64 per interest rule: 1 when a hit is a raised hand
    ring_from: Any  # int64 per interest rule: where its newest hits lie in the ring; one more entry, the ring's size
    fit_points: Any  # float64 per fit rule; its bit is its place
    start: int  # the conditions that hold of somebody of whom nothing is known
    exclude: int  # the bits of the exclusions
    required: int  # the bits that must be there before a handoff; 0 when their lack only flags
    grades: Any  # float64: thresholds of A, B, C
    levels: Any  # float64: thresholds of levels 2, 3, 4
    matrix: Any  # int64[16]: action of grade * 4 + level - 1
    lowest: Any  # int64 per grade: the lowest level that is handed off; 0 when none is
    odd: Any  # int64 per grade: 1 when a level above that one is not
    ripe_stage: int
    ripe_touches: int
    ripe_days: int
    forget: int


class Meaning(NamedTuple):
    """What the dictionaries of touches and attributes mean under one agreement."""

    rule_from: Any  # int64 per sort of touch, and one more: where its rules start in `rule`
    rule: Any  # int64: the interest rules that count it
    stage: Any  # int64 per sort of touch: 1 to 3, the stage of the journey that it shows; 0 none
    owned: Any  # int64 per pair of attribute and value: the bits that look at this attribute
    holds: Any  # int64 per pair: those of them that hold


class Batch(NamedTuple):
    """Some people, whole: each stream ascends by person, then time, then order of arrival."""

    people: Any  # int64, ascending
    touch_person: Any
    touch_at: Any
    touch_what: Any
    fact_person: Any
    fact_at: Any
    fact_pair: Any
    end_person: Any  # when a round with sales ended: given back, lost, bought
    end_at: Any
    end_wake: Any  # the day that sales named; FAR without one


class Crossings(NamedTuple):
    """Room for each moment at which somebody would be handed off: one per person and one per end of a round."""

    person: Any
    at: Any
    grade: Any  # 0 for A to 3 for D
    level: Any
    mask: Any
    score: Any


class Ends(NamedTuple):
    """Room for where everybody stands at the end: an entry per person."""

    mask: Any
    fit: Any
    interest: Any
    grade: Any
    level: Any
    action: Any  # as it applies: an exclusion disqualifies, what is not ripe is nurtured
    stage: Any  # of the journey: 0 none, 1 to 3
    care: Any  # touches that counted
    care_from: Any  # the first of them; NEVER without
    newest: Any  # the last of them; NEVER without
    hand_at: Any  # when a hand was last raised; NEVER without
    sales: Any  # 1 when the last handoff's round has not ended
    stage_at: Any  # [person * 4 + stage]: when a step of that stage was last taken


class Details(NamedTuple):
    """Room for each rule's part, [person * rules + rule]; empty when nobody asks."""

    points: Any
    times: Any
    last: Any


def replay(
    b: Batch, r: Rules, m: Meaning, until: int, ring: Any, hits: Any, out: Crossings, end: Ends, d: Details
) -> int:
    """Follow each person through their touches, facts and ends of rounds; returns the number of crossings.

    A moment counts with all that happened at it or before. Looked at are the moments at which something happens that a
    rule looks at, the day on which care has lasted long enough, a wake-up day, and, while a penalty fades or a level is
    passed by, each day after. Somebody is handed off at the first of these at which the action is `hand_off`, all that is required is
    known, and, after a round with sales has ended, something newer has counted or the named day has come.

    ring, hits   scratch: int64 of `r.ring_from[-1]` and int64 per rule
    until        events after it have not happened
    """
    n_rules, n_touches, n_facts, n_ends = len(r.points), len(b.touch_at), len(b.fact_at), len(b.end_at)
    ti = fi = ei = crossed = 0
    for p in range(len(b.people)):
        who = b.people[p]
        while ti < n_touches and b.touch_person[ti] < who:
            ti += 1
        while fi < n_facts and b.fact_person[fi] < who:
            fi += 1
        while ei < n_ends and b.end_person[ei] < who:
            ei += 1
        for i in range(n_rules):
            hits[i] = 0
        mask, fit, grade = r.start, 0.0, 3
        stale = True  # the fit is to be counted anew
        stage1 = stage2 = stage3 = hand_at = newest = care_from = ended = NEVER
        wake = daily = ripe_from = FAR
        care = 0
        with_sales = penalty = False
        bound = 0.0  # no interest can be above it
        while True:
            now = min(daily, ripe_from, wake)
            if ti < n_touches and b.touch_person[ti] == who and b.touch_at[ti] < now:
                now = b.touch_at[ti]
            if fi < n_facts and b.fact_person[fi] == who and b.fact_at[fi] < now:
                now = b.fact_at[fi]
            if ei < n_ends and b.end_person[ei] == who and b.end_at[ei] < now:
                now = b.end_at[ei]
            if now > until or now == FAR:
                break
            happened = now in (daily, ripe_from, wake)
            if now == ripe_from:
                ripe_from = FAR
            while fi < n_facts and b.fact_person[fi] == who and b.fact_at[fi] == now:
                owned = m.owned[b.fact_pair[fi]]
                if owned:
                    mask = (mask & ~owned) | m.holds[b.fact_pair[fi]]
                    stale = happened = True
                fi += 1
            while ti < n_touches and b.touch_person[ti] == who and b.touch_at[ti] == now:
                what = b.touch_what[ti]
                counts = False
                for j in range(m.rule_from[what], m.rule_from[what + 1]):
                    rule = m.rule[j]
                    ring[r.ring_from[rule] + hits[rule] % r.at_most[rule]] = now
                    hits[rule] += 1
                    happened = True
                    if r.points[rule] > 0:
                        bound += r.points[rule]
                        counts = True
                        if r.raises[rule]:
                            hand_at = now
                    elif r.points[rule] < 0:
                        penalty = True
                if counts:
                    newest = now
                    care += 1
                    if care == 1:
                        care_from = now
                        ripe_from = now + r.ripe_days if r.ripe_days > 0 else FAR
                stage = m.stage[what]
                if stage:
                    happened = True
                    if stage == 1:
                        stage1 = now
                    elif stage == 2:
                        stage2 = now
                    else:
                        stage3 = now
                ti += 1
            while ei < n_ends and b.end_person[ei] == who and b.end_at[ei] == now:
                with_sales, ended, wake, happened = False, now, b.end_wake[ei], True
                ei += 1
            rested = ended == NEVER or newest > ended or wake <= now
            if wake <= now:
                ended, wake = NEVER, FAR
            if not happened:
                continue
            daily = FAR
            if with_sales or not rested or mask & r.exclude or mask & r.required != r.required:
                continue
            if stale:
                fit = _fit(r, mask)
                grade, stale = _grade(r, fit), False
            need = r.lowest[grade]
            if need == 0 or (need > 1 and bound < r.levels[need - 2] - 1e-6 * (1.0 + bound)):
                continue
            score, bound = _interest(r, ring, hits, now)
            level = _level(r, score)
            reached = _reached(r.forget, now, stage1, stage2, stage3)
            if r.matrix[grade * 4 + level - 1] == HAND_OFF and _ripe(r, now, hand_at, reached, care, care_from):
                out.person[crossed], out.at[crossed], out.grade[crossed] = who, now, grade
                out.level[crossed], out.mask[crossed], out.score[crossed] = level, mask, score
                crossed += 1
                with_sales = True
            elif penalty or r.odd[grade]:
                daily = now + DAY
        fit = _fit(r, mask)
        score, bound = _interest(r, ring, hits, until)
        grade, level = _grade(r, fit), _level(r, score)
        reached = _reached(r.forget, until, stage1, stage2, stage3)
        action = r.matrix[grade * 4 + level - 1]
        if mask & r.exclude:
            action = DISQUALIFY
        elif action == HAND_OFF and not _ripe(r, until, hand_at, reached, care, care_from):
            action = NURTURE
        end.mask[p], end.fit[p], end.interest[p], end.grade[p], end.level[p] = mask, fit, score, grade, level
        end.action[p], end.stage[p], end.care[p], end.care_from[p] = action, reached, care, care_from
        end.newest[p], end.hand_at[p], end.sales[p] = newest, hand_at, with_sales
        end.stage_at[p * 4 + 1], end.stage_at[p * 4 + 2], end.stage_at[p * 4 + 3] = stage1, stage2, stage3
        if len(d.points):
            for i in range(n_rules):
                counted = min(hits[i], r.at_most[i])
                d.times[p * n_rules + i] = counted
                d.points[p * n_rules + i] = _of_rule(r, ring, hits, until, i)
                d.last[p * n_rules + i] = ring[r.ring_from[i] + (hits[i] - 1) % r.at_most[i]] if counted else NEVER
    return crossed


def _fit(r: Rules, mask: int) -> float:
    """Points of the fit rules that hold, in their order."""
    total = 0.0
    for i in range(len(r.fit_points)):
        if mask >> i & 1:
            total += r.fit_points[i]
    return total


def _grade(r: Rules, fit: float) -> int:
    """0 for A, 1 for B, 2 for C; 3 below all thresholds."""
    for i in range(3):
        if fit >= r.grades[i] - SLACK:
            return i
    return 3


def _level(r: Rules, score: float) -> int:
    """Interest level 4, 3 or 2 from its threshold upward; 1 below all."""
    for i in range(2, -1, -1):
        if score >= r.levels[i] - SLACK:
            return i + 2
    return 1


def _of_rule(r: Rules, ring: Any, hits: Any, now: int, i: int) -> float:
    """What one rule's newest hits are worth now, the newest first."""
    total = 0.0
    for k in range(min(hits[i], r.at_most[i])):
        at = ring[r.ring_from[i] + (hits[i] - 1 - k) % r.at_most[i]]
        total += r.points[i] * exp2((at - now) / r.half_life[i])
    return total


def _interest(r: Rules, ring: Any, hits: Any, now: int) -> tuple[float, float]:
    """The sum over the rules, in their order; and the part of it that no penalty has lowered."""
    total = positive = 0.0
    for i in range(len(r.points)):
        if hits[i]:
            of_rule = _of_rule(r, ring, hits, now, i)
            total += of_rule
            if of_rule > 0:
                positive += of_rule
    return total, positive


def _reached(forget: int, now: int, stage1: int, stage2: int, stage3: int) -> int:
    """How far somebody is on the journey: the furthest step that is not forgotten; 0 when there is none."""
    if now - stage3 <= forget:
        return 3
    if now - stage2 <= forget:
        return 2
    return 1 if now - stage1 <= forget else 0


def _ripe(r: Rules, now: int, hand_at: int, reached: int, care: int, care_from: int) -> bool:
    """Not too early: a hand was raised, or they are far enough and had care enough, for long enough."""
    if now - hand_at <= r.forget:
        return True
    if reached < r.ripe_stage and r.ripe_stage > 1:
        return False
    return care >= r.ripe_touches and (r.ripe_days == 0 or (care > 0 and now - care_from >= r.ripe_days))


@cache
def compiled() -> Callable[..., int]:
    """`replay` as machine code; the first process on a machine compiles it, later ones load it."""
    import numba

    made = dict(globals())
    for function in (
        _fit,
        _grade,
        _level,
        _of_rule,
        _interest,
        _reached,
        _ripe,
        replay,
    ):  # the called before the callers
        made[function.__name__] = numba.njit(cache=True, nogil=True)(FunctionType(function.__code__, made))
    return made["replay"]
