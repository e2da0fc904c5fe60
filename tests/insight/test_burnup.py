"""The burn-up of a month, figures by hand: 1,000 a week by Monday 09:00, 42 working hours a week."""

from datetime import date, datetime, timedelta

import pytest

from tests.conftest import NOW
from tilth.agreement.models import Version
from tilth.deals.merging import merge
from tilth.handoff.models import Capacity, Handoff, Holding, Return, Review
from tilth.insight import burnup, period
from tilth.insight.burnup import LEADS, VALUE
from tilth.people.models import Person
from tilth.promises.deliveries import catch_up, due_within, upcoming
from tilth.promises.models import Obligation

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}:00+02:00")


@pytest.fixture
def promised(preset, ann, bob):
    """A version in force from a moment on that promises so many leads, worth so much in euros, a week."""

    def promised(since: datetime, leads: int = 0, value: int = 0) -> Version:
        preset["release"] = {"by_capacity": True, "hours": dict.fromkeys((1, 2, 3, 4), 1)}
        preset["sla"]["marketing"] |= {"leads": leads, "value": value}
        version = Version.write(preset, ann, since)
        version.sign(ann, "marketing", since)
        version.sign(bob, "sales", since)
        return version

    return promised


@pytest.fixture
def deliver(bob):
    def deliver(version: Version, when: datetime, *values: int, level: int = 4) -> list[Handoff]:
        """Leads worth so many euros each, handed to Bob at a moment."""
        people = Person.objects.bulk_create([Person(at=when) for _ in values])
        return Handoff.objects.bulk_create(
            Handoff(
                person=person, owner=bob, version=version, at=when, grade="A", level=level, value=value * 100, why={}, routing={},
            )
            for person, value in zip(people, values, strict=True)
        )  # fmt: skip

    return deliver


def month_of(now: datetime, version: Version, by: str = VALUE, day: date | None = None) -> burnup.Burnup:
    found = burnup.burnup(period.month(day or now.date(), version.terms.zone), now, by)
    assert found
    return found


def test_three_days_into_week_two_by_hand(promised, deliver) -> None:
    """May 2026 begins on a Friday; its Mondays are 4, 11, 18 and 26 (after Whit Monday), so four deliveries are due."""
    version = promised(at("03-02T09:00"), value=1_000)
    now = at("05-06T13:00")
    catch_up(now)
    deliver(version, at("04-27T08:59"), 900)  # for the week before
    deliver(version, at("04-29T10:00"), 300, 200)  # in April, for the week that is due in May
    deliver(version, at("05-04T09:00"), 100)  # at the very moment
    deliver(version, at("05-04T09:01"), 50)
    found = month_of(now, version)
    assert [week.owed.due_at for week in found.weeks] == [at(f"05-{day}T09:00") for day in ("04", "11", "18", "26")]
    assert [(week.promised, week.came) for week in found.weeks] == [
        (100_000, 60_000),
        (100_000, 5_000),
        (100_000, 0),
        (100_000, 0),
    ]
    assert found.week is found.weeks[1]
    assert found.week.pace.day(now) == 3
    assert found.week.pace.by(now) == 50_000  # 8.5 + 8.5 + 4 of 42 hours
    assert (found.promised, found.came, found.ahead) == (400_000, 65_000, -85_000)
    assert [week.ahead(now) for week in found.weeks[:2]] == [-40_000, -45_000]
    assert found.so_far == [(100_000, 60_000), (200_000, 65_000), (300_000, 65_000), (400_000, 65_000)]
    assert found.course == [
        (at("04-29T11:00"), 50_000),
        (at("05-04T10:00"), 65_000),
    ]


def test_a_month_that_begins_mid_week_counts_the_whole_week_and_no_week_counts_twice(promised, deliver) -> None:
    """July begins on a Wednesday: the week of Monday 29 June is due on 6 July, and is July's."""
    version = promised(at("03-02T09:00"), value=1_000)
    now = at("07-02T12:00")
    catch_up(now)
    assert burnup.running_month(now, version.terms.zone).first == date(2026, 7, 1)
    assert burnup.running_month(at("06-30T12:00"), version.terms.zone).first == date(2026, 7, 1)
    june, july = (month_of(now, version, day=date(2026, month, 1)) for month in (6, 7))
    assert june.week is None
    assert july.weeks[0].owed.since == june.ends == at("06-29T09:00")
    assert [len(month.weeks) for month in (june, july)] == [5, 4]
    assert {week.owed.pk for week in june.weeks}.isdisjoint(week.owed.pk for week in july.weeks)


def test_weeks_ahead_are_promised_by_the_version_that_will_be_in_force(promised, preset) -> None:
    """A version signed in the month takes over with the next week, and gives it at least five days."""
    promised(at("03-02T09:00"), value=1_000)
    catch_up(at("06-10T12:00"))
    newer = promised(at("06-10T12:00"), value=3_000)
    found = month_of(at("06-10T13:00"), newer)
    assert [(week.owed.due_at, week.promised) for week in found.weeks] == [
        (at("06-01T09:00"), 100_000),
        (at("06-08T09:00"), 100_000),
        (at("06-15T09:00"), 100_000),
        (at("06-22T09:00"), 300_000),
        (at("06-29T09:00"), 300_000),
    ]
    stored = list(Obligation.objects.filter(kind="delivery").values_list("due_at", "value"))
    catch_up(at("06-29T09:00"))
    later = Obligation.objects.filter(kind="delivery", due_at__in=[w.owed.due_at for w in found.weeks])
    assert list(later.order_by("due_at").values_list("value", flat=True)) == [week.promised for week in found.weeks]
    assert len(stored) < Obligation.objects.count()


def test_the_running_week_is_the_same_before_and_after_it_is_in_the_ledger(promised) -> None:
    version = promised(at("06-01T12:00"), value=1_000)
    before = month_of(at("06-02T12:00"), version)
    assert upcoming(at("06-02T12:00"))
    catch_up(at("06-02T12:00"))
    assert month_of(at("06-02T12:00"), version).weeks[0].pace == before.weeks[0].pace
    assert before.begins == at("06-01T12:00")


def test_by_number_where_only_a_number_was_promised(promised, deliver) -> None:
    version = promised(at("03-02T09:00"), leads=10)
    now = at("05-06T13:00")
    catch_up(now)
    deliver(version, at("04-29T10:00"), 300, 200)
    found = month_of(now, version)
    assert (found.by, found.both, found.promised, found.came, found.ahead) == (LEADS, False, 40, 2, -13)


def test_where_both_are_promised_either_can_be_asked_for(promised, deliver) -> None:
    version = promised(at("03-02T09:00"), leads=10, value=1_000)
    now = at("05-06T13:00")
    catch_up(now)
    deliver(version, at("04-29T10:00"), 300, 200)
    assert [(f.by, f.both, f.came) for f in (month_of(now, version), month_of(now, version, LEADS))] == [
        (VALUE, True, 50_000),
        (LEADS, True, 2),
    ]


def test_a_month_in_which_nothing_is_promised_has_no_burn_up(promised) -> None:
    version = promised(at("03-02T09:00"))
    catch_up(at("05-06T13:00"))
    assert burnup.burnup(period.month(date(2026, 5, 1), version.terms.zone), at("05-06T13:00")) is None
    assert burnup.burnup(period.month(date(2026, 1, 1), version.terms.zone), at("05-06T13:00")) is None


def test_a_returned_lead_stays_delivered_and_is_named_when_the_return_was_upheld(promised, deliver, bob, ann) -> None:
    version = promised(at("03-02T09:00"), value=1_000)
    now = at("05-06T13:00")
    first, second, _third = deliver(version, at("05-04T10:00"), 300, 200, 100)
    for handoff, verdict in ((first, Review.Verdict.UPHELD), (second, Review.Verdict.OVERTURNED)):
        back = Return.objects.create(handoff=handoff, member=bob, at=now, reason="no budget")
        Review.objects.create(returned=back, reviewer=ann, at=now, verdict=verdict)
    found = month_of(now, version)
    assert (found.came, found.upheld) == (60_000, 30_000)
    assert list(burnup.listed(found, found.weeks, "upheld")) == [first]


def test_a_merged_lead_counts_once(promised, deliver, bob, carla) -> None:
    version = promised(at("03-02T09:00"), value=1_000)
    now = at("05-06T13:00")
    first, second = deliver(version, at("05-04T10:00"), 300, 200)
    for handoff in (first, second):
        Holding.objects.create(person=handoff.person, handoff=handoff, owner=bob, since=handoff.at)
    assert month_of(now, version).came == 50_000
    merge(first.person, second.person, carla, now)
    found = month_of(now, version)
    assert (found.came, found.weeks[1].leads) == (30_000, 1)
    assert list(burnup.listed(found, found.weeks, "")) == [first]


def test_what_a_seller_took_and_what_went_on_to_the_next_one_is_no_second_delivery(promised, deliver, bob) -> None:
    version = promised(at("03-02T09:00"), value=1_000)
    first, on, own = deliver(version, at("05-04T10:00"), 300, 300, 700)
    Handoff.objects.filter(pk=on.pk).update(continues=first)
    Handoff.objects.filter(pk=own.pk).update(by=bob)
    assert month_of(at("05-06T13:00"), version).came == 30_000


def test_value_counts_only_as_far_as_sales_can_work_it(promised, deliver, bob) -> None:
    """R9: 10 demos worth 3,030.30 or 50 e-books worth 1,000 each, with room for 20 leads: 30,303 against 20,000."""
    version = promised(at("03-02T09:00"), value=30_000)
    Capacity.objects.create(member=bob, monday=date(2026, 5, 4), room=18, carried=2)
    now = at("05-08T13:00")
    demos = deliver(version, at("05-04T10:00"), *[3_030] * 10)
    found = month_of(now, version)
    assert (found.came, found.beyond, found.over) == (3_030_000, 0, [])
    Handoff.objects.filter(pk__in=[h.pk for h in demos]).delete()
    books = deliver(version, at("05-05T10:00"), *[1_000] * 50, level=1)
    found = month_of(now, version)
    assert (found.came, found.beyond) == (5_000_000, 3_000_000)
    assert found.came - found.beyond == 2_000_000
    assert set(burnup.listed(found, found.weeks, "beyond")) == set(books[20:])


def test_where_nobody_said_their_hours_nothing_is_said_of_room(promised, deliver) -> None:
    version = promised(at("03-02T09:00"), value=1_000)
    deliver(version, at("05-04T10:00"), 300)
    assert month_of(at("05-06T13:00"), version).over is None


def test_however_many_leads_the_questions_are_as_many(promised, deliver, django_assert_num_queries) -> None:
    version = promised(at("03-02T09:00"), value=1_000)
    now = at("05-06T13:00")
    catch_up(now)
    month = period.month(now.date(), version.terms.zone)
    deliver(version, at("05-04T10:00"), 300)
    burnup.burnup(month, now)
    for _ in range(2):
        with django_assert_num_queries(6):
            burnup.burnup(month, now)
        deliver(version, at("05-05T10:00"), *[20] * 30)


def test_deliveries_ahead_go_on_from_the_ledger(promised) -> None:
    promised(at("03-02T09:00"), value=1_000)
    catch_up(NOW)
    rows = due_within(NOW, NOW + timedelta(days=22), NOW)
    assert [(row.pk is None, row.due_at) for row in rows] == [
        (False, at("06-22T09:00")),
        (True, at("06-29T09:00")),
        (True, at("07-06T09:00")),
    ]
