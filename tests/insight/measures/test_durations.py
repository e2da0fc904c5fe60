"""How long stages take, and where deals wait."""

from datetime import UTC, date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.insight.measures.lakes import day, lake_of, lead, stage, won
from tilth.insight.engine import Engine
from tilth.insight.measures import durations, waiting
from tilth.insight.period import Period

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))
UNTIL = day(100).replace(tzinfo=UTC)


def test_who_is_still_there_counts_as_long_as_they_were(tmp_path: Path) -> None:
    """40 became an MQL: 20 went on after 10 days, 20 came 5 days ago. Of those watched for ten days all had gone on."""
    stages = [stage(p, 0, "lead", "") for p in range(40)]
    stages += [stage(p, 1, "mql") for p in range(20)] + [stage(p, 11, "sql", "mql") for p in range(20)]
    stages += [stage(p, 95, "mql") for p in range(20, 40)]
    engine = lake_of(tmp_path, stages=stages)
    stays = durations.stays(engine, YEAR, UNTIL)
    found = {one.stage: one for one in durations.durations(engine, stays)}
    assert {name: (one.n, one.still) for name, one in found.items()} == {
        "lead": (40, 0),
        "mql": (40, 20),
        "sql": (20, 20),
    }
    assert [q.days for q in found["mql"].quartiles] == [10, 10, 10]
    assert [q.days for q in found["lead"].quartiles] == [1, 1, 95]
    assert (found["sql"].quartiles, found["sql"].lacks) == ([], 10)
    assert durations.behind(engine, stays, "mql", True) == list(range(20, 40))
    assert len(durations.behind(engine, stays, "mql", False)) == 40


def test_who_falls_back_has_left_and_who_comes_again_counts_twice(tmp_path: Path) -> None:
    stages = [
        stage(1, 0, "mql"),
        stage(1, 4, "lead", "mql"),
        stage(1, 9, "mql"),
        stage(1, 9.5, "mql", "mql"),
        stage(1, 20, "customer", "mql"),
    ]
    engine = lake_of(tmp_path, stages=stages)
    rows = engine.run(durations.stays(engine, YEAR, UNTIL)).to_pylist()
    assert sorted((row["stage"], row["days"], row["over"]) for row in rows) == [
        ("lead", 5, True),
        ("mql", 4, True),
        ("mql", 11, True),
    ]
    assert (
        durations.durations(lake_of(tmp_path / "empty"), durations.stays(lake_of(tmp_path / "none"), YEAR, UNTIL)) == []
    )


def lake(folder: Path) -> Engine:
    """Three open deals: nobody met the first for 60 days, the second was met 5 days ago, a machine met the third."""
    still = {"won": None, "closed_at": None}
    human, machine = {"what": 0, "team": "sales"}, {"what": 1, "team": "person"}
    return lake_of(
        folder,
        people=[lead(p, 0) for p in (1, 2, 3)],
        deals=[
            won(1, 0, None, opened_at=day(40), phase="offer", amount=5_000, **still), won(2, 0, None, opened_at=day(10), phase="offer", amount=7_000, **still),
            won(3, 0, None, phase="call", amount=900, currency="USD", learned_at=day(20), **still), won(4, 30, 5_000, opened_at=day(1), phase="offer"),
        ],
        whats=[{"id": 0, "kind": "call", "human": True}, {"id": 1, "kind": "open", "human": False}],
        touches=[
            {"person": 1, "at": day(30), "id": 1, **human}, {"person": 2, "at": day(95), "id": 2, **human},
            {"person": 2, "at": day(120), "id": 3, **human}, {"person": 3, "at": day(99), "id": 4, **machine},
        ],
    )  # fmt: skip


def test_deals_wait_since_the_last_sign_of_life(tmp_path: Path) -> None:
    engine = lake(tmp_path)
    deals = waiting.waiting(engine, waiting.by_phase(engine), UNTIL)
    assert {row["deal"]: row["days"] for row in engine.run(deals).to_pylist()} == {1: 60, 2: 5, 3: 80}
    rows = {row["cut"]: row for row in waiting.counted(engine, deals, "EUR")}
    assert rows["offer"] == {
        "cut": "offer",
        "n": 2,
        "amount": 12_000,
        "unpriced": 0,
        "most": 60,
        "silent": 1,
        "silent_amount": 5_000,
        "median": pytest.approx(32.5),
    }
    assert (rows["call"]["n"], rows["call"]["amount"], rows["call"]["unpriced"]) == (1, 0, 1)
    assert waiting.behind(engine, deals, False) == [3, 1, 2]
    assert waiting.behind(engine, deals, True) == [3, 1]
