"""How far people came along some steps in their order: of who did the first, who did the second after it, then the third.

Grain        one row a step; everybody counts once in each that they came to, on their furthest way
Denominator  of a share who took the step before, or who took the first one in the period
Source: docs/algorithms/steps.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tilth.core.kernel import DAY
from tilth.core.lasting import Half, half
from tilth.core.machine import still
from tilth.core.qualify import What, meaning_of, micro
from tilth.core.steps import Span, Touches, went
from tilth.core.terms import Terms
from tilth.insight.engine import Engine
from tilth.insight.period import Period

from .cohort import heard_until

COLUMNS = {"touches": ["person", "at", "what"]}
CONTENT = frozenset({"download", "webinar", "event"})
OUR_OWN = frozenset({"note", "list", "unsubscribe"})  # what nobody did on the way to anything


class Step(NamedTuple):
    """A sort of touch that people may do.

    sort   "any", "content", "hand" (raised, as the agreement has it), or a kind of touch
    of     a part of its address, offer, offer's name, event or kind; "" when it does not matter
    """

    sort: str
    of: str = ""


@dataclass(frozen=True)
class Course:
    """Who did the first of some steps, ascending by person.

    person, reached, newest   int64: who; how many steps they took; when they last began
    moments                   int64[people, steps], when they took each
    window, until             microseconds: how long a way may take, and up to when anything is known
    """

    person: np.ndarray
    reached: np.ndarray
    newest: np.ndarray
    moments: np.ndarray
    window: int
    until: int

    def people(self, step: int) -> np.ndarray:
        """bool: who took a step, 1 for the first."""
        return self.reached >= step

    def stopped(self, step: int) -> np.ndarray:
        """bool: who came to a step and not to the one after it."""
        return self.reached == step

    def unfinished(self, step: int) -> np.ndarray:
        """bool: of `stopped`, who began so lately that they may still go on."""
        return self.stopped(step) & (self.newest > self.until - self.window)

    def days(self, step: int) -> Half:
        """How long half of those who took a step needed from the one before it."""
        some = self.people(step)
        return half((self.moments[some, step - 1] - self.moments[some, step - 2]) / DAY)

    def newest_first(self, which: np.ndarray) -> list[int]:
        """The ids of some of them, who began last first."""
        person, newest = self.person[which], self.newest[which]
        return person[np.lexsort([person, -newest])].tolist()


def course(engine: Engine, steps: Sequence["np.ndarray"], period: Period, days: int, now: datetime) -> Course:
    """Everybody who took the first step in a period, and how far they came within so many days of it.

    steps   one to eight; each the sorts of touches that it is, as `sorts` finds them
    """
    until = micro(watched_until(engine, now))
    span = Span(micro(period.start), micro(period.end), min(until, micro(now)) + 1, days * DAY)
    counts = sum((some.astype(np.uint8) << n for n, some in enumerate(steps)), np.zeros(len(steps[0]), np.uint8))
    names = ["person", "reached", "newest", *(f"at_{n + 1}" for n in range(len(steps)))]
    shape = pa.schema([(name, pa.int64()) for name in names])
    found = engine.by_person(partial(_went, counts=counts, steps=len(steps), span=span, shape=shape), COLUMNS, shape)
    person, reached, newest, *moments = (found.column(name).to_numpy() for name in names)
    return Course(person, reached, newest, np.column_stack(moments), span.window, span.now - 1)


def sorts(whats: Sequence[What], step: Step, terms: Terms | None, names: Mapping[str, str]) -> np.ndarray:
    """bool: which sorts of touches a step is. None is that a machine did.

    terms   whose rules say what raises a hand; without them nothing does
    names   of offers by their keys
    """
    raises = _raises(terms, whats) if step.sort == "hand" and terms else np.zeros(len(whats), bool)
    return np.array(
        [w.human and (raises[n] or _is(w, step.sort)) and _of(w, step.of.casefold(), names) for n, w in enumerate(whats)],
        bool,
    )  # fmt: skip


def watched_until(engine: Engine, now: datetime) -> datetime:
    """Up to when we know what people did."""
    return heard_until(engine, [engine.tables().touches.at], now)


def _went(tables: Mapping[str, pa.Table], counts: np.ndarray, steps: int, span: Span, shape: pa.Schema) -> pa.Table:
    """`went` of the touches of whole persons, as a table."""
    touches = tables["touches"]
    at = touches.column("at").cast(pa.int64())
    found = went(
        Touches(*(still(c.to_numpy()) for c in (touches.column("person"), at, touches.column("what")))),
        counts,
        steps,
        span,
    )
    return pa.table([found.person, found.reached, found.newest, *found.moments.T], schema=shape)  # fmt: skip


def _is(what: What, sort: str) -> bool:
    match sort:
        case "any":
            return what.kind not in OUR_OWN
        case "content":
            return what.kind in CONTENT
    return what.kind == sort


def _of(what: What, text: str, names: Mapping[str, str]) -> bool:
    """Whether a text is found in what somebody met. What stands behind an address does not count."""
    said = (what.url.partition("?")[0], what.offer, names.get(what.offer, ""), what.event, what.kind)
    return any(text in one.casefold() for one in said)


def _raises(terms: Terms, whats: Sequence[What]) -> np.ndarray:
    """bool: which sorts of touches raise a hand."""
    meaning = meaning_of(terms, whats, ())
    raises = [rule.raises_hand and rule.points > 0 for rule in terms.interest_rules]
    begins = meaning.rule_from
    return np.array([any(raises[i] for i in meaning.rule[begins[n] : begins[n + 1]]) for n in range(len(whats))], bool)
