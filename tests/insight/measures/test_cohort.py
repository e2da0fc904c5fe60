"""Who is in a cohort, by what it is cut, and what became of each of them."""

from datetime import UTC, date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.insight.measures.lakes import day, lake_of, lead, outcome, stage, won
from tilth.core.terms import Condition
from tilth.insight.engine import Engine
from tilth.insight.measures.cohort import NONE, by_segment, cohort, watched_until
from tilth.insight.period import Period

UTC_ZONE, AMSTERDAM = ZoneInfo("UTC"), ZoneInfo("Europe/Amsterdam")
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), UTC_ZONE)


def rows(engine: Engine, by: str = "source", period: Period = YEAR, *columns: str) -> dict[int, Any]:
    found = engine.run(cohort(engine, period, by, None)).to_pylist()
    return {r["person"]: tuple(r[c] for c in columns) if columns else r["cut"] for r in found}


def test_only_who_became_a_lead_in_the_period(tmp_path: Path) -> None:
    engine = lake_of(
        tmp_path, people=[lead(1, 0, source="fair"), lead(2, 400), {"person": 3, "at": day(0)}, lead(4, 1)]
    )
    assert rows(engine) == {1: "fair", 4: NONE}


def test_weeks_begin_on_monday_in_the_zone_of_the_firm(tmp_path: Path) -> None:
    """Also across the night in which clocks change: half past eleven on Sunday evening in London is Monday in Amsterdam."""
    moments = (day(83 + 21.99 / 24), day(83 + 22.5 / 24), day(-1 + 23.5 / 24))
    people = [{"person": n, "at": at, "lead_at": at} for n, at in enumerate(moments)]
    engine, period = lake_of(tmp_path, people=people), Period(YEAR.first, YEAR.last, AMSTERDAM)
    assert rows(engine, "week", period) == {0: "2026-03-23", 1: "2026-03-30", 2: "2026-01-05"}
    assert rows(engine, "quarter", period) == {0: "2026-01-01", 1: "2026-01-01", 2: "2026-01-01"}


def test_the_owner_is_who_had_them_last(tmp_path: Path) -> None:
    handed = [outcome(1, 1, "handoff", owner=7), outcome(1, 9, "handoff", owner=8)]
    assert rows(lake_of(tmp_path, people=[lead(1, 0), lead(2, 0)], outcomes=handed), "owner") == {1: "8", 2: NONE}


def test_the_segment_is_the_first_that_holds_of_what_is_known_now(tmp_path: Path) -> None:
    pairs = [{"id": n, "field": f, "value": v} for n, (f, v) in enumerate([("company.employees", "5"), ("company.employees", "90"), ("person.title", '"CEO"')])]  # fmt: skip
    facts = [
        {"person": p, "at": day(at), "pair": n} for p, at, n in [(1, 0, 0), (1, 3, 1), (2, 0, 0), (2, 1, 2), (3, 0, 2)]
    ]
    engine = lake_of(tmp_path, people=[lead(p, 0) for p in (1, 2, 3, 4)], pairs=pairs, facts=facts)
    large, chief = Condition("large", "", "company.employees", "at_least", 50), Condition("chief", "", "person.title", "is", "ceo")  # fmt: skip
    unknown = Condition("unknown", "", "company.employees", "known", False)

    def of(*segments: Condition) -> dict[int, str]:
        found = engine.run(by_segment(engine, engine.tables(), segments)).to_pylist()
        return {r["person"]: r["cut"] for r in found}

    assert of(large, chief) == {1: "large", 2: "chief", 3: "chief", 4: NONE}
    assert of(large, unknown) == {1: "large", 2: NONE, 3: "unknown", 4: "unknown"}
    assert of() == dict.fromkeys((1, 2, 3, 4), NONE)


def test_who_enters_a_stage_twice_counts_once_since_the_first_time(tmp_path: Path) -> None:
    stages = [stage(1, 1, "mql"), stage(1, 4, "lead", "mql"), stage(1, 9, "mql")]
    handed = [outcome(1, 1, "handoff"), outcome(1, 4, "returned"), outcome(1, 9, "handoff"), outcome(1, 10, "sql")]
    engine = lake_of(tmp_path, people=[lead(1, 0)], stages=stages, outcomes=handed)
    assert rows(engine, "source", YEAR, "mql", "sql", "customer", "again") == {1: (day(1), day(10), None, 1)}


@pytest.mark.parametrize(
    ("happened", "ended"),
    [
        ([], None),
        ([(1, "handoff"), (4, "returned")], 4),
        ([(1, "handoff"), (4, "returned"), (9, "handoff")], None),
        ([(1, "handoff"), (4, "handed_back"), (9, "handoff"), (12, "lost")], 12),
        ([(3, "lost")], 3),
        ([(1, "handoff"), (4, "won"), (9, "lost")], None),
    ],
)
def test_whose_way_ended_is_lost_until_it_goes_on(tmp_path: Path, happened: Any, ended: float | None) -> None:
    engine = lake_of(tmp_path, people=[lead(1, 0)], outcomes=[outcome(1, at, kind) for at, kind in happened])
    assert rows(engine, "source", YEAR, "ended") == {1: (None if ended is None else day(ended),)}


def test_who_fell_back_with_their_group_is_lost_and_who_has_another_open_deal_is_not(tmp_path: Path) -> None:
    stages = [stage(p, at, *to) for p in (1, 2) for at, to in ((1, ("mql", "lead")), (4, ("lead", "mql")))]
    deals = [won(2, 9, None, won=None, closed_at=None)]
    engine = lake_of(tmp_path, people=[lead(1, 0), lead(2, 0)], stages=stages, deals=deals)
    assert rows(engine, "source", YEAR, "ended") == {1: (day(4),), 2: (None,)}


def test_records_that_fell_silent_ended_with_their_last_word(tmp_path: Path) -> None:
    engine = lake_of(tmp_path, people=[lead(1, 0)], outcomes=[outcome(1, 40, "won")])
    assert watched_until(engine, day(60).replace(tzinfo=UTC)) == day(60).replace(tzinfo=UTC)
    assert watched_until(engine, day(600).replace(tzinfo=UTC)) == day(40).replace(tzinfo=UTC)
    assert watched_until(lake_of(tmp_path / "empty"), day(600).replace(tzinfo=UTC)) == day(600).replace(tzinfo=UTC)
