"""Velocity and its factors: by hand on a small lake, as chance would have it on simulated deals, and of a firm that is known."""

from datetime import UTC, date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.capture.importing import real, take_in
from tests.conftest import NOW
from tests.insight.measures.lakes import day, lake_of, lead, won
from tilth.core.survival import LOST, OPEN, WON
from tilth.core.velocity import MONTH, Factors, levers
from tilth.insight import export
from tilth.insight.engine import Engine
from tilth.insight.measures.dealt import Dealt, cut_by, dealt
from tilth.insight.measures.velocity import behind, velocity
from tilth.insight.period import Period

HUNDRED = Period(date(2026, 1, 5), date(2026, 4, 14), ZoneInfo("UTC"))
UNTIL = day(100).replace(tzinfo=UTC)


def deal(n: int, at: float, closed: float | None, revenue: int | None = None, **more: Any) -> dict[str, Any]:
    end = {"won": None, "closed_at": None} if closed is None else {"won": revenue is not None}
    return won(n, closed or 0, revenue, **{"opened_at": day(at), **end, **more})


def lake(folder: Path) -> Engine:
    """40 deals opened on the first day: ten won and 30 lost after ten days; one that was over before, and one in dollars."""
    return lake_of(
        folder,
        people=[lead(p, 0, source="fair" if p < 5 else "") for p in range(40)],
        deals=[deal(p, 0, 10, 1_000 if p < 10 else None, owner=p % 2, product="A") for p in range(40)]
        + [deal(90, -30, -10, 9_000), deal(91, 5, 15, 9_000, currency="USD")],
    )  # fmt: skip


def everything(engine: Engine, by: str = "all", teams: dict[int, str] | None = None) -> dict[str, Dealt]:
    return dealt(engine, "EUR", UNTIL, cut_by(engine, by, (), teams or {}), alone=True)


def test_each_factor_is_what_it_is_by_hand(tmp_path: Path) -> None:
    found = velocity(everything(lake(tmp_path))[""], HUNDRED, UNTIL, 1)
    assert found.factors == Factors(deals=pytest.approx(4), value=1_000, win=pytest.approx(0.25), cycle=10)
    assert found.factors.velocity == pytest.approx(4 * 1_000 * 0.25 / 10 * MONTH)
    assert (found.opened, found.won, found.rate.n) == (40, 10, 40)
    between = found.each["velocity"]
    assert 0 < between.low < between.value < between.high
    assert found.each["value"].low == found.each["value"].high == 1_000


def test_the_same_question_has_the_same_answer(tmp_path: Path) -> None:
    deals = everything(lake(tmp_path))[""]
    assert velocity(deals, HUNDRED, UNTIL, 1) == velocity(deals, HUNDRED, UNTIL, 1)


def test_deals_are_cut_by_who_sells_and_what(tmp_path: Path) -> None:
    engine = lake(tmp_path)
    sizes = {
        by: {cut: len(deals) for cut, deals in everything(engine, by, {0: "north"}).items()}
        for by in ("person", "team", "product", "source")
    }
    assert sizes == {
        "person": {"member:0": 20, "member:1": 20, "": 1}, "team": {"north": 20, "": 21}, "product": {"A": 40, "": 1}, "source": {"fair": 5, "": 36},
    }  # fmt: skip
    assert behind(everything(engine, "source")["fair"], HUNDRED, UNTIL, "won") == [4, 3, 2, 1, 0]


def test_too_few_deals_have_no_velocity(tmp_path: Path) -> None:
    found = velocity(everything(lake(tmp_path), "source")["fair"], HUNDRED, UNTIL, 1)
    assert (found.factors, found.opened, found.won) == (None, 5, 5)


def test_open_deals_do_not_lower_the_win_rate(tmp_path: Path) -> None:
    """Half of all are won after 20 days; half of the deals were opened in the last ten days, and say nothing yet."""
    deals = [deal(p, 0, 20, 1_000 if p % 2 else None) for p in range(40)]
    deals += [deal(p, 95, None) for p in range(40, 80)]
    found = velocity(everything(lake_of(tmp_path, deals=deals))[""], HUNDRED, UNTIL, 1)
    assert found.factors is not None
    assert found.factors.win == pytest.approx(0.5)
    assert found.rate.open == 40


def test_the_interval_holds_the_truth_about_nine_times_in_ten() -> None:
    """Deals come one a day, a third is won after a gamma of days for a lognormal value; velocity is that of all their like."""
    chance, n, held, true = np.random.default_rng(5), 300, 0, []
    begin = HUNDRED.start.timestamp() / 86_400
    samples = []
    for _ in range(120):
        won_ = chance.random(n) < 1 / 3
        days = chance.gamma(4, 5, n)
        opened = begin + np.sort(chance.uniform(0, 70, n))
        closed = opened + days
        still = closed > begin + 100
        ended = np.where(still, OPEN, np.where(won_, WON, LOST))
        revenue = np.where(ended == WON, chance.lognormal(8, 0.5, n), np.nan)
        watched = np.where(still, begin + 100 - opened, days)
        ids = np.arange(n)
        samples.append(Dealt(ids, ids, opened, np.where(still, np.nan, closed), watched, ended, revenue))
    found = [velocity(s, HUNDRED, UNTIL, k, 100) for k, s in enumerate(samples)]
    true = np.mean([f.factors.velocity for f in found if f.factors])
    held = sum(f.each["velocity"].low <= true <= f.each["velocity"].high for f in found)
    assert held / len(found) == pytest.approx(0.9, abs=0.07)


def test_what_cannot_be_is_the_last_lever() -> None:
    found = levers(Factors(10, 600, 0.6, 10), 2, {"deals": 12, "value": 700, "win": 0.6, "cycle": 8})
    assert [lever.name for lever in found] == ["cycle", "deals", "value", "win"]
    assert found[0].needed == 5


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_a_hardware_firm_took_fifty_two_days(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings.HOME = tmp_path
    take_in(real("maven_crm", "sales_pipeline.csv"), mapping="maven-deals")
    export.catch_up(NOW)
    engine, year = Engine(), Period(date(2017, 1, 1), date(2017, 12, 31), ZoneInfo("America/New_York"))
    until = year.end
    deals = dealt(engine, "USD", until, cut_by(engine, "all", (), {}), alone=True)[""]
    days = deals.days[deals.ended == WON]
    assert (round(float(days.mean()), 2), float(np.median(days))) == (51.78, 57.0)
    found = velocity(deals, year, until, 1)
    assert found.factors is not None
    assert (round(found.factors.value), found.won) == (2_360_91, 4_238)
    assert round(found.factors.cycle, 2) == 51.78
    sold = dealt(engine, "USD", until, cut_by(engine, "person", (), {}), alone=True)
    assert len([cut for cut in sold if cut.startswith("seller:")]) == 30
