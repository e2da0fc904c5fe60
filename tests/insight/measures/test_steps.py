"""Ordered funnels of a lake: what a step is, who begins in a period, whom machines are kept out of, and SQL as a second opinion."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.insight.engines.reports import YEAR as SAMPLED
from tests.insight.engines.sample import NOW, sample
from tests.insight.measures.lakes import day, lake_of, lead, touch, what
from tilth.core.lasting import Half
from tilth.core.qualify import What
from tilth.core.terms import InterestRule
from tilth.insight.engine import Engine
from tilth.insight.measures.steps import Course, Step, course, sorts, watched_until
from tilth.insight.period import Period

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))
WHATS = [
    what("page", url="https://kasbouw.example/prices?utm_source=mail"), what("download", offer="ebook"),
    what("form", offer="demo"), what("meeting"), what("form", offer="demo", human=False), what("note"),
]  # fmt: skip
PRICES, BOOK, DEMO, MEETING, BOT, NOTE = range(6)
STEPS = [Step("page", "/prices"), Step("content"), Step("form")]


def asked(engine: Engine, steps: list[Step] = STEPS, days: int = 30, at: float = 100, period: Period = YEAR) -> Course:
    found = [sorts(engine.whats(), step, None, {}) for step in steps]
    return course(engine, found, period, days, day(at).replace(tzinfo=UTC))


def lake(folder: Path) -> Engine:
    """1 goes all the way; 2 the wrong way round; 3 only by a machine; 4 too slowly, and began again lately; 5 never began."""
    happened = [
        (1, 0, PRICES), (1, 4, BOOK), (1, 9, DEMO), (2, 0, BOOK), (2, 1, PRICES), (2, 2, DEMO), (3, 0, PRICES), (3, 1, BOOK),
        (3, 2, BOT), (4, 1, PRICES), (4, 3, BOOK), (4, 40, DEMO), (4, 80, PRICES), (5, 0, BOOK), (5, 1, DEMO),
    ]  # fmt: skip
    return lake_of(
        folder, people=[lead(p, 0) for p in range(1, 6)], whats=WHATS, touches=[touch(*one) for one in happened]
    )


def test_who_came_how_far_and_who_may_still_go_on(tmp_path: Path) -> None:
    found = asked(lake(tmp_path))
    assert [found.person[found.people(n)].tolist() for n in (1, 2, 3)] == [[1, 2, 3, 4], [1, 3, 4], [1]]
    assert [found.person[found.stopped(n)].tolist() for n in (1, 2, 3)] == [[2], [3, 4], [1]]
    assert [found.person[found.unfinished(n)].tolist() for n in (1, 2)] == [[], [4]]
    assert found.newest_first(found.people(1)) == [4, 2, 1, 3]
    assert (found.days(2), found.days(3)) == (Half(2, None, None, 3), Half(5, None, None, 1))


def test_a_longer_window_takes_in_the_slow_ones(tmp_path: Path) -> None:
    assert asked(lake(tmp_path), days=39).people(3).sum() == 2


def test_the_first_step_lies_in_the_period_and_the_others_may_come_later(tmp_path: Path) -> None:
    first_day = Period(date(2026, 1, 5), date(2026, 1, 5), ZoneInfo("UTC"))
    found = asked(lake(tmp_path), period=first_day)
    assert (found.person.tolist(), found.reached.tolist()) == ([1, 3], [3, 2])


def test_what_comes_after_now_has_not_happened(tmp_path: Path) -> None:
    found = asked(lake(tmp_path), at=4)
    assert dict(zip(found.person.tolist(), found.reached.tolist(), strict=True)) == {1: 2, 2: 1, 3: 2, 4: 2}


def test_records_that_ended_are_watched_until_then(tmp_path: Path) -> None:
    engine = lake(tmp_path)
    assert [watched_until(engine, day(n).replace(tzinfo=UTC)) for n in (100, 300)] == [
        day(100).replace(tzinfo=UTC),
        day(80).replace(tzinfo=UTC),
    ]
    assert asked(engine, at=300).unfinished(2).sum() == 1


def test_an_empty_lake_has_nobody(tmp_path: Path) -> None:
    found = asked(lake_of(tmp_path))
    assert (found.people(1).tolist(), found.days(2)) == ([], Half(None, None, None, 0))


@pytest.mark.parametrize(
    ("step", "places"),
    [
        (Step("any"), [PRICES, BOOK, DEMO, MEETING]), (Step("any", "/Prices"), [PRICES]), (Step("any", "utm_source"), []),
        (Step("content"), [BOOK]), (Step("content", "energy"), [BOOK]), (Step("form"), [DEMO]), (Step("form", "quote"), []),
        (Step("any", "meeting"), [MEETING]), (Step("hand"), [DEMO]), (Step("hand", "quote"), []),
    ],
)  # fmt: skip
def test_what_a_step_is(step: Step, places: list[int]) -> None:
    """By kind, by what the agreement says raises a hand, and by a part of an address, an offer or its name."""
    asks = InterestRule("demo", "", frozenset(), frozenset({"demo"}), frozenset(), "", 10, 30, 1, raises_hand=True)
    rules = (asks, replace(asks, id="visit", kinds=frozenset({"page"}), offers=frozenset(), raises_hand=False))
    terms: Any = SimpleNamespace(
        interest_rules=rules, fit_rules=(), exclusions=(), segments=(), required=(), journey={}
    )
    found = sorts([What(**row) for row in WHATS], step, terms, {"ebook": "Energy in the greenhouse"})
    assert np.flatnonzero(found).tolist() == places


def test_without_an_agreement_nobody_raises_a_hand() -> None:
    assert not sorts([What("form", "demo")], Step("hand"), None, {}).any()


SECOND_OPINION = """
    WITH t AS (SELECT person, "at", touches.id, kind FROM touches JOIN whats ON whats.id = touches.what AND human),
    a AS (SELECT *, max(CASE WHEN kind = 'page' AND "at" >= '{begin}' AND "at" < '{end}' THEN "at" END) OVER w AS began FROM t {w}),
    b AS (SELECT *, max(CASE WHEN kind = 'form' AND "at" - began <= INTERVAL {days} DAY THEN began END) OVER w AS then_began FROM a {w})
    SELECT count(DISTINCT person) FILTER (WHERE kind = 'page' AND "at" >= '{begin}' AND "at" < '{end}') AS one,
        count(DISTINCT person) FILTER (WHERE kind = 'form' AND "at" - began <= INTERVAL {days} DAY) AS two,
        count(DISTINCT person) FILTER (WHERE kind = 'call' AND "at" - then_began <= INTERVAL {days} DAY) AS three
    FROM b
"""
ORDERED = 'WINDOW w AS (PARTITION BY person ORDER BY "at", id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)'


def test_sql_counts_the_same_people(tmp_path: Path) -> None:
    """Over a base, deltas, touches that moved away and persons who are gone."""
    engine = Engine(sample(tmp_path, 400), "duckdb")
    steps = [sorts(engine.whats(), Step(kind), None, {}) for kind in ("page", "form", "call")]
    begin, end = (at.astimezone(UTC).replace(tzinfo=None) for at in (SAMPLED.start, SAMPLED.end))
    for days in (7, 90):
        found = course(engine, steps, SAMPLED, days, NOW)
        said = engine.sql(SECOND_OPINION.format(begin=begin, end=end, days=days, w=ORDERED)).to_pylist()[0]
        counts = [int(found.people(n).sum()) for n in (1, 2, 3)]
        assert list(said.values()) == counts
        assert counts[0] > counts[1] > counts[2] > 0


def test_nobody_is_counted_before_they_did_anything(tmp_path: Path) -> None:
    """Moments ascend along each way, and no way is longer than its window."""
    engine = Engine(sample(tmp_path, 400), "duckdb")
    steps = [sorts(engine.whats(), Step(kind), None, {}) for kind in ("page", "form", "call")]
    found = course(engine, steps, SAMPLED, 90, datetime(2026, 4, 1, tzinfo=UTC))
    whole = found.moments[found.people(3)]
    assert len(whole) > 3
    assert (np.diff(whole) >= 0).all()
    assert (whole[:, 2] - whole[:, 0] <= found.window).all()
    assert whole.max() <= found.until
