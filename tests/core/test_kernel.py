"""The kernel against an oracle: slow, independent, and written the other way round.

The oracle holds no state. For every moment at which something may change it takes all that was known by then, sorts it,
and works out score, cell and ripeness from the beginning.
"""

import copy
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from tilth.agreement import presets
from tilth.core import kernel
from tilth.core.agreement import read
from tilth.core.clauses.reader import Unsound
from tilth.core.kernel import DAY, FAR, SECOND, Batch
from tilth.core.qualify import Seen, What, holds, meaning_of, micro, qualify, replay_all, rules_of, run
from tilth.core.terms import ACTIONS, GRADES, JOURNEY, Terms

PRESET = presets.load("b2b-software")
HOUR = 3_600 * SECOND
BEGIN = micro(datetime(2026, 1, 5, 8, tzinfo=UTC))
WHATS = [
    What("form", "demo"), What("form", "guide"), What("page", "", "", "/prices"), What("page"), What("unsubscribe"),
    What("webinar", "comparison"), What("track", "", "Trial Started"), What("form", "demo", human=False), What("note"),
]  # fmt: skip
PAIRS: list[tuple[str, Any]] = [
    ("company.employees", 10), ("company.employees", 120), ("company.employees", None), ("company.country", "NL"),
    ("company.country", "US"), ("person.title", "Owner"), ("person.title", "Student"), ("person.phone", True),
    ("person.first_name", True), ("company.domain", "rival.example"), ("company.domain", "grower.example"),
    ("person.language", "nl"),
]  # fmt: skip


@dataclass
class History:
    """What happened to one person: (at, index) of touches and facts in order, and (at, wake) of ends."""

    touches: list[tuple[int, int]] = field(default_factory=list)
    facts: list[tuple[int, int]] = field(default_factory=list)
    ends: list[tuple[int, int]] = field(default_factory=list)


def batch_of(histories: list[History]) -> Batch:
    people = [10 + 3 * i for i in range(len(histories))]
    columns: list[list[int]] = [[] for _ in range(9)]
    for person, history in zip(people, histories, strict=True):
        for at, what in sorted(history.touches, key=lambda t: t[0]):
            for column, value in zip(columns[:3], (person, at, what), strict=True):
                column.append(value)
        for at, pair in sorted(history.facts, key=lambda t: t[0]):
            for column, value in zip(columns[3:6], (person, at, pair), strict=True):
                column.append(value)
        for at, wake in sorted(history.ends):
            for column, value in zip(columns[6:], (person, at, wake), strict=True):
                column.append(value)
    return Batch(people, *columns)


class Oracle:
    """What the agreement's pages say, in words made code; nothing is carried from one moment to the next."""

    def __init__(self, terms: Terms, history: History):
        self.terms, self.ends = terms, sorted(history.ends)
        looked_at = {c.field for c in (*terms.fit_rules, *terms.exclusions, *terms.segments)}
        looked_at |= {_field(f) for f in terms.required}
        self.facts = sorted(
            ((at, *PAIRS[i]) for at, i in history.facts if PAIRS[i][0] in looked_at), key=lambda f: f[0]
        )
        human = [(at, WHATS[i]) for at, i in history.touches if WHATS[i].human]
        self.steps = [(at, stage) for at, what in human if (stage := terms.journey.get(what.offer))]
        self.hits = [sorted((at for at, w in human if counts(rule, w)), reverse=True) for rule in terms.interest_rules]
        giving = [rule for rule in terms.interest_rules if rule.points > 0]
        self.care = sorted(at for at, what in human if any(counts(rule, what) for rule in giving))
        row = {g: [terms.action(g, n) == "hand_off" for n in (1, 2, 3, 4)] for g in GRADES}
        self.passed_by = {g: True in r and not all(r[r.index(True) :]) for g, r in row.items()}

    def about(self, now: int) -> dict[str, Any]:
        return {name: value for at, name, value in self.facts if at <= now}

    def interest(self, now: int) -> float:
        parts = []
        for rule, hits in zip(self.terms.interest_rules, self.hits, strict=True):
            for at in [at for at in hits if at <= now][: rule.at_most]:
                parts.append(rule.points * math.exp(-math.log(2) * ((now - at) / DAY) / rule.half_life_days))
        return math.fsum(parts)

    def standing(self, now: int) -> tuple[str, int, str, float]:
        """Grade, level, action as it applies, interest."""
        known, score = self.about(now), self.interest(now)
        fit = math.fsum(r.points for r in self.terms.fit_rules if holds(r, known))
        grade = next((g for g in "ABC" if fit >= self.terms.grades[g] - 1e-9), "D")
        level = 1 + sum(score >= self.terms.levels[n] - 1e-9 for n in (2, 3, 4))
        action = self.terms.action(grade, level)
        if any(holds(c, known) for c in self.terms.exclusions):
            action = "disqualify"
        elif action == "hand_off" and not self.ripe(now):
            action = "nurture"
        return grade, level, action, score

    def ripe(self, now: int) -> bool:
        forget, want = self.terms.forget_days * DAY, self.terms.ripeness
        giving = [
            h for r, h in zip(self.terms.interest_rules, self.hits, strict=True) if r.raises_hand and r.points > 0
        ]
        if any(now - forget <= at <= now for hits in giving for at in hits):
            return True
        furthest = max((stage for at, stage in self.steps if now - forget <= at <= now), default=0)
        care = [at for at in self.care if at <= now]
        long_enough = want.days == 0 or (bool(care) and now - care[0] >= round(want.days * DAY))
        return (want.stage == 1 or furthest >= want.stage) and len(care) >= want.touches and long_enough

    def events(self, until: int) -> list[int]:
        """When something happens that the agreement looks at."""
        out = {at for hits in self.hits for at in hits} | {at for at, _stage in self.steps}
        out |= {at for at, _name, _value in self.facts} | {at for at, _wake in self.ends}
        following = [*(at for at, _wake in self.ends[1:]), FAR]
        out |= {wake for (at, wake), then in zip(self.ends, following, strict=False) if at <= wake < min(then, FAR)}
        if self.care and self.terms.ripeness.days:
            out.add(self.care[0] + round(self.terms.ripeness.days * DAY))
        return sorted(at for at in out if at <= until)

    def moments(self, until: int) -> list[int]:
        """The events; and each day after one, while a penalty fades or a level is passed by."""
        events, out = self.events(until), []
        for at, then in zip(events, [*events[1:], until + 1], strict=False):
            out.append(at)
            penalty = any(
                r.points < 0 and h and h[-1] <= at for r, h in zip(self.terms.interest_rules, self.hits, strict=True)
            )
            if penalty or self.passed_by[self.standing(at)[0]]:
                out += range(at + DAY, then, DAY)
        return out

    def crossings(self, until: int) -> list[tuple[int, str, int]]:
        out: list[tuple[int, str, int]] = []
        for now in self.moments(until):
            ended = [(at, wake) for at, wake in self.ends if at <= now]
            if out and not any(out[-1][0] < at for at, _wake in ended):
                continue
            if ended and not any(ended[-1][0] < at <= now for at in self.care) and ended[-1][1] > now:
                continue
            known = self.about(now)
            if self.terms.missing_blocks and not all(known.get(_field(name)) for name in self.terms.required):
                continue
            grade, level, action, _score = self.standing(now)
            if action == "hand_off":
                out.append((now, grade, level))
        return out


def counts(rule: Any, what: What) -> bool:
    asked = [(rule.kinds, what.kind), (rule.offers, what.offer), (rule.events, what.event)]
    return all(not wanted or value in wanted for wanted, value in asked) and rule.url in what.url


def _field(name: str) -> str:
    return "company.name" if name == "company" else f"person.{name}"


POINTS = st.sampled_from([-20, -7.5, 0.1, 0.2, 0.3, 1, 3, 8, 10, 20, 22.5, 45])
RULES = st.fixed_dictionaries(
    {
        "when": st.sampled_from(
            [
                {"kind": "form"},
                {"kind": ["form", "webinar"]},
                {"offer": "demo"},
                {"kind": "page", "url": "/pri"},
                {"kind": "page"},
                {"kind": "unsubscribe"},
                {"event": ["Trial Started"]},
                {"offer": ["guide", "comparison"]},
            ]
        ),
        "points": POINTS,
        "half_life_days": st.sampled_from([1 / 24, 0.5, 1, 7, 14, 30, 365, 3_650]),
        "at_most": st.sampled_from([1, 2, 3, 5]),
        "raises_hand": st.booleans(),
    }
)
CONDITIONS = st.sampled_from(
    [{"field": "company.employees", "between": [50, 500]}, {"field": "company.country", "in": ["NL", "BE"]},
     {"field": "person.title", "contains": ["own"]}, {"field": "person.phone", "known": True},
     {"field": "person.phone", "known": False}, {"field": "company.domain", "is": "rival.example"},
     {"field": "person.title", "is": "student"}, {"field": "company.employees", "at_most": 10}]
)  # fmt: skip
LEVELS = st.sampled_from(
    [{2: 8, 3: 22, 4: 40}, {2: 0.3, 3: 1, 4: 10}, {2: 10, 3: 20, 4: 30}, {2: 22.5, 3: 45, 4: 67.5}]
)
ROW = st.lists(st.sampled_from(ACTIONS), min_size=4, max_size=4)


@st.composite
def agreements(draw: st.DrawFn) -> Terms:
    document = copy.deepcopy(PRESET)
    named = [{"id": f"i{n}", "say": "x", **rule} for n, rule in enumerate(draw(st.lists(RULES, max_size=5)))]
    fit = [
        {"id": f"f{n}", "say": "x", "when": when, "points": points}
        for n, (when, points) in enumerate(draw(st.lists(st.tuples(CONDITIONS, POINTS), max_size=4)))
    ]
    document["interest"] = {"rules": named, "levels": draw(LEVELS)}
    exclude = [{"id": f"x{n}", "say": "x", "when": w} for n, w in enumerate(draw(st.lists(CONDITIONS, max_size=1)))]
    document["fit"] = {"rules": fit, "exclude": exclude, "grades": draw(st.sampled_from([{"A": 20, "B": 10, "C": -5}]))}
    document["segments"] = [
        {"id": f"s{n}", "say": "x", "when": w} for n, w in enumerate(draw(st.lists(CONDITIONS, max_size=2)))
    ]
    document["matrix"] = {grade: draw(ROW) for grade in GRADES}
    document["journey"] = {
        "awareness": ["guide"],
        "consideration": ["comparison"],
        "decision": ["demo"],
        "forget_days": draw(st.sampled_from([1, 30, 180])),
    }
    document["ripeness"] = {
        "stage": draw(st.sampled_from(JOURNEY)),
        "touches": draw(st.integers(0, 3)),
        "days": draw(st.sampled_from([0, 0.5, 3])),
    }
    document["handoff"] = {
        "required": draw(st.sampled_from([[], ["phone"], ["phone", "first_name"]])),
        "missing": draw(st.sampled_from(["block", "flag"])),
    }
    try:
        return read(document)
    except Unsound:
        reject()  # rules that were drawn contradict each other


AT = st.one_of(
    st.integers(0, 40).map(lambda days: BEGIN + days * DAY),  # whole days: on the boundary of every window, and ties
    st.integers(0, 40 * 24).map(lambda hours: BEGIN + hours * HOUR),
    st.integers(0, 40 * 86_400).map(lambda seconds: BEGIN + seconds * SECOND + seconds % 7),
)
WAKES = st.one_of(st.just(FAR), AT)
HISTORIES = st.builds(
    History,
    st.lists(st.tuples(AT, st.integers(0, len(WHATS) - 1)), max_size=8),
    st.lists(st.tuples(AT, st.integers(0, len(PAIRS) - 1)), max_size=6),
    st.lists(st.tuples(AT, WAKES), max_size=2, unique_by=lambda end: end[0]),
)
UNTIL = BEGIN + 45 * DAY


@settings(max_examples=300, deadline=None)
@given(agreements(), st.lists(HISTORIES, min_size=1, max_size=4))
def test_the_kernel_says_what_the_oracle_says(terms, histories):
    batch, rules = batch_of(histories), rules_of(terms)
    replayed = run(kernel.replay, batch, rules, meaning_of(terms, WHATS, PAIRS), UNTIL, _lists, True)
    found = list(zip(*replayed.crossings[:4], strict=True))
    for i, (person, history) in enumerate(zip(batch.people, histories, strict=True)):
        oracle = Oracle(terms, history)
        grade, level, action, score = oracle.standing(UNTIL)
        ends = replayed.ends
        assert (GRADES[ends.grade[i]], ends.level[i], ACTIONS[ends.action[i]]) == (grade, level, action)
        assert ends.interest[i] == pytest.approx(score, rel=1e-9, abs=1e-9)
        mine = [(at, GRADES[g], n) for who, at, g, n in found if who == person]
        assert mine == oracle.crossings(UNTIL)


@settings(max_examples=60, deadline=None)
@given(agreements(), st.lists(HISTORIES, min_size=1, max_size=6))
def test_compiled_it_says_the_same_to_the_last_bit(terms, histories):
    batch, rules, meaning = batch_of(histories), rules_of(terms), meaning_of(terms, WHATS, PAIRS)
    plain = run(kernel.replay, batch, rules, meaning, UNTIL, _lists, True)
    quick = replay_all(Batch(*(np.asarray(column, np.int64) for column in batch)), rules, meaning, UNTIL, True)
    for mine, theirs in zip(plain, quick, strict=True):
        for name, one, other in zip(mine._fields, mine, theirs, strict=True):
            assert list(one) == list(other), name


@settings(max_examples=60, deadline=None)
@given(agreements(), HISTORIES, HISTORIES)
def test_two_who_are_merged_stand_where_one_with_both_histories_would(terms, one, other):
    both = History(one.touches + other.touches, one.facts + other.facts, [])
    merged = History(other.touches + one.touches, one.facts + other.facts, [])
    first, second = (
        run(kernel.replay, batch_of([h]), rules_of(terms), meaning_of(terms, WHATS, PAIRS), UNTIL, _lists, False)
        for h in (both, merged)
    )
    assert first.crossings[:4] == second.crossings[:4]
    assert (first.ends.grade, first.ends.level) == (second.ends.grade, second.ends.level)


@settings(max_examples=60, deadline=None)
@given(agreements(), HISTORIES)
def test_for_one_person_now_it_is_what_everybody_is_replayed_with(terms, history):
    """`qualify` takes attributes as they are now; the replay ends with the same."""
    replayed = run(
        kernel.replay, batch_of([history]), rules_of(terms), meaning_of(terms, WHATS, PAIRS), UNTIL, _lists, False
    )
    now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=UNTIL)
    about = {
        name: value for _at, name, value in sorted(((at, *PAIRS[i]) for at, i in history.facts), key=lambda f: f[0])
    }
    seen = [
        Seen(
            n,
            datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at),
            w.kind,
            w.offer,
            w.event,
            w.url,
            2 * w.human,
        )
        for n, (at, i) in enumerate(history.touches)
        for w in [WHATS[i]]
    ]
    verdict = qualify(terms, about, seen, now)
    end = replayed.ends
    assert (verdict.grade, verdict.level, verdict.action) == (
        GRADES[end.grade[0]],
        end.level[0],
        ACTIONS[end.action[0]],
    )
    assert verdict.interest_points == end.interest[0]
    assert sum(w.points for w in verdict.fit) == verdict.fit_points == end.fit[0]
    assert math.fsum(w.points for w in verdict.interest) == pytest.approx(verdict.interest_points)


def _lists(kinds: str, size: int) -> list[list]:
    return [[0] * size for _kind in kinds]
