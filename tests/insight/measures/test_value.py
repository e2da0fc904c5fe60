"""What a lead is worth: T3, T4 and R9 from recorded data, and intervals that hold the truth as often as they say."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.insight.measures.lakes import day, lake_of, lead, outcome, won
from tilth.core.survival import LOST, OPEN, WON
from tilth.insight.engine import Engine
from tilth.insight.measures import value
from tilth.insight.measures.cohort import cohort
from tilth.insight.measures.value import Worth
from tilth.insight.period import Period

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))
SALE = 100_000_00
END = 360


def until(n: float) -> datetime:
    return day(n).replace(tzinfo=UTC)


def found(
    engine: Engine, at: float = END, horizon: float = 300, currency: str = "EUR"
) -> tuple[dict[str, Worth], Worth]:
    rows, every = value.values(engine, cohort(engine, YEAR, "offer", None), horizon, until(at), currency)
    return {row.cut: row for row in rows}, every


def firm(folder: Path, **offers: tuple[int, int]) -> Engine:
    """Of each offer so many leads, of whom so many bought for 100,000; one a week was handed off."""
    people, happened, deals = [], [], []
    for offer, (leads, sales) in offers.items():
        first = len(people)
        people += [lead(first + n, 0, offer=offer) for n in range(leads)]
        happened += [outcome(first + n, 30, "won") for n in range(sales)]
        deals += [won(first + n, 30, SALE) for n in range(sales)]
    return lake_of(folder, people=people, outcomes=happened, deals=deals)


def test_t3_a_million_from_90_leads_is_11_111_a_lead(tmp_path: Path) -> None:
    _rows, every = found(firm(tmp_path, ebook=(90, 10)))
    assert (every.revenue, every.seen.n) == (1_000_000_00, 90)
    assert every.value == pytest.approx(1_000_000_00 / 90)
    assert every.value is not None
    assert round(every.value / 100) == 11_111
    assert every.sale == pytest.approx(SALE)


def test_t4_a_sale_is_100_ebooks_of_1_000_or_33_demos_of_3_030(tmp_path: Path) -> None:
    rows, _every = found(firm(tmp_path, ebook=(1_000, 10), demo=(330, 10)))
    ebook, demo = rows["ebook"], rows["demo"]
    assert ebook.value == pytest.approx(1_000_00)
    assert demo.value == pytest.approx(SALE / 33)
    assert (round(1 / ebook.seen.share), round(1 / demo.seen.share)) == (100, 33)
    assert 100 * ebook.value == pytest.approx(33 * demo.value) == SALE


def test_r9_many_leads_are_worth_less_than_few_good_ones_where_sales_has_room_for_20(tmp_path: Path) -> None:
    """1,000 visitors give 10 demos or 50 e-books; what each is worth is recorded."""
    rows, _every = found(firm(tmp_path, ebook=(1_000, 10), demo=(330, 10)))
    demo, ebook = (rows[offer].value or 0 for offer in ("demo", "ebook"))
    assert [round(value.worked(n, of, None) / 100) for n, of in ((10, demo), (50, ebook))] == [30_303, 50_000]
    assert [round(value.worked(n, of, 20) / 100) for n, of in ((10, demo), (50, ebook))] == [30_303, 20_000]


def test_r9_of_a_whole_history(tmp_path: Path) -> None:
    """The same swap for 33,000 visitors at once: 330 demos or 1,650 e-books, with room for 660 leads."""
    rows, _every = found(firm(tmp_path, ebook=(1_600, 16), demo=(330, 10)))
    assert value.best(rows.values(), None) == pytest.approx(1_000_000_00 + 1_600_000_00)
    assert value.best(rows.values(), 660) == pytest.approx(1_000_000_00 + 330 * 1_000_00)
    assert value.best(rows.values(), 0) == 0


def test_what_sales_can_work_is_asked_agreed_or_recorded(tmp_path: Path) -> None:
    class Sales:
        room_hours, hours = 45, (0.5, 3)

    class Agreed:
        sales = Sales

    engine = lake_of(
        tmp_path, people=[lead(1, 0), lead(2, 1)], outcomes=[outcome(1, 2, "accepted"), outcome(1, 3, "sql")]
    )
    terms: Any = Agreed
    assert value.room(engine, YEAR, terms, until(14), "20") == (20, "asked")
    assert value.room(engine, YEAR, terms, until(14)) == (180, "agreed")
    assert value.room(engine, YEAR, None, until(14), "many") == (1, "recorded")
    assert value.room(lake_of(tmp_path / "empty"), YEAR, None, until(14)) == (None, "")


def test_where_everybody_was_watched_all_leads_together_are_worth_the_revenue(tmp_path: Path) -> None:
    chance = np.random.default_rng(5)
    people = [lead(n, int(chance.integers(0, 60)), offer=str(n % 4)) for n in range(400)]
    bought = [n for n in range(400) if chance.random() < 0.2]
    deals = [won(n, 70 + n % 80, int(chance.integers(1, 9_000_000))) for n in bought]
    engine = lake_of(tmp_path, people=people, deals=deals, outcomes=[outcome(n, 70 + n % 80, "won") for n in bought])
    rows, every = found(engine)
    total = sum(deal["revenue"] for deal in deals)
    assert every.revenue == sum(row.revenue for row in rows.values()) == total
    assert sum(row.seen.n * (row.value or 0) for row in rows.values()) == pytest.approx(total, rel=1e-12)


def test_only_what_was_bought_in_time_and_in_this_currency_counts(tmp_path: Path) -> None:
    """Two deals of one lead add up; one after the horizon does not; a sale in dollars counts as the others' mean."""
    people = [lead(n, 0) for n in range(40)]
    sold = [
        (0, 10, 100, "EUR"),
        (0, 20, 200, "EUR"),
        (0, 90, 900, "EUR"),
        (1, 10, 500, "EUR"),
        (2, 10, 7, "USD"),
        (3, 80, 5, "EUR"),
    ]
    deals = [won(p, at, amount, of, deal=n) for n, (p, at, amount, of) in enumerate(sold)]
    engine = lake_of(tmp_path, people=people, deals=deals, outcomes=[outcome(p, at, "won") for p, at, *_ in sold])
    _rows, every = found(engine, 200, 30)
    assert (every.seen.hits, every.revenue, every.unpriced) == (3, 800, 1)
    assert every.value == pytest.approx((300 + 500 + 400) / 40)
    assert every.sale == pytest.approx(400)


def test_without_an_amount_nothing_is_said(tmp_path: Path) -> None:
    people = [lead(n, 0) for n in range(100)]
    engine = lake_of(tmp_path, people=people, outcomes=[outcome(n, 10, "won") for n in range(20)])
    _rows, every = found(engine)
    assert (every.value, every.sale, every.unpriced) == (None, None, 20)
    assert every.lacks
    assert found(lake_of(tmp_path / "empty"))[0] == {}


def test_nine_intervals_in_ten_hold_the_truth() -> None:
    """Sales of very different size, a fifth of the leads buys in the end, half the others are lost in time, many still open."""
    chance, held, by_60 = np.random.default_rng(23), [], 1 - np.exp(-2)
    truth = 0.2 * by_60 * np.exp(0.8**2 / 2)
    for _ in range(600):
        n = 400
        end = np.where(chance.random(n) < 0.2, WON, LOST)
        takes, watched = chance.exponential(30, n), chance.uniform(0, 150, n)
        days, ended = np.minimum(takes, watched), np.where(takes <= watched, end, OPEN)
        revenue = np.where(ended == WON, chance.lognormal(0, 0.8, n), np.nan)
        worth = value.worth_of("", days, ended, revenue * 1e6, 60)
        held.append(worth.low <= truth * 1e6 <= worth.high)
    assert 0.85 <= np.mean(held) <= 0.95
