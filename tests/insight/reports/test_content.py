"""Content as it is told: what is surest, that a difference is no cause, and people who add up."""

from datetime import UTC
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.insight.measures.lakes import day, lake_of, lead, outcome, touch, what, won
from tests.insight.reports.test_funnel import YEAR
from tilth.content.models import Offer
from tilth.core.terms import Reason
from tilth.insight.engine import Engine
from tilth.insight.report import Asked, Figure, Report, as_json, of_json
from tilth.insight.reports import content, returns, seen

pytestmark = pytest.mark.django_db
REASONS = (Reason("no-fit", "Does not fit"), Reason("silent", "Went silent"))
VERSION: Any = SimpleNamespace(
    terms=SimpleNamespace(currency="EUR", segments=(), return_reasons=REASONS[:1], recycle_reasons=REASONS[1:])
)


def lake(folder: Path) -> Engine:
    """100 leads of the e-book, 40 of the demo and 3 of a card; of the demo's 20 became an SQL and 12 of these bought."""
    people = [lead(p, 0, offer="ebook", source="google") for p in range(100)]
    people += [lead(p, 1, offer="demo", source="fair") for p in range(100, 140)] + [
        lead(p, 1, offer="card") for p in range(140, 143)
    ]
    outcomes = [outcome(p, 2, "handoff") for p in (*range(10), *range(100, 135))]
    outcomes += [outcome(p, 3, "sql") for p in (0, 1, *range(100, 120))] + [
        outcome(p, 9, "won") for p in range(100, 112)
    ]
    outcomes += [outcome(p, 3, "returned", reason="no-fit", charged="content") for p in range(2, 10)]
    outcomes += [outcome(p, 5, "handed_back", reason="silent") for p in range(120, 124)]
    touches = [touch(p, 0.5, 0) for p in range(40)] + [touch(p, 1.5, 1) for p in range(100, 112)]
    deals = [won(p, 9, 100_000 + p) for p in range(100, 112)] + [won(0, 9, 7, "USD")]
    offers = [what("form", offer="demo"), what("webinar", offer="energy")]
    return lake_of(folder, people=people, outcomes=outcomes, touches=touches, deals=deals, whats=offers)


def asked(engine: Engine, report: Report, at: float = 20, **chosen: str) -> Asked:
    return Asked(report.chosen(chosen), YEAR, day(at).replace(tzinfo=UTC), VERSION, engine)


@pytest.fixture
def demo() -> Offer:
    return Offer.objects.create(key="demo", name="Demo", at=day(0).replace(tzinfo=UTC))


def test_content_says_which_piece_is_surest_and_that_it_is_no_cause(tmp_path: Path, demo: Offer) -> None:
    result = content.REPORT.work(asked(lake(tmp_path), content.REPORT))
    assert of_json(as_json(result)) == result
    first = result.rows[0]
    assert (first["piece"], first["converted"], first["touched"]) == ("Demo", 40, 40)
    assert content.REPORT.answer(result).startswith("Leads that Demo converted most surely become an SQL: 4")
    assert first["worth_converted"] == Figure(100_106, 100_104, 100_107, 12)
    card = next(row for row in result.rows if row["key"] == "card")
    assert (card["of_converted"], card["differs"]) == (Figure(None, n=3, lacks=27), Figure(None, n=3, lacks=27))
    notes = " ".join(content.REPORT.notes(result))
    for said in (
        "not a cause",
        "no difference at all only for: Demo; ebook.",
        "left out of the amounts: 1",
        "Of all 143 leads, 15% have come that far",
    ):
        assert said in notes


def test_content_is_judged_by_what_sales_returned(tmp_path: Path, demo: Offer) -> None:
    result = content.REPORT.work(asked(lake(tmp_path), content.REPORT, outcome="returned"))
    ebook = next(row for row in result.rows if row["key"] == "ebook")
    assert (ebook["converted"], ebook["reason"]) == (10, "Does not fit")
    assert "Of all 45 who were handed off, sales returned 18%." in content.REPORT.notes(result)
    assert content.REPORT.answer(result).startswith("Leads that Demo converted are returned most surely")


def test_seen_says_whom_to_show_what(tmp_path: Path, demo: Offer) -> None:
    result = seen.REPORT.work(asked(lake(tmp_path), seen.REPORT))
    assert of_json(as_json(result)) == result
    assert seen.REPORT.answer(result) == (
        "energy (no segment) was seen by 100% of buyers (82% to 100%) and 0% of others (0% to 2%); 119 open leads could be shown it next."
    )
    assert result.rows[-1]["differs"].high < 0
    assert "difference at all only for: energy; Demo." in seen.REPORT.notes(result)[0]
    some = seen.REPORT.work(asked(lake(tmp_path / "sql"), seen.REPORT, piece="webinars"))
    assert [row["piece"] for row in some.rows] == ["energy"]


def test_returns_say_why_from_where_and_charged_to_what(tmp_path: Path) -> None:
    wish = asked(lake(tmp_path), returns.REPORT)
    result = returns.REPORT.work(wish)
    assert of_json(as_json(result)) == result
    assert returns.REPORT.answer(result) == (
        "Of 45 handoffs, 12 came back from sales, 27% (17% to 39%). Most often because: “Does not fit” (8)."
    )
    assert [(row["label"], row["back"], row["content"]) for row in result.rows] == [
        ("fair: Went silent", 4, 0), ("google: Does not fit", 8, 8),
    ]  # fmt: skip
    assert "8 were returned before work began" in returns.REPORT.notes(result)[0]
    every = returns.REPORT.work(asked(wish.engine, returns.REPORT, by="quarter", reasons="together", source="fair"))
    assert returns.REPORT.answer(every) == "Of 35 handoffs, 4 came back from sales, 11% (5.2% to 23%)."
    assert [(row["label"], row["reason"], row["back"]) for row in every.rows] == [("2026 Q1", None, 4)]


@pytest.mark.parametrize(
    ("report", "chosen"),
    [
        (content.REPORT, {}), (content.REPORT, {"piece": "webinars", "outcome": "customer"}), (seen.REPORT, {}),
        (seen.REPORT, {"outcome": "sql"}), (returns.REPORT, {}), (returns.REPORT, {"by": "offer", "reasons": "together"}),
    ],
)  # fmt: skip
def test_the_people_add_up_to_every_figure(tmp_path: Path, report: Report, chosen: dict[str, str]) -> None:
    wish = asked(lake(tmp_path), report, **chosen)
    result = report.work(wish)
    assert result.rows
    for row in (*result.rows, *filter(None, [result.together])):
        for column in report.columns:
            if column.people:
                assert len(report.people(wish, row["key"], column.name)) == row[column.name]


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (content.REPORT, "Nobody became a lead in this period."),
        (seen.REPORT, "No lead of this period met any content."),
        (returns.REPORT, "Nothing was handed off in this period."),
    ],
)
def test_an_empty_lake_says_so(tmp_path: Path, report: Report, said: str) -> None:
    result = report.work(asked(lake_of(tmp_path), report))
    assert (report.answer(result), result.rows, report.notes(result)) == (said, [], [])
