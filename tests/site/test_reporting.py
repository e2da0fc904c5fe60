"""`tilth report`: what the page tells, in the terminal."""

import csv
import json
from io import StringIO

import pytest
from rich.console import Console

from tests.conftest import NOW
from tests.web.insight.conftest import FAKES, ROWS
from tilth.insight import blocks, export, kept
from tilth.insight.choice import Unknown
from tilth.insight.report import Asked, Figure
from tilth.insight.reports import REPORTS
from tilth.site import reporting


@pytest.fixture
def shown(db, monkeypatch, tmp_path, settings, capsys):
    """What `tilth report` prints of the fake reports."""
    settings.HOME = tmp_path
    monkeypatch.setattr(export, "catch_up", lambda now: 0)
    for name in list(REPORTS):
        monkeypatch.delitem(REPORTS, name)
    for report in FAKES:
        monkeypatch.setitem(REPORTS, report.name, report)

    def work_out(report, chosen, now):
        return report.work(Asked(chosen, None, now, None, None))  # type: ignore[arg-type]

    monkeypatch.setattr(kept, "work_out", work_out)

    def shown(name: str, *words: str, kind: str = "table") -> str:
        out = StringIO()
        reporting.report(name, reporting.told_by(words), kind, NOW, Console(file=out, width=100))
        return out.getvalue() + capsys.readouterr().out

    return shown


def test_the_table_has_the_cells_of_the_page(shown):
    said = shown("fake", "--by", "offer", "--period=quarter")
    for part in (
        "Sources · This quarter, Offer",
        "Best is fair, by offer.",
        "30%",
        "23% to 38%",
        "n 100",
        "too few: 28\xa0more",
        "€3,000",
        "102",
        "Open leads count as open.",
        "state 0 of the lake",
    ):
        assert part in said, part


def test_a_chart_has_bars_intervals_and_lines(shown):
    said = shown("fake", kind="chart")
    assert "fair  ████" in said
    assert "├" in said
    assert "30%, 23% to 38%, n 100" in said
    assert "▁▂▃▄▅▆▇█" in shown("weeks", kind="chart")
    assert "1 Jun to 8 Jun" in shown("weeks", kind="chart")


def test_a_bar_ends_where_its_figure_stands_and_its_interval_goes_on():
    assert blocks.bar(Figure(50), 100, 8, True) == "████"
    assert blocks.bar(Figure(7), 100, 8, True) == "▌"
    assert blocks.bar(Figure(0), 100, 8, True) == ""
    assert blocks.bar(Figure(50, 25, 100), 100, 9, True) == "██├─●───┤"
    assert blocks.bar(Figure(50, 25, 100), 100, 9, False) == "  ├─●───┤"
    assert blocks.bar(Figure(None, lacks=3), 100, 9, True) == ""


def test_programs_get_every_bound(shown):
    rows = list(csv.DictReader(StringIO(shown("fake", kind="csv"))))
    assert (rows[0]["rate_low"], rows[0]["value"]) == ("0.23", "3000.0")
    told = json.loads(shown("fake", kind="json"))
    assert told["rows"][0]["rate"] == {"value": 0.3, "low": 0.23, "high": 0.38, "n": 100, "lacks": 0}
    assert told["rows"][1]["rate"]["lacks"] == 28
    assert (told["answer"], told["currency"], len(told["rows"])) == ("Best is fair, by source.", "EUR", len(ROWS))
    assert told["period"] == {"first": "2025-06-17", "last": "2026-06-16"}


@pytest.mark.parametrize(
    ("words", "kind", "why"),
    [
        (["nonsense"], "table", "There are: fake, weeks."),
        (["fake"], "picture", "It can as: table, chart, csv, json."),
        (["fake", "--colour", "red"], "table", "It can by: period, by, owner."),
        (["fake", "--by", "moon"], "table", "It can be: source, offer."),
        (["fake", "--period", "soon"], "table", "It can be: 12-months, quarter, year, all, or two days"),
        (["fake", "--by"], "table", "Write each filter as --name value"),
    ],
)
def test_what_cannot_be_chosen_is_answered_with_what_can(shown, words, kind, why):
    with pytest.raises(Unknown, match=why.replace(".", r"\.")):
        shown(*words, kind=kind)


def test_without_a_name_every_report_is_listed_with_its_question(shown):
    out = StringIO()
    reporting.listed(Console(file=out, width=100))
    assert "Which source brings customers?" in out.getvalue()
    assert "period, by, owner" in out.getvalue()
