"""What a report found survives being kept; a period's word means the same days to everybody."""

import json
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import gettext_lazy, override

from tilth.insight.period import Period, named
from tilth.insight.report import Column, Figure, Report, Result, as_json, of_json

ZONE = ZoneInfo("Europe/Amsterdam")
DAY = date(2026, 6, 16)


def test_a_result_is_the_same_after_it_was_kept():
    result = Result(
        [{"key": "a", "week": date(2026, 6, 1), "rate": Figure(0.3, 0.2, 0.4, 10), "few": Figure(None, n=2, lacks=28)}],
        {"rate": Figure(0.3)}, {"best": "a", "figures": [Figure(1), 2], "inside": {"figure": "text"}}, "EUR",
    )  # fmt: skip
    assert of_json(json.loads(json.dumps(as_json(result)))) == result


def test_what_is_no_name_is_told_in_the_language_of_who_reads():
    columns = (Column("cut", "Cut", "text", words={"-": gettext_lazy("January")}), Column("n", "N"))
    report = Report("r", "", "", "", columns, lambda asked: Result([]), lambda result: "")
    result = Result([{"cut": "-", "n": 1}, {"cut": "fair", "n": 2}, {"n": 3}])
    with override("nl"):
        assert [row.get("cut") for row in report.worded(result).rows] == ["januari", "fair", None]
    assert replace(report, columns=columns[1:]).worded(result) is result


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("quarter", date(2026, 4, 1), date(2026, 6, 30)),
        ("12-months", date(2025, 6, 17), DAY),
        ("2026-01-01..2026-03-31", date(2026, 1, 1), date(2026, 3, 31)),
    ],
)
def test_a_word_means_days(word, first, last):
    assert named(word, DAY, ZONE) == Period(first, last, ZONE)


@pytest.mark.parametrize(
    "word", ["", "soon", "2026-03-31..2026-01-01", "0001-01-01..2026-01-01", "2026-01-01..", "x..y"]
)
def test_a_word_that_means_none_is_refused(word):
    with pytest.raises(ValueError, match=r"\w"):
        named(word, DAY, ZONE)
