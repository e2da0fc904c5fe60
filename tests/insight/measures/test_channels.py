"""Who came to us and whom we went to: everybody in one way, with their deals, days and money."""

from datetime import UTC, date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tests.insight.measures.lakes import day, lake_of, lead, outcome, won
from tilth.core.survival import LOST, OPEN, WON
from tilth.insight.engine import Engine
from tilth.insight.measures import channels, costs
from tilth.insight.period import Period

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))
UNTIL = day(100).replace(tzinfo=UTC)


def lake(folder: Path) -> Engine:
    return lake_of(
        folder,
        people=[lead(1, 0, door="person"), lead(2, 0, door="person"), lead(3, 0, door="sales"), lead(4, 0, door="marketing")],
        outcomes=[outcome(1, 12, "won"), outcome(3, 40, "won")],
        deals=[
            won(1, 12, 5_000, opened_at=day(2)), won(2, 60, None, won=False, opened_at=day(20)), won(3, 40, 7_000, "USD", opened_at=day(30)),
            won(4, 0, None, won=None, closed_at=None, opened_at=day(90)),
        ],
    )  # fmt: skip


def test_everybody_goes_one_way(tmp_path: Path) -> None:
    engine = lake(tmp_path)
    for by, expected in (("way", {"inbound": 2, "outbound": 2}), ("door", {"person": 2, "sales": 1, "marketing": 1})):
        counts = costs.people(engine, channels.leads(engine, YEAR, by))
        assert {row["cut"]: row["leads"] for row in counts} == expected


def test_deals_are_of_whom_they_were_made_with(tmp_path: Path) -> None:
    engine = lake(tmp_path)
    people = channels.leads(engine, YEAR, "way")
    found = channels.deals(engine, people, "EUR", UNTIL)
    assert found["inbound"].days.tolist() == [10, 40]
    assert found["inbound"].ended.tolist() == [WON, LOST]
    assert found["outbound"].days.tolist() == [10, 10]
    assert found["outbound"].ended.tolist() == [WON, OPEN]
    assert np.isnan(found["outbound"].revenue).all()
    assert {cut: days.tolist() for cut, days in channels.days_to_sale(engine, people).items()} == {
        "inbound": [12],
        "outbound": [40],
    }


def test_moments_have_fractions_of_seconds(tmp_path: Path) -> None:
    at = [{"person": 1, "at": day(1.000_000_123), "lead_at": day(1.000_000_123), "door": "person"}]
    deals = [won(1, 12.000_000_456, 5_000, opened_at=day(2.000_000_789))]
    engine = lake_of(tmp_path, people=at, deals=deals, outcomes=[outcome(1, 12.000_000_456, "won")])
    people = channels.leads(engine, YEAR, "way")
    assert channels.deals(engine, people, "EUR", UNTIL)["inbound"].days.tolist() == pytest.approx([10.0])
    assert channels.days_to_sale(engine, people)["inbound"].tolist() == pytest.approx([11.0])


def test_a_mean_needs_two() -> None:
    assert channels.mean(np.array([1.0])) is None
    found = channels.mean(np.array([1.0, 3.0]))
    assert found is not None
    assert found == pytest.approx((2, 2 - 1.645, 2 + 1.645, 2), abs=1e-3)


def test_an_empty_lake_has_no_ways(tmp_path: Path) -> None:
    engine = lake_of(tmp_path)
    people = channels.leads(engine, YEAR, "way")
    assert costs.people(engine, people) == []
    assert channels.deals(engine, people, "EUR", UNTIL) == {}
    assert channels.days_to_sale(engine, people) == {}
