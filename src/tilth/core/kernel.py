"""The one meaning of an agreement, over flat arrays: `replay` follows any number of people through time.

Live, it runs for one person up to now; in a backtest, over everybody's history in batches. The source is plain Python over
numbers, so that Numba compiles it (`compiled`), and tests run it as it stands. Times are microseconds since 1970 in
UTC. Source: docs/algorithms/qualification.md
"""

from collections.abc import Callable
from functools import cache
from math import exp2
from typing import Any, NamedTuple

from . import machine

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


class Scratch(NamedTuple):
    """What is known of one rule's hits while one person is replayed; each rule has its part of the ring."""

    ring: Any  # when the newest hits were, int64 of `Rules.ring_from[-1]`
    head: Any  # where the next hit goes, int64 per rule
    hits: Any  # how many there were, int64 per rule


def replay(b: Batch, r: Rules, m: Meaning, until: int, s: Scratch, out: Crossings, end: Ends, d: Details) -> int:
    """Follow each person through their touches, facts and ends of rounds; returns the number of crossings.

    A moment counts with all that happened at it or before. Looked at are the moments at which something happens that a
    rule looks at, the day on which care has lasted long enough, a wake-up day, and, while a penalty fades or a level is
    passed by, each day after. Somebody is handed off at the first of these at which the action is `hand_off`, all that is
    required is known, and, after a round with sales has ended, something newer has counted or the named day has come.

    until        events after it have not happened
    """
    # Named once: each look into a tuple costs the compiled code a count of references.
    touch_person, touch_at, touch_what, fact_at, end_at = b.touch_person, b.touch_at, b.touch_what, b.fact_at, b.end_at
    points, half_life, ring_from = r.points, r.half_life, r.ring_from
    rule_from, rule_of, stage_of = m.rule_from, m.rule, m.stage
    ring, head, hits = s.ring, s.head, s.hits
    n_rules, touches, facts, ends = len(points), 0, 0, 0  # up to where each stream has been read
    crossed = 0
    for p in range(len(b.people)):
        who = b.people[p]
        ti, touches = _of_person(touch_person, touches, who)
        fi, facts = _of_person(b.fact_person, facts, who)
        ei, ends = _of_person(b.end_person, ends, who)
        for i in range(n_rules):
            hits[i], head[i] = 0, ring_from[i]
        mask, fit, grade = r.start, 0.0, 3
        stale = True  # the fit is to be counted anew
        stage1 = stage2 = stage3 = hand_at = newest = care_from = ended = NEVER
        wake = daily = ripe_from = FAR
        care = 0
        with_sales = penalty = False
        bound = 0.0  # no interest can be above it
        while True:
            now = min(daily, ripe_from, wake)
            happened = True
            if ti < touches and touch_at[ti] < now:
                now, happened = touch_at[ti], False
            if fi < facts and fact_at[fi] < now:
                now, happened = fact_at[fi], False
            if ei < ends and end_at[ei] < now:
                now, happened = end_at[ei], False
            if now > until or now == FAR:
                break
            if now == ripe_from:
                ripe_from = FAR
            while fi < facts and fact_at[fi] == now:
                owned = m.owned[b.fact_pair[fi]]
                if owned:
                    mask = (mask & ~owned) | m.holds[b.fact_pair[fi]]
                    stale = happened = True
                fi += 1
            while ti < touches and touch_at[ti] == now:
                what = touch_what[ti]
                counts = False
                for j in range(rule_from[what], rule_from[what + 1]):
                    rule = rule_of[j]
                    place = head[rule]
                    ring[place] = now
                    head[rule] = ring_from[rule] if place + 1 == ring_from[rule + 1] else place + 1
                    hits[rule] += 1
                    happened = True
                    if points[rule] > 0:
                        bound += points[rule]
                        counts = True
                        if r.raises[rule]:
                            hand_at = now
                    elif points[rule] < 0:
                        penalty = True
                if counts:
                    newest = now
                    care += 1
                    if care == 1:
                        care_from = now
                        ripe_from = now + r.ripe_days if r.ripe_days > 0 else FAR
                stage = stage_of[what]
                if stage:
                    happened = True
                    if stage == 1:
                        stage1 = now
                    elif stage == 2:
                        stage2 = now
                    else:
                        stage3 = now
                ti += 1
            while ei < ends and end_at[ei] == now:
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
                fit = _fit(r.fit_points, mask)
                grade, stale = _grade(r.grades, fit), False
            need = r.lowest[grade]
            if need == 0 or (need > 1 and bound < r.levels[need - 2] - 1e-6 * (1.0 + bound)):
                continue
            score, bound = _interest(points, half_life, ring_from, ring, head, hits, now)
            level = _level(r.levels, score)
            reached = _reached(r.forget, now, stage1, stage2, stage3)
            ripe = now - hand_at <= r.forget or _ripe(
                r.ripe_stage, r.ripe_touches, r.ripe_days, reached, care, now - care_from
            )
            if ripe and r.matrix[grade * 4 + level - 1] == HAND_OFF:
                out.person[crossed], out.at[crossed], out.grade[crossed] = who, now, grade
                out.level[crossed], out.mask[crossed], out.score[crossed] = level, mask, score
                crossed += 1
                with_sales = True
            elif penalty or r.odd[grade]:
                daily = now + DAY
        fit = _fit(r.fit_points, mask)
        score, bound = _interest(points, half_life, ring_from, ring, head, hits, until)
        grade, level = _grade(r.grades, fit), _level(r.levels, score)
        reached = _reached(r.forget, until, stage1, stage2, stage3)
        action = r.matrix[grade * 4 + level - 1]
        if mask & r.exclude:
            action = DISQUALIFY
        ripe = until - hand_at <= r.forget or _ripe(
            r.ripe_stage, r.ripe_touches, r.ripe_days, reached, care, until - care_from
        )
        if action == HAND_OFF and not ripe:
            action = NURTURE
        end.mask[p], end.fit[p], end.interest[p], end.grade[p], end.level[p] = mask, fit, score, grade, level
        end.action[p], end.stage[p], end.care[p], end.care_from[p] = action, reached, care, care_from
        end.newest[p], end.hand_at[p], end.sales[p] = newest, hand_at, with_sales
        end.stage_at[p * 4 + 1], end.stage_at[p * 4 + 2], end.stage_at[p * 4 + 3] = stage1, stage2, stage3
        if len(d.points):
            for i in range(n_rules):
                counted = min(hits[i], r.at_most[i])
                d.times[p * n_rules + i] = counted
                first, last = ring_from[i], ring_from[i + 1] - 1
                d.points[p * n_rules + i] = _of_rule(
                    ring, first, last, head[i], hits[i], points[i], half_life[i], until
                )
                d.last[p * n_rules + i] = ring[last if head[i] == first else head[i] - 1] if counted else NEVER
    return crossed


def _fit(points: Any, mask: int) -> float:
    """Points of the fit rules that hold, in their order."""
    total = 0.0
    for i in range(len(points)):
        if mask >> i & 1:
            total += points[i]
    return total


def _grade(grades: Any, fit: float) -> int:
    """0 for A, 1 for B, 2 for C; 3 below all thresholds."""
    for i in range(3):
        if fit >= grades[i] - SLACK:
            return i
    return 3


def _level(levels: Any, score: float) -> int:
    """Interest level 4, 3 or 2 from its threshold upward; 1 below all."""
    for i in range(2, -1, -1):
        if score >= levels[i] - SLACK:
            return i + 2
    return 1


def _of_rule(
    ring: Any, first: int, last: int, head: int, hits: int, points: float, half_life: float, now: int
) -> float:
    """What one rule's newest hits are worth now, the newest first. Its part of the ring is `first` to `last`."""
    total, place = 0.0, head
    for _ in range(min(hits, last - first + 1)):
        place = last if place == first else place - 1
        total += points * exp2((ring[place] - now) / half_life)
    return total


def _interest(
    points: Any, half_life: Any, ring_from: Any, ring: Any, head: Any, hits: Any, now: int
) -> tuple[float, float]:
    """The sum over the rules, in their order; and the part of it that no penalty has lowered."""
    total = positive = 0.0
    for i in range(len(points)):
        if hits[i]:
            worth = _of_rule(ring, ring_from[i], ring_from[i + 1] - 1, head[i], hits[i], points[i], half_life[i], now)
            total += worth
            if worth > 0:
                positive += worth
    return total, positive


def _of_person(person: Any, begin: int, who: int) -> tuple[int, int]:
    """Where a person's events begin and end in a stream that has been read up to `begin`."""
    size = len(person)
    while begin < size and person[begin] < who:
        begin += 1
    end = begin
    while end < size and person[end] == who:
        end += 1
    return begin, end


def _reached(forget: int, now: int, stage1: int, stage2: int, stage3: int) -> int:
    """How far somebody is on the journey: the furthest step that is not forgotten; 0 when there is none."""
    if now - stage3 <= forget:
        return 3
    if now - stage2 <= forget:
        return 2
    return 1 if now - stage1 <= forget else 0


def _ripe(stage: int, touches: int, days: int, reached: int, care: int, lasted: int) -> bool:
    """Not too early: far enough on the journey, care enough, and for long enough."""
    return (reached >= stage or stage <= 1) and care >= touches and (days == 0 or (care > 0 and lasted >= days))


@cache
def compiled() -> Callable[..., int]:
    """`replay` as machine code; the first process on a machine compiles it, later ones load it."""
    return machine.code((_fit, _grade, _level, _of_rule, _interest, _of_person, _reached, _ripe, replay), globals())
