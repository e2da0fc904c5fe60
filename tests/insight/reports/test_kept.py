"""Promises of both teams over time, as told."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.insight.conftest import NOON, YEAR
from tilth.agreement.models import Version
from tilth.insight.report import Asked, Figure, as_json, of_json
from tilth.insight.reports.kept import REPORT
from tilth.promises.models import Obligation, Settlement

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def owed(lead: Any, version: Version) -> Callable[..., None]:
    """A promise that fell due so many days after NOON, a Tuesday; a delivery has no handoff."""

    def owe(kind: str, days: int, kept: bool | None, void: bool = False) -> None:
        handoff = None if kind == "delivery" else lead(handed=0).handoffs.get()
        row = Obligation.objects.create(
            kind=kind,
            debtor="",
            handoff=handoff,
            version=version,
            since=NOON,
            due_at=NOON + days * DAY,
            open=kept is None,
        )
        if kept is not None:
            Settlement.objects.create(obligation=row, at=row.due_at, kept=kept, void=void, evidence="")

    return owe


@pytest.fixture
def promised(owed: Callable[..., None]) -> None:
    """In the first week sales kept 2 of 3 and marketing its week; in the second sales kept none of 1, one is void and one runs."""
    for kind, days, kept in (
        ("first_contact", 0, True),
        ("verdict", 1, True),
        ("verdict", 2, None),
        ("delivery", 0, True),
        ("follow_up", 8, False),
    ):
        owed(kind, days, kept)
    owed("verdict", 8, False, void=True)
    owed("verdict", 100, None)


def asked(**told: str) -> Asked:
    return Asked(REPORT.chosen(told), YEAR, NOON + 20 * DAY, None, None)  # type: ignore[arg-type]


@pytest.mark.usefixtures("promised")
def test_both_teams_week_by_week() -> None:
    result = REPORT.work(asked())
    assert of_json(as_json(result)) == result
    first, second = date(2026, 3, 9), date(2026, 3, 16)
    assert [(r["first"], r["of"], r["kept"], r["due"]) for r in result.rows] == [
        (first, "marketing", 1, 1), (first, "sales", 2, 3), (second, "sales", 0, 1),
    ]  # fmt: skip
    assert result.rows[1]["share"] == Figure(
        pytest.approx(2 / 3), pytest.approx(0.26, abs=0.02), pytest.approx(0.92, abs=0.02), 3
    )
    assert (
        REPORT.answer(result)
        == "Marketing kept 1 of 1 promises, 100% (27% to 100%). Sales kept 2 of 4 promises, 50% (18% to 82%)."
    )
    assert [row["of"] for row in REPORT.worded(result).rows][:2] == ["Marketing", "Sales"]


@pytest.mark.usefixtures("promised")
@pytest.mark.parametrize(("span", "rows"), [("week", 4), ("month", 4), ("quarter", 4)])
def test_by_kind_and_by_longer_stretches(span: str, rows: int) -> None:
    result = REPORT.work(asked(span=span, by="kind"))
    assert len(result.rows) == rows
    assert result.together is not None
    assert (result.together["kept"], result.together["due"]) == (3, 5)


@pytest.mark.usefixtures("promised")
@pytest.mark.parametrize("by", ["team", "kind"])
def test_behind_them_are_the_leads_that_they_were_about(by: str) -> None:
    wish = asked(by=by)
    result = REPORT.work(wish)
    for row in result.rows:
        about = row["of"] not in {"marketing", "delivery"}
        assert len(REPORT.people(wish, row["key"], "due")) == (row["due"] if about else 0)
        assert len(REPORT.people(wish, row["key"], "broken")) == (row["broken"] if about else 0)
    assert len(REPORT.people(wish, "", "due")) == 4


def test_without_promises_it_says_so() -> None:
    assert REPORT.answer(REPORT.work(asked())) == "No promise fell due in this period."


def test_it_is_a_page(client_of: Any, ann: Any, stopped_clock: Any) -> None:
    assert "How do both teams keep" in client_of(ann).get("/insight/kept/?span=month").content.decode()
