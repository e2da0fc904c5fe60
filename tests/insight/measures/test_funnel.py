"""Stages by cohort: whoever came in a week counts in that week, once, however far and however often they went."""

from datetime import UTC, date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from tests.insight.measures.lakes import day, lake_of, lead, outcome, stage
from tilth.insight.engine import Engine
from tilth.insight.measures import funnel
from tilth.insight.measures.cohort import cohort
from tilth.insight.period import Period

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))
UNTIL = day(100).replace(tzinfo=UTC)


def counted(engine: Engine, by: str) -> dict[str, tuple[int, ...]]:
    names = ("leads", "mql", "sql", "customers", "open", "young", "again")
    found = funnel.counted(engine, cohort(engine, YEAR, by, None), UNTIL).to_pylist()
    return {row["cut"]: tuple(row[n] for n in names) for row in found}


def lake(folder: Path) -> Engine:
    """Two weeks: 1, 2, 3 came in the first one, 4 in the second, 5 a few days ago."""
    return lake_of(
        folder,
        people=[lead(1, 0, source="fair"), lead(2, 1, source="fair"), lead(3, 6, source="search"), lead(4, 7), lead(5, 90)],
        stages=[
            stage(1, 2, "mql"), stage(1, 5, "lead", "mql"), stage(1, 20, "mql"), stage(1, 21, "sql", "mql"),
            stage(1, 60, "customer", "sql"), stage(4, 8, "customer"),
        ],
        outcomes=[outcome(2, 9, "handoff"), outcome(2, 10, "returned"), outcome(1, 2, "handoff")],
    )  # fmt: skip


def test_who_came_in_one_week_is_never_in_the_bar_of_another(tmp_path: Path) -> None:
    """Person 1 was handed off in the first week and bought in the ninth: both count in the week they came in."""
    assert counted(lake(tmp_path), "week") == {
        "2026-01-05": (3, 2, 1, 1, 1, 0, 1),
        "2026-01-12": (1, 0, 0, 1, 0, 0, 0),
        "2026-03-30": (1, 0, 0, 0, 1, 1, 0),
    }


def test_cut_otherwise_the_same_people_are_in_other_rows(tmp_path: Path) -> None:
    engine = lake(tmp_path)
    assert counted(engine, "source") == {
        "fair": (2, 2, 1, 1, 0, 0, 1), "search": (1, 0, 0, 0, 1, 0, 0), "": (2, 0, 0, 1, 1, 1, 0),
    }  # fmt: skip
    sums = {
        tuple(np.sum(list(counted(engine, by).values()), 0)) for by in ("week", "quarter", "source", "owner", "segment")
    }
    assert sums == {(5, 2, 1, 2, 2, 1, 1)}


def test_whoever_passed_a_stage_by_is_in_no_share_of_it(tmp_path: Path) -> None:
    engine = lake(tmp_path)
    [row] = funnel.counted(engine, cohort(engine, YEAR, "segment", None), UNTIL).to_pylist()
    assert (row["customers"], row["sql_customers"], row["mql_sql"]) == (2, 1, 1)


def test_an_empty_lake_has_no_cohorts(tmp_path: Path) -> None:
    engine = lake_of(tmp_path)
    for by in ("week", "source", "owner", "segment"):
        assert counted(engine, by) == {}


def test_the_people_behind_each_number_are_as_many_as_it_says(tmp_path: Path) -> None:
    engine = lake(tmp_path)
    everybody = cohort(engine, YEAR, "source", None)
    for row in funnel.counted(engine, everybody, UNTIL).to_pylist():
        for state in funnel.states(everybody, UNTIL):
            some = everybody.filter(everybody.cut == row["cut"])
            assert len(funnel.behind(engine, some, state, UNTIL)) == row[state], (row, state)
    assert funnel.behind(engine, everybody, "leads", UNTIL) == [5, 4, 3, 2, 1]
