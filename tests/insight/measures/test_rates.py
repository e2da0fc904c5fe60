"""Honest rates from a lake: B3's worked cases, a slow oracle, and intervals that hold the truth as often as they say."""

from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.insight.measures.lakes import day, lake_of, lead, outcome
from tilth.core.survival import LOST, OPEN, WON, Incidence, incidence
from tilth.insight.engine import Engine
from tilth.insight.measures import rates
from tilth.insight.measures.cohort import cohort
from tilth.insight.period import Period

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))


def until(n: float) -> datetime:
    return day(n).replace(tzinfo=UTC)


def found(engine: Engine, to: str, horizon: float, at: float) -> dict[str, rates.Found]:
    cuts = rates.rates(engine, cohort(engine, YEAR, "source", None), to, horizon, until(at)).cuts
    return {row.cut: row for row in cuts}


def eight(folder: Path, lost: tuple[int, ...]) -> Engine:
    """B3: customers after 2, 4 and 6 days; the others lost after, or watched for, 3, 5, 7, 8 and 9 days; seen on day 9."""
    people, happened = [], []
    for person, days in enumerate((2, 4, 6, 3, 5, 7, 8, 9)):
        came = 0 if person < 3 or days in lost else 9 - days
        people.append(lead(person, came))
        if person < 3:
            happened.append(outcome(person, days, "won"))
        elif days in lost:
            happened.append(outcome(person, days, "lost"))
    return lake_of(folder, people=people, outcomes=happened)


def test_b3_eight_leads_of_whom_five_are_open(tmp_path: Path) -> None:
    """Naive 37.5%, Kaplan-Meier 45.3%."""
    seen = found(eight(tmp_path, ()), "customer", 9, 9)[""].seen
    assert (seen.n, seen.hits, seen.hits / seen.n) == (8, 3, 0.375)
    assert seen.share == pytest.approx(0.453125)


def test_b3_eight_leads_of_whom_two_were_lost(tmp_path: Path) -> None:
    """With those of 3 and 5 days lost, Aalen-Johansen says 37.5%."""
    assert found(eight(tmp_path, (3, 5)), "customer", 9, 9)[""].seen.share == pytest.approx(0.375)


def test_eight_leads_are_too_few(tmp_path: Path) -> None:
    assert found(eight(tmp_path, ()), "customer", 9, 9)[""].lacks == 22


def slow(cases: list[tuple[float, int]], horizon: float) -> float:
    """Aalen and Johansen's share, lead by lead in plain Python."""
    stays, share = 1.0, 0.0
    for at in sorted({days for days, ended in cases if ended != OPEN and days <= horizon}):
        watched = sum(days >= at for days, _ended in cases)
        share += stays * sum(days == at and ended == WON for days, ended in cases) / watched
        stays *= 1 - sum(days == at and ended != OPEN for days, ended in cases) / watched
    return share


@pytest.mark.parametrize("seed", range(4))
def test_random_histories_have_the_shares_of_a_slow_oracle(tmp_path: Path, seed: int) -> None:
    chance, people, happened, truth = Random(seed), [], [], {}
    for person in range(300):
        source, came, ends = chance.choice("abc"), chance.randrange(100), chance.randrange(60)
        kind = chance.choice(["won", "lost", "", ""])
        is_open = not kind or came + ends > 120
        people.append(lead(person, came, source=source))
        if not is_open:
            happened.append(outcome(person, came + ends, kind))
        ended = OPEN if is_open else WON if kind == "won" else LOST
        truth.setdefault(source, []).append((float(120 - came if is_open else ends), ended))
    rows = found(lake_of(tmp_path, people=people, outcomes=happened), "customer", 45, 120)
    assert {cut: row.seen.share for cut, row in rows.items()} == pytest.approx(
        {s: slow(c, 45) for s, c in truth.items()}
    )


def test_two_of_two_does_not_outrank_thirty_of_a_hundred(tmp_path: Path) -> None:
    people = [lead(p, 0, source="two" if p < 2 else "hundred") for p in range(102)]
    engine = lake_of(tmp_path, people=people, outcomes=[outcome(p, 10, "won") for p in range(32)])
    rows = found(engine, "customer", 90, 100)
    assert rows["two"].seen.share == 1
    assert rows["two"].pooled.low < rows["hundred"].pooled.low
    assert rows["two"].lacks == 28
    assert rows["hundred"].lacks == 0


def test_a_handful_of_hits_is_too_few_also_of_many(tmp_path: Path) -> None:
    """3 of 65: two more are needed, which take some forty leads at that share."""
    people = [lead(p, 0, source="other") for p in range(65)]
    engine = lake_of(tmp_path, people=people, outcomes=[outcome(p, 10, "won") for p in range(3)])
    assert 20 < found(engine, "customer", 90, 100)["other"].lacks < 60


def test_who_bought_without_becoming_an_sql_will_not_become_one(tmp_path: Path) -> None:
    happened = [outcome(1, 2, "sql"), outcome(1, 9, "lost"), outcome(2, 3, "won"), outcome(3, 3, "lost")]
    engine = lake_of(tmp_path, people=[lead(p, 0) for p in (1, 2, 3, 4)], outcomes=happened)
    table = engine.run(rates.cases(cohort(engine, YEAR, "source", None), "sql", until(20))).sort_by("person")
    assert table["ended"].to_pylist() == [WON, LOST, LOST, OPEN]
    assert table["days"].to_pylist() == [2, 3, 3, 20]


def test_a_purchase_from_before_the_first_contact_counts_at_once(tmp_path: Path) -> None:
    engine = lake_of(tmp_path, people=[lead(1, 5)], outcomes=[outcome(1, 2, "won")])
    assert engine.run(rates.cases(cohort(engine, YEAR, "source", None), "customer", until(20)))["days"].to_pylist() == [
        0
    ]


def test_the_people_behind_are_as_many_as_is_said(tmp_path: Path) -> None:
    engine = eight(tmp_path, (3,))
    everybody = cohort(engine, YEAR, "source", None)
    seen = found(engine, "customer", 7, 9)[""].seen
    counts = {which: len(rates.behind(engine, everybody, "customer", 7, until(9), which)) for which in ("leads", "reached", "unfinished")}  # fmt: skip
    assert counts == {"leads": seen.n, "reached": seen.hits, "unfinished": seen.open}
    assert seen.open == 1


def test_an_empty_lake_has_no_rates(tmp_path: Path) -> None:
    assert found(lake_of(tmp_path), "customer", 90, 9) == {}


def test_nine_intervals_in_ten_hold_the_truth() -> None:
    """Sources with rates of their own, watched for different times, half of the rest lost in time; pooled as the report does."""
    chance, held = np.random.default_rng(11), []
    for _ in range(40):
        truth = chance.beta(6, 44, 15)
        groups: dict[str, Any] = {str(n): _simulated(chance, rate) for n, rate in enumerate(truth)}
        by_60 = 1 - np.exp(-60 / 30)
        held += [
            p.pooled.low <= rate * by_60 <= p.pooled.high for p, rate in zip(rates.pooled(groups), truth, strict=True)
        ]
    assert 0.85 <= np.mean(held) <= 0.95


def _simulated(chance: np.random.Generator, rate: float) -> Incidence:
    n = int(chance.integers(20, 300))
    end = np.where(chance.random(n) < rate, WON, LOST)
    takes, watched = chance.exponential(30, n), chance.uniform(0, 150, n)
    days, ended = np.minimum(takes, watched), np.where(takes <= watched, end, OPEN)
    return incidence(days, ended, 60, enough=0)
