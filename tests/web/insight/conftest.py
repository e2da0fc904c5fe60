"""A report whose figures are given, in place of those that need a lake."""

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import NOW
from tilth.insight import kept
from tilth.insight.models import Kept
from tilth.insight.period import named
from tilth.insight.report import Asked, Chart, Column, Figure, Filter, Report, Result, as_json
from tilth.insight.reports import REPORTS

COLUMNS = (
    Column("source", "Source", "text"),
    Column("leads", "Leads", "count", "Who became a lead.", people=True),
    Column("rate", "To customer", "share"),
    Column("value", "Worth of a lead", "money"),
)
ROWS = [
    {
        "key": "f/1",
        "source": "fair",
        "leads": 100,
        "rate": Figure(0.3, 0.23, 0.38, 100),
        "value": Figure(300_000, 1, 2),
    },
    {"key": "=cmd", "source": "=cmd", "leads": 2, "rate": Figure(None, n=2, lacks=28), "value": Figure(None)},
]


def work(asked: Asked) -> Result:
    return Result(ROWS, {"source": "all", "leads": 102}, {"best": "fair", "by": asked.chosen["by"]}, "EUR")


def weeks(asked: Asked) -> Result:
    days = [
        {"week": date(2026, 6, 1 + n), "leads": Figure(n, n / 2, n * 2), "source": w} for n in range(8) for w in "ab"
    ]
    return Result(days)


FAKES = [
    Report(
        "fake", "Sources", "Which source brings customers?", "rates", COLUMNS, work,
        lambda result: f"Best is {result.said['best']}, by {result.said['by']}.",
        [Filter("by", "Cut by", {"source": "Source", "offer": "Offer"}), Filter("owner", "Owner")],
        [Chart("bars", "Leads by source", "source", ("leads",)), Chart("intervals", "Rate by source", "source", ("rate",))],
        lambda result: ["Open leads count as open."],
        lambda asked, row, column: list(range(5, 0, -1)),
    ),
    Report(
        "weeks", "Weeks", "How many a week?", "rates", [Column("week", "Week", "day"), *COLUMNS[:2]], weeks,
        lambda result: "Eight weeks.", charts=[Chart("lines", "Leads a week", "week", ("leads",), "source")],
    ),
]  # fmt: skip


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake reports in place of the real ones."""
    for name in list(REPORTS):
        monkeypatch.delitem(REPORTS, name)
    for report in FAKES:
        monkeypatch.setitem(REPORTS, report.name, report)


@pytest.fixture
def worked_out(fakes: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What the worker does, without a lake: everything that waits is worked out."""

    def work_out(kept: Kept, now: Any) -> dict[str, Any]:
        report = REPORTS[kept.report]
        period = named(kept.chosen["period"], now.date(), ZoneInfo("UTC"))
        asked = Asked(kept.chosen, period, now, None, None)  # type: ignore[arg-type]
        people = list(report.people(asked, kept.row, kept.column))
        result = (
            Result([{"people": people, "more": False}], said={"n": len(people)}) if kept.column else report.work(asked)
        )
        return {"result": as_json(result), "generation": 3, "why": ""}

    monkeypatch.setattr(kept, "_worked_out", work_out)

    def all_that_waits() -> None:
        while kept.catch_up(NOW):
            pass

    return all_that_waits
