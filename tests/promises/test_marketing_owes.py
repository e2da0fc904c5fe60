"""T8: 50 leads every Monday, an agreed share of good fit; sales qualifies them by Wednesday."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.conftest import NOW, SIGNED
from tests.promises.conftest import MONDAY, WEDNESDAY
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import hand_off
from tilth.people.models import Person
from tilth.promises.catch_up import catch_up
from tilth.promises.deliveries import catch_up as count_deliveries
from tilth.promises.ledger import delivery
from tilth.promises.models import Obligation, Settlement

WEEK = timedelta(days=7)


def deliver(n: int, version: Version, owner, at: datetime, grade: str = "A", by=None) -> None:
    """n handoffs as the stage of handoffs would store them."""
    people = Person.objects.bulk_create([Person(at=at) for _ in range(n)])
    Handoff.objects.bulk_create(
        [
            Handoff(
                person=p, owner=owner, by=by, version=version, at=at, grade=grade, level=4, value=1, why={}, routing={}
            )
            for p in people
        ]
    )


def week_of(due: datetime) -> Settlement:
    return Settlement.objects.get(obligation__kind="delivery", obligation__due_at=due)


@pytest.fixture
def running_week(agreement) -> Obligation:
    conveyor.run_dry(NOW)
    return Obligation.objects.get(kind="delivery", due_at__gt=NOW)


def test_T8_fifty_leads_by_monday_and_a_verdict_by_wednesday(running_week, agreement, bob):
    monday = MONDAY - timedelta(hours=1)
    deliver(30, agreement, bob, monday, "A")
    deliver(20, agreement, bob, monday, "C")
    conveyor.run_dry(MONDAY)
    met = week_of(MONDAY)
    assert (met.quantity, met.good, met.kept) == (50, 30, True)
    assert set(Obligation.objects.filter(kind="verdict").values_list("due_at", flat=True)) == {WEDNESDAY + WEEK}


def test_forty_nine_are_not_fifty(running_week, agreement, bob):
    deliver(49, agreement, bob, NOW)
    count_deliveries(MONDAY)
    assert (week_of(MONDAY).quantity, week_of(MONDAY).kept) == (49, False)


def test_fifty_with_too_few_of_good_fit_break_the_promise(running_week, agreement, bob):
    deliver(29, agreement, bob, NOW, "B")
    deliver(21, agreement, bob, NOW, "D")
    count_deliveries(MONDAY)
    assert (week_of(MONDAY).quantity, week_of(MONDAY).good, week_of(MONDAY).kept) == (50, 29, False)


def test_a_lead_at_the_very_moment_counts_and_a_second_later_for_the_next_week(running_week, agreement, bob):
    deliver(1, agreement, bob, MONDAY)
    deliver(2, agreement, bob, MONDAY + timedelta(seconds=1))
    count_deliveries(MONDAY + WEEK)
    assert week_of(MONDAY).quantity == 1
    assert week_of(MONDAY + WEEK).quantity == 2


def test_a_handoff_that_is_stored_just_after_the_count_is_counted_in(running_week, agreement, bob):
    count_deliveries(MONDAY)
    deliver(50, agreement, bob, MONDAY - timedelta(seconds=1))
    count_deliveries(MONDAY + timedelta(seconds=5))
    assert week_of(MONDAY).kept


def test_what_a_seller_took_without_being_given_it_is_no_delivery(running_week, agreement, bob, anouk):
    hand_off(anouk, NOW, by=bob, owner=bob)
    assert delivery(agreement, NOW + timedelta(hours=1)).delivered == 0


def test_what_ann_passed_on_by_hand_is_delivered(running_week, agreement, ann, bob):
    deliver(1, agreement, bob, NOW, by=ann)
    assert delivery(agreement, NOW + timedelta(hours=1)).delivered == 1


def test_every_week_since_the_agreement_is_in_the_ledger_once(agreement):
    conveyor.run_dry(NOW)
    weeks = list(Obligation.objects.filter(kind="delivery").order_by("due_at").values_list("since", "due_at", "open"))
    assert weeks[0][:2] == (SIGNED, datetime.fromisoformat("2026-01-12T09:00+01:00"))  # signed on a Friday: ten days
    assert all(a[1] == b[0] for a, b in pairwise(weeks))
    assert [is_open for *_, is_open in weeks] == [False] * (len(weeks) - 1) + [True]
    assert datetime.fromisoformat("2026-04-07T09:00+02:00") in {due for _, due, _ in weeks}  # after Easter Monday
    assert weeks[-1][1] == MONDAY


def test_this_week_as_the_page_shows_it(running_week, agreement, bob):
    deliver(10, agreement, bob, NOW, "A")
    deliver(5, agreement, bob, NOW, "C")
    shown = delivery(agreement, NOW + timedelta(hours=1))
    assert (shown.promised, shown.delivered, shown.good, shown.missing) == (50, 15, 10, 35)
    assert (shown.since, shown.due, shown.good_share) == (MONDAY - WEEK, MONDAY, 0.6)


def test_before_the_conveyor_has_run_the_page_shows_the_same(agreement):
    fresh = delivery(agreement, SIGNED + timedelta(hours=1))
    catch_up(SIGNED + timedelta(hours=1))
    assert fresh == delivery(agreement, SIGNED + timedelta(hours=1))
    assert fresh.promised == 50


def test_nothing_is_owed_without_an_agreement(db):
    assert catch_up(NOW) == 0
    assert not Obligation.objects.exists()


def test_an_agreement_that_promises_no_leads_shows_none(preset, ann, bob):
    preset["sla"]["marketing"]["leads"] = 0
    version = Version.write(preset, ann, NOW)
    version.sign(ann, "marketing", NOW)
    version.sign(bob, "sales", NOW)
    conveyor.run_dry(NOW)
    assert delivery(version, NOW) is None


def test_a_new_version_takes_over_with_the_next_week(running_week, agreement, preset, ann, bob):
    preset["sla"]["marketing"] |= {"leads": 20, "by": "tuesday 12:00"}
    newer = Version.write(preset, ann, NOW)
    newer.sign(ann, "marketing", NOW)
    newer.sign(bob, "sales", NOW)
    conveyor.run_dry(MONDAY)
    weeks = Obligation.objects.filter(kind="delivery", due_at__gte=MONDAY).order_by("due_at")
    assert [(w.version, w.quantity, w.due_at) for w in weeks] == [
        (agreement, 50, MONDAY),
        (newer, 20, datetime.fromisoformat("2026-06-30T12:00+02:00")),  # not after a day, but after a week
    ]
