from datetime import date, datetime, time, timedelta

import pytest

from tests.insight.conftest import NOON, YEAR, ZONE
from tilth.agreement.models import Version
from tilth.core.clock import Calendar
from tilth.insight.period import Period
from tilth.insight.promises import FirstContact, by_marketing, by_sales, deliveries, first_contact, late_now, rate
from tilth.promises.ledger import Week
from tilth.promises.models import Obligation, Settlement

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
END = datetime(2026, 12, 1, tzinfo=ZONE)
NINE_TO_FIVE = Calendar(ZONE, (((time(9), time(17)),),) * 5 + ((), ()))


@pytest.fixture
def owed(lead, version: Version):
    """An obligation for a lead, due so long after NOON, met so long after NOON (None: not met)."""

    def owe(kind: str, due: timedelta, met: timedelta | None, void: bool = False, contacts: int = 1) -> Obligation:
        handoff = lead(handed=0).handoffs.get()
        row = Obligation.objects.create(
            kind=kind, debtor="sales", handoff=handoff, version=version, since=NOON, due_at=NOON + due, open=met is None
        )
        if met is not None:
            Settlement.objects.create(
                obligation=row, at=NOON + met, kept=met <= due, void=void, quantity=contacts, evidence="call"
            )
        return row

    return owe


def test_late_is_not_kept_and_void_is_nobodys_fault(owed) -> None:
    owed("first_contact", due=4 * HOUR, met=3 * HOUR)
    owed("first_contact", due=4 * HOUR, met=4 * HOUR)
    owed("first_contact", due=4 * HOUR, met=5 * HOUR)
    owed("first_contact", due=4 * HOUR, met=None)
    owed("first_contact", due=4 * HOUR, met=9 * HOUR, void=True)
    owed("verdict", due=4 * HOUR, met=1 * HOUR)
    kept = by_sales("first_contact", YEAR, END)
    assert [w for w in kept.weeks if w.due] == [Week(date(2026, 3, 9), 4, 2)]
    assert (rate(kept).hits, rate(kept).n) == (2, 4)
    assert late_now("first_contact", END) == 1
    assert late_now("verdict", END) == 0


def test_what_is_not_due_yet_is_neither_kept_nor_broken(owed) -> None:
    owed("first_contact", due=4 * HOUR, met=None)
    assert rate(by_sales("first_contact", YEAR, NOON + HOUR)).value is None


def test_a_week_is_whole_when_every_promise_was_kept(owed) -> None:
    owed("first_contact", due=4 * HOUR, met=HOUR)
    owed("first_contact", due=timedelta(days=7), met=timedelta(days=8))
    march = Period(date(2026, 3, 2), date(2026, 3, 22), ZONE)
    assert [w.all_kept for w in by_sales("first_contact", march, END).weeks] == [None, True, False]


def test_marketing_keeps_two_promises_a_week(agreement) -> None:
    for week, (came, good) in enumerate([(50, 40), (49, 40), (60, 20), (None, None)]):
        due = datetime(2026, 3, 2, 9, tzinfo=ZONE) + timedelta(weeks=week)
        row = Obligation.objects.create(
            kind="delivery",
            debtor="marketing",
            version=agreement,
            since=due - timedelta(weeks=1),
            due_at=due,
            quantity=50,
        )
        if came is not None:
            Settlement.objects.create(obligation=row, at=due, kept=True, quantity=came, good=good, evidence="counted")
    rows = deliveries(YEAR, END)
    assert [(d.came, d.enough) for d in rows] == [(50, True), (49, False), (60, True), (0, False)]
    mondays = [date(2026, 2, 23) + timedelta(weeks=n) for n in range(5)]
    leads, good = (by_marketing(rows, mondays, ZONE, good=only) for only in (False, True))
    assert [w.all_kept for w in leads.weeks] == [None, True, False, True, False]
    assert [w.all_kept for w in good.weeks] == [None, True, True, False, None]
    assert (rate(good).hits, rate(good).n) == (2, 3)


def test_a_period_that_lies_ahead_has_nothing_due(agreement) -> None:
    assert by_sales("verdict", YEAR, NOON - timedelta(days=400)).due == 0


def test_half_of_all_leads_were_contacted_within_the_median_of_working_time(owed) -> None:
    """NOON is Tuesday 12:00; the firm closes at 17:00 and opens at 9:00."""
    for met in (1 * HOUR, 22 * HOUR, None):
        owed("first_contact", due=4 * HOUR, met=met)
    assert first_contact(YEAR, NINE_TO_FIVE) == FirstContact(3, 2, timedelta(hours=6))


def test_the_median_is_unknown_while_more_than_half_wait(owed) -> None:
    owed("first_contact", due=4 * HOUR, met=HOUR)
    owed("first_contact", due=4 * HOUR, met=None)
    owed("first_contact", due=4 * HOUR, met=5 * HOUR, contacts=0)
    assert first_contact(YEAR, NINE_TO_FIVE) == FirstContact(3, 1, None)


def test_without_a_handoff_there_is_no_median() -> None:
    assert first_contact(YEAR, NINE_TO_FIVE) == FirstContact(0, 0, None)
