"""Who saw what in one segment, by hand: what tells buyers apart, and for which open lead it comes next."""

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.insight.measures.lakes import day, lake_of, lead, outcome, touch, what
from tilth.core.rates import Rate
from tilth.core.terms import Condition
from tilth.insight.engine import Engine
from tilth.insight.measures.cohort import cohort
from tilth.insight.measures.seen import next_for, seen, tells, unseen_by
from tilth.insight.period import Period

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))
TERMS: Any = SimpleNamespace(segments=(Condition("growers", "Growers", "company.industry", "is", "growing"),))
DEMO, QUOTE, BOOK = range(3)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """Growers: 0 to 19 bought; all saw the demo, half the quote, a fifth the book. 20 to 59 are open, 60 was lost.

    Of the open ones 20 to 29 saw the demo, 20 and 21 the quote too; everybody saw the book. 70 is no grower.
    """
    people = [lead(p, 0) for p in (*range(61), 70)]
    facts = [{"person": p, "at": day(0), "pair": 0} for p in range(61)]
    touches = [touch(p, 2, DEMO) for p in range(30)] + [touch(p, 3, QUOTE) for p in (*range(10), 20, 21)]
    touches += [touch(p, 3, BOOK) for p in (*range(4), *range(20, 60), 70)] + [touch(19, 40, QUOTE)]
    outcomes = [outcome(p, 30, "won") for p in range(20)] + [outcome(60, 1, "handoff"), outcome(60, 2, "returned")]
    return lake_of(
        tmp_path, people=people, facts=facts, touches=touches, outcomes=outcomes,
        whats=[what("form", offer=name) for name in ("demo", "quote", "book")],
        pairs=[{"field": "company.industry", "value": json.dumps("growing")}],
    )  # fmt: skip


def test_what_buyers_saw_and_others_did_not(engine: Engine) -> None:
    rows = seen(engine, cohort(engine, YEAR, "segment", TERMS), "offers", "customer")
    told = {(one.segment, one.piece): one for one in rows}
    demo, quote, book = (told["growers", name] for name in ("demo", "quote", "book"))
    assert (demo.buyers, demo.others, demo.unseen) == (Rate(20, 20), Rate(10, 41), 30)
    assert (quote.buyers, quote.others, quote.unseen) == (Rate(10, 20), Rate(2, 41), 38)  # 19 saw it after buying
    assert (book.buyers, book.others, book.unseen) == (Rate(4, 20), Rate(40, 41), 0)
    assert [one.piece for one in rows if tells(one)] == ["demo", "quote"]
    assert book.high < 0
    assert (told["", "book"].buyers, told["", "book"].others) == (Rate(0, 0), Rate(1, 1))


def test_each_open_lead_stands_once_with_what_comes_next(engine: Engine) -> None:
    people = cohort(engine, YEAR, "segment", TERMS)
    rows = {one.piece: one for one in seen(engine, people, "offers", "customer") if one.segment}
    assert {name: one.up_next for name, one in rows.items()} == {"demo": 30, "quote": 8, "book": 0}
    assert next_for(engine, people, "offers", "customer", "growers", "quote") == list(range(29, 21, -1))
    assert unseen_by(engine, people, "offers", "customer", "growers", "demo") == list(range(59, 29, -1))
    assert next_for(engine, people, "offers", "sql", "growers", "quote") == []


def test_few_buyers_tell_nothing(tmp_path: Path) -> None:
    people, touches = [lead(p, 0) for p in range(40)], [touch(p, 1, 0) for p in range(3)]
    bought = [outcome(p, 9, "won") for p in range(3)]
    engine = lake_of(tmp_path, people=people, touches=touches, outcomes=bought, whats=[what("form", offer="demo")])
    (only,) = seen(engine, cohort(engine, YEAR, "segment", None), "offers", "customer")
    assert (only.buyers, only.low > 0, tells(only), only.up_next) == (Rate(3, 3), True, False, 0)
