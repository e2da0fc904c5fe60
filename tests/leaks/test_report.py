"""Leaks over time, as told: the weeks that are over are replayed, this week is as the page of leaks has it."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import NOW
from tests.handoff.test_routing import lead, run
from tilth.handoff.models import Handoff
from tilth.insight.period import Period
from tilth.insight.report import Asked, as_json, of_json
from tilth.insight.reports import REPORTS
from tilth.leaks import finding
from tilth.leaks.report import REPORT

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SPRING = Period(date(2026, 6, 1), date(2026, 7, 31), ZoneInfo("Europe/Amsterdam"))


def asked(version, now, period=SPRING, **told) -> Asked:
    return Asked(REPORT.chosen(told), period, now, version, None)


@pytest.fixture
def leaky(agreement, held, bob) -> Asked:
    """Two leads of Bob's of whom nothing was heard for three weeks, one that lost its owner: asked on a Tuesday, three weeks on."""
    held(), held()
    run(NOW)
    lost = lead(40, NOW + 16 * DAY)
    run(NOW + 16 * DAY)
    Handoff.objects.filter(person=lost).delete()
    return asked(agreement, NOW + 21 * DAY)


def test_it_is_listed_with_the_others() -> None:
    assert REPORTS["leaks"] is REPORT


def test_week_by_week_with_the_people_behind_and_the_money(leaky, agreement) -> None:
    result = REPORT.work(leaky)
    assert of_json(as_json(result)) == result
    assert [row["week"] for row in result.rows] == [date(2026, 6, 15) + 7 * n * DAY for n in range(4)]
    told = [(row["no_step"], row["stale"], row["leads"], row["no_owner"]) for row in result.rows]
    assert told == [(2, 0, 2, None), (2, 0, 2, None), (0, 2, 2, None), (0, 2, 2, 1)]
    worth = sum(Handoff.objects.values_list("value", flat=True))
    assert [row["at_risk"] for row in result.rows] == [worth] * 4
    for row in result.rows:
        for column in REPORT.columns:
            if column.people:
                assert len(REPORT.people(leaky, row["key"], column.name)) == (row[column.name] or 0), column.name
    now = {(leak.kind, leak.person) for leak in finding.every(agreement.terms, leaky.now)}
    assert {person for _kind, person in now} == set(REPORT.people(leaky, "2026-07-06", "stale")) | set(REPORT.people(leaky, "2026-07-06", "no_owner"))  # fmt: skip
    answer = REPORT.answer(result)
    assert answer.startswith("3 leads leak now, with €")
    assert answer.endswith("Of the kinds that can be followed back it is 2; a week before it was 2.")
    assert "“No owner” and “Handing off is blocked by missing data”" in REPORT.notes(result)[1]


def test_the_money_of_one_kind_and_of_one_that_leaves_no_trace(leaky, agreement) -> None:
    stale = REPORT.work(asked(agreement, leaky.now, kind="stale"))
    assert [bool(row["at_risk"]) for row in stale.rows] == [False, False, True, True]
    waiting = REPORT.work(asked(agreement, leaky.now, kind="no-owner"))
    assert [row["at_risk"] for row in waiting.rows][:3] == [None] * 3
    assert waiting.rows[3]["at_risk"] > 0


def test_a_period_that_is_over_ends_with_its_last_whole_week(leaky, agreement) -> None:
    over = REPORT.work(asked(agreement, leaky.now, Period(date(2026, 6, 1), date(2026, 6, 30), SPRING.zone)))
    assert [row["week"] for row in over.rows] == [date(2026, 6, 15), date(2026, 6, 22)]
    assert REPORT.answer(over).startswith("2 leads leaked at the end of the period")


def test_without_an_agreement_or_a_handoff_it_says_so(agreement) -> None:
    assert REPORT.answer(REPORT.work(asked(None, NOW))).startswith("No agreement is in force")
    nothing = REPORT.work(asked(agreement, NOW))
    assert (nothing.rows, REPORT.notes(nothing)) == ([], [])
    assert REPORT.answer(nothing).startswith("No lead was handed off")


def test_it_is_a_page(client_of, ann, agreement) -> None:
    client = client_of(ann)
    assert "week by week" in client.get("/insight/leaks/").content.decode()
    assert "/insight/leaks/" in client.get("/leaks/").content.decode()
