"""Where one person stands at one moment: fit x interest, the action, and the reasons that sum to it.

`qualify` is the one meaning of an agreement, for one person; `replay_all` is the same for many, through time. Both
run `kernel.replay`. Source: docs/algorithms/qualification.md
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from . import kernel
from .kernel import DAY, FAR, NEVER, SECOND, Batch, Crossings, Details, Ends, Meaning, Rules, Scratch
from .terms import ACTIONS, GRADES, LEVELS, Condition, FitRule, InterestRule, Terms

HUMAN = 1  # the least evidence that counts: a person did it, as far as we can tell
LONGEST = 400 * DAY
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class What(NamedTuple):
    """A sort of touch: all that an interest rule may look at, and whether a human did it."""

    kind: str
    offer: str = ""
    event: str = ""
    url: str = ""
    human: bool = True


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

    @property
    def what(self) -> What:
        return What(self.kind, self.offer, self.event, self.url, self.evidence >= HUMAN)


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

    `action` is the cell's, except that an exclusion disqualifies and that what is not ripe is nurtured: `unripe` then says
    why, by the parts of `ripeness` that are not reached. `journey` is 0 (nothing known) to 3 (decision).
    `ripe_at` is the newest touch that gave points (None without one); `changes_at` is when the verdict may change if
    nothing else happens (None when it never does).
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
    excluded: str = ""
    segment: str = ""
    journey: int = 0
    care: int = 0
    unripe: tuple[str, ...] = ()


def qualify(
    terms: Terms, about: Mapping[str, Any], touches: Iterable[Seen], now: datetime, rules: Rules | None = None
) -> Verdict:
    """Where a person stands under `terms`.

    about      attribute to value: "person.title", "company.employees", ...; absent means not known
    touches    any order; those after `now` and those without human evidence do not count
    now        aware
    rules      `rules_of(terms)`, from who judges many
    """
    seen = sorted(touches, key=lambda t: (t.at, t.id))
    whats = {what: i for i, what in enumerate(dict.fromkeys(t.what for t in seen))}
    pairs, until, at = list(about.items()), micro(now), [micro(t.at) for t in seen]
    known_at = min([until, *at[:1]])  # attributes are taken as they are, from the first touch on
    batch = Batch(
        people=[0],
        touch_person=[0] * len(seen), touch_at=at, touch_what=[whats[t.what] for t in seen],
        fact_person=[0] * len(pairs), fact_at=[known_at] * len(pairs), fact_pair=range(len(pairs)),
        end_person=[], end_at=[], end_wake=[],
    )  # fmt: skip
    rules = rules or rules_of(terms)
    _, end, details = run(kernel.replay, batch, rules, meaning_of(terms, list(whats), pairs), until, _lists, True)
    return _verdict(terms, rules, end, details, until, now)


class Replayed(NamedTuple):
    """What came of a batch: the crossings that were found, and an end for each person."""

    crossings: Crossings
    ends: Ends
    details: Details


def replay_all(batch: Batch, rules: Rules, meaning: Meaning, until: int, details: bool = False) -> Replayed:
    """Replay a batch of NumPy arrays with the compiled kernel."""
    return run(kernel.compiled(), batch, arrays(rules), arrays(meaning), until, _arrays, details)


def run(
    replay: Callable[..., int], batch: Batch, rules: Rules, meaning: Meaning, until: int, room: Callable, details: bool
) -> Replayed:
    """Make room for the results, replay, and cut the crossings to their number."""
    people, n = len(batch.people), len(rules.points)
    most = people + len(batch.end_at)
    out = Crossings(*room("iiiiif", most))
    ends = Ends(*room("iffiiiiiiiii", people), *room("i", people * 4))
    parts = Details(*room("fii", people * n if details else 0))
    scratch = Scratch(*room("i", rules.ring_from[-1]), *room("ii", n))
    found = replay(batch, rules, meaning, until, scratch, out, ends, parts)
    return Replayed(Crossings(*(column[:found] for column in out)), ends, parts)


def rules_of(terms: Terms) -> Rules:
    """The agreement as numbers, in lists."""
    ring, levels = [0], list(LEVELS)
    for rule in terms.interest_rules:
        ring.append(ring[-1] + rule.at_most)
    bits = _bits(terms)
    matrix = [ACTIONS.index(terms.action(grade, level)) for grade in GRADES for level in levels]
    lowest = [next((level for level in levels if terms.action(grade, level) == "hand_off"), 0) for grade in GRADES]
    return Rules(
        points=[float(r.points) for r in terms.interest_rules],
        half_life=[r.half_life_days * DAY for r in terms.interest_rules],
        at_most=[r.at_most for r in terms.interest_rules],
        raises=[int(r.raises_hand) for r in terms.interest_rules],
        ring_from=ring,
        fit_points=[float(r.points) for r in terms.fit_rules],
        start=_sum(bit for bit, field, name, value in bits if name == "known" and not value),
        exclude=_sum(1 << i for i in _places(terms, 1)),
        required=_sum(1 << i for i in _places(terms, 3)) if terms.missing_blocks else 0,
        grades=[float(terms.grades[g]) for g in GRADES[:-1]],
        levels=[float(terms.levels[n]) for n in LEVELS[1:]],
        matrix=matrix,
        lowest=lowest,
        odd=[
            int(any(terms.action(grade, level) != "hand_off" for level in levels[low - 1 :]) and low > 0)
            for grade, low in zip(GRADES, lowest, strict=True)
        ],
        ripe_stage=terms.ripeness.stage,
        ripe_touches=terms.ripeness.touches,
        ripe_days=round(terms.ripeness.days * DAY),
        forget=round(terms.forget_days * DAY),
    )


def meaning_of(terms: Terms, whats: Sequence[What], pairs: Sequence[tuple[str, Any]]) -> Meaning:
    """What sorts of touches and pairs of attribute and value mean under these terms, in lists."""
    rule_from, rule = [0], []
    known: dict[tuple, list[int]] = {}
    for what in whats:
        if what.human:
            key = (what.kind, what.offer, what.event)
            if key not in known:
                known[key] = [i for i, r in enumerate(terms.interest_rules) if _counts(r, what)]
            rule += [i for i in known[key] if terms.interest_rules[i].url in what.url]
        rule_from.append(len(rule))
    by_field: dict[str, list[tuple[int, str, Any]]] = {}
    for bit, field, name, value in _bits(terms):
        by_field.setdefault(field, []).append((bit, name, value))
    owned = {field: _sum(bit for bit, _name, _value in bits) for field, bits in by_field.items()}
    return Meaning(
        rule_from=rule_from,
        rule=rule,
        stage=[terms.journey.get(w.offer, 0) if w.human and w.offer else 0 for w in whats],
        owned=[owned.get(field, 0) for field, _value in pairs],
        holds=[_sum(b for b, name, wanted in by_field.get(field, ()) if test(name, wanted, v)) for field, v in pairs],
    )


def _bits(terms: Terms) -> list[tuple[int, str, str, Any]]:
    """Each condition as (bit, field, test, value): fit rules, exclusions, segments, required fields."""
    named: list[FitRule | Condition] = [*terms.fit_rules, *terms.exclusions, *terms.segments]
    conditions = [(c.field, c.test, c.value) for c in named]
    conditions += [("company.name" if f == "company" else f"person.{f}", "known", True) for f in terms.required]
    return [(1 << i, *condition) for i, condition in enumerate(conditions)]


def _places(terms: Terms, which: int) -> range:
    """The places of the bits of fit rules (0), exclusions (1), segments (2) or required fields (3)."""
    sizes = [len(terms.fit_rules), len(terms.exclusions), len(terms.segments), len(terms.required)]
    first = sum(sizes[:which])
    return range(first, first + sizes[which])


def _sum(bits: Iterable[int]) -> int:
    total = 0
    for bit in bits:
        total |= bit
    return total


def _lists(kinds: str, size: int) -> list[list]:
    """Columns of Python's own numbers: for one person quicker than arrays are made."""
    return [[0.0 if kind == "f" else 0] * size for kind in kinds]


def _arrays(kinds: str, size: int) -> list[Any]:
    import numpy as np

    return [np.zeros(size, np.float64 if kind == "f" else np.int64) for kind in kinds]


def arrays(parts: Any) -> Any:
    """The same named tuple with its lists as arrays, as the compiled kernel wants them."""
    import numpy as np

    floats = {"points", "half_life", "fit_points", "grades", "levels"}
    return type(parts)(
        *(
            np.asarray(part, np.float64 if name in floats else np.int64) if isinstance(part, list) else part
            for name, part in zip(parts._fields, parts, strict=True)
        )
    )


def micro(at: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (at - EPOCH) // MICROSECOND


def moment(at: int, like: datetime | None = None) -> datetime | None:
    """The moment of so many microseconds, in the zone of another moment; None for NEVER and FAR."""
    return None if at in (NEVER, FAR) else (EPOCH + at * MICROSECOND).astimezone(like.tzinfo if like else UTC)


def _verdict(terms: Terms, rules: Rules, end: Ends, details: Details, until: int, now: datetime) -> Verdict:
    mask, grade, level = end.mask[0], GRADES[end.grade[0]], end.level[0]
    interest = tuple(
        Why(r.id, r.say, details.points[i], details.times[i], moment(details.last[i], now))
        for i, r in enumerate(terms.interest_rules)
        if details.times[i]
    )
    excluded = next((c.id for i, c in zip(_places(terms, 1), terms.exclusions, strict=True) if mask >> i & 1), "")
    raised = until - end.hand_at[0] <= rules.forget and not excluded
    unripe = () if raised else _unripe(rules, end, until)
    return Verdict(
        grade, level, end.fit[0], end.interest[0], ACTIONS[end.action[0]],
        fit=tuple(Why(r.id, r.say, r.points) for i, r in enumerate(terms.fit_rules) if mask >> i & 1),
        interest=interest,
        raised_hand=raised,
        ripe_at=moment(end.newest[0], now),
        changes_at=_changes_at(rules, end, details, until, now),
        excluded=excluded,
        segment=segment(terms, mask),
        journey=end.stage[0],
        care=end.care[0],
        unripe=unripe,
    )  # fmt: skip


def segment(terms: Terms, mask: int) -> str:
    """The id of the first segment whose condition is among those that hold; empty when none is."""
    return next((c.id for i, c in zip(_places(terms, 2), terms.segments, strict=True) if mask >> i & 1), "")


def _unripe(rules: Rules, end: Ends, until: int) -> tuple[str, ...]:
    """Which parts of ripeness are not reached."""
    care_for = until - end.care_from[0] if end.care[0] else -1
    short = {
        "stage": rules.ripe_stage > 1 and end.stage[0] < rules.ripe_stage,
        "touches": end.care[0] < rules.ripe_touches,
        "days": rules.ripe_days > 0 and care_for < rules.ripe_days,
    }
    return tuple(name for name, is_short in short.items() if is_short)


def matches(rule: InterestRule, touch: Seen) -> bool:
    """Whether a touch is of the sort that a rule counts."""
    return _counts(rule, touch.what) and rule.url in touch.url


def _counts(rule: InterestRule, what: What) -> bool:
    """Whether a rule counts this sort of touch, its address aside."""
    return (
        (not rule.kinds or what.kind in rule.kinds)
        and (not rule.offers or what.offer in rule.offers)
        and (not rule.events or what.event in rule.events)
    )


def holds(rule: FitRule | Condition, about: Mapping[str, Any]) -> bool:
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


def _changes_at(rules: Rules, end: Ends, details: Details, until: int, now: datetime) -> datetime | None:
    """When time alone may change the verdict: interest falls, something is forgotten, care has lasted, a penalty fades."""
    moments = [FAR, _falls_at(rules, end, details, until)]
    if rules.ripe_days and end.care[0]:
        moments.append(end.care_from[0] + rules.ripe_days)
    moments += [at + rules.forget + 1 for at in (end.hand_at[0], *end.stage_at[1:4])]
    if any(points < 0 for points in details.points):
        moments.append(until + DAY)  # points may rise again as a penalty fades: look daily
    return moment(min(at for at in moments if at > until), now)


def _falls_at(rules: Rules, end: Ends, details: Details, until: int) -> int:
    """When decay alone moves the level, to the second; looks at most 400 days ahead. FAR when it does not."""
    level = end.level[0]
    if level == LEVELS[0]:
        return FAR
    floor = rules.levels[level - 2] - kernel.SLACK
    decays = [(p, h) for p, h in zip(details.points, rules.half_life, strict=True) if p]

    def left(later: int) -> float:
        return sum(p * 0.5 ** (later / h) for p, h in decays)

    low, high = 0, LONGEST
    if left(high) >= floor:
        return until + high
    while high - low > SECOND:
        middle = (low + high) // 2
        low, high = (middle, high) if left(middle) >= floor else (low, middle)
    return until + high
