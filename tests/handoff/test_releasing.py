"""Leads are let go as far as sales has hours for them: in order, never a raised hand, nothing lost."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import NOW, SIGNED
from tilth import conveyor
from tilth.agreement.models import Version
from tilth.groups.verbs import form
from tilth.handoff import releasing
from tilth.handoff.models import Capacity, Handoff, Joining
from tilth.handoff.passing import reassign
from tilth.people.known import Told, keep
from tilth.qualify.models import Ripe
from tilth.team.models import Absence, Week
from tilth.touches.models import Evidence
from tilth.touches.record import offer, record

WEEK = timedelta(days=7)
MONDAY = NOW - timedelta(days=1)


def signed(preset, ann, bob, at=SIGNED):
    version = Version.write(preset, ann, at)
    version.sign(ann, "marketing", at)
    version.sign(bob, "sales", at)
    return version


@pytest.fixture
def version(preset, ann, bob):
    """The preset, with release by capacity: one hour a lead, and Bob has three a week."""
    preset["release"] = {"by_capacity": True}
    Week.objects.create(member=bob, room=3.0)
    return signed(preset, ann, bob)


def ripen(n, at, what="webinar", country="NL", employees=80):
    """A grower who becomes ripe without raising a hand; of a company of their own."""
    told = Told(
        emails=[f"grower{n}@firm{n}.example"],
        phones=[f"+3110555{n:04}"],
        person={"first_name": f"Grower{n}", "last_name": "Bakker", "title": "Director", "country": country},
        company={"name": f"Firm {n}", "industry": "Horticulture", "employees": employees, "country": country},
    )
    person = keep(told, at, "typed in")[0]
    kind, times = ("form", [at]) if what == "demo" else ("webinar", [at, at - timedelta(hours=1)])
    for then in times:
        record(kind, then, then, person=person, offer=offer(what, then), evidence=Evidence.DECLARED)
    return person


def held(at):
    conveyor.run_dry(at)
    return list(Handoff.objects.order_by("pk").values_list("person", flat=True))


def waiting():
    return set(Ripe.objects.filter(waits_for=Ripe.Lack.ROOM).values_list("pk", flat=True))


def test_leads_go_until_the_hours_are_full_and_the_rest_waits_with_its_reason(version, bob):
    people = [ripen(n, NOW - timedelta(minutes=n)) for n in range(5)]
    assert held(NOW) == [p.pk for p in people[:3]]
    assert waiting() == {p.pk for p in people[3:]}
    assert {ripe.get_waits_for_display() for ripe in Ripe.objects.all()} == {"sales has no hours for it now"}


def test_where_nobody_said_how_many_hours_they_have_nobody_waits(version):
    Week.objects.all().delete()
    people = {ripen(n, NOW - timedelta(minutes=n)).pk for n in range(60)}
    assert set(held(NOW)) == people
    assert waiting() == set()


def test_a_colleague_who_said_nothing_takes_what_others_have_no_hours_for(version, bob, carla):
    carla.role = "sales"
    carla.save()
    people = {ripen(n, NOW - timedelta(minutes=n)).pk for n in range(12)}
    assert set(held(NOW)) == people
    assert Handoff.objects.filter(owner=bob).count() <= 3


def test_where_nobody_sells_a_lead_waits_for_an_owner_and_not_for_hours(version, bob):
    bob.role = "service"
    bob.save()
    lead = ripen(0, NOW)
    assert held(NOW) == []
    assert Ripe.objects.get(pk=lead.pk).waits_for == Ripe.Lack.OWNER


def test_the_next_week_the_one_that_waiting_costs_most_goes_first(version, bob):
    people = [ripen(n, NOW - timedelta(hours=n)) for n in range(8)]
    held(NOW)
    assert held(NOW + WEEK) == [p.pk for p in people[:6]]
    fresh = ripen(9, NOW + WEEK)
    assert held(NOW + WEEK)[6:] == []
    assert held(NOW + 2 * WEEK)[6:] == [fresh.pk, people[6].pk, people[7].pk]


def test_a_raised_hand_is_never_held_back(version, bob):
    for n in range(4):
        ripen(n, NOW)
    held(NOW)
    asks = ripen(9, NOW, "demo")
    assert asks.pk in held(NOW)
    assert asks.pk not in waiting()
    assert releasing.capacities(version, NOW)[bob.pk].free == -1


def test_who_stands_in_line_and_raises_a_hand_goes_at_once(version):
    people = [ripen(n, NOW - timedelta(hours=n)) for n in range(4)]
    held(NOW)
    later = NOW + timedelta(hours=1)
    record("form", later, later, person=people[3], offer=offer("demo", later), evidence=Evidence.DECLARED)
    assert people[3].pk in held(later)


def test_a_lead_goes_to_whoever_has_hours_and_says_who_had_none(preset, ann, bob, carla):
    carla.role = "sales"
    carla.save()
    Week.objects.create(member=bob, room=3.0)
    Week.objects.create(member=carla, room=1.0)
    preset["release"] = {"by_capacity": True}
    preset["routing"]["pools"] = [{"id": "all", "say": "Everyone", "members": {bob.email: 1, carla.email: 9}}]
    signed(preset, ann, bob)
    for n in range(6):
        ripen(n, NOW - timedelta(hours=n))
    held(NOW)
    owners = list(Handoff.objects.values_list("owner", flat=True))
    assert (owners.count(bob.pk), owners.count(carla.pk)) == (3, 1)
    last = Handoff.objects.order_by("-pk")[0]
    assert last.routing["skipped"] == [{"id": carla.pk, "name": "Carla Smit", "why": "hours full"}]


def test_a_running_conversation_waits_for_whose_it_is(version, bob, carla):
    first = ripen(0, NOW)
    held(NOW)
    carla.role = "sales"
    carla.save()
    Week.objects.filter(member=bob).update(room=1.0)
    colleague = ripen(1, NOW)
    colleague.company = first.company
    colleague.save()
    conveyor.run_dry(NOW)
    assert Ripe.objects.get(pk=colleague.pk).lane == f"@{bob.pk}"
    other = ripen(2, NOW - timedelta(hours=3))
    conveyor.run_dry(NOW)
    assert Handoff.objects.get(person=other).owner == carla


def test_a_full_pool_does_not_keep_another_one_waiting(preset, ann, bob, carla):
    carla.role = "sales"
    carla.save()
    Week.objects.create(member=bob, room=1.0)
    Week.objects.create(member=carla, room=1.0)
    preset["release"] = {"by_capacity": True}
    german = {"field": "person.country", "is": "DE"}
    preset["routing"]["pools"] = [
        {"id": "de", "say": "Germany", "when": [german], "members": {bob.email: 1}},
        {"id": "all", "say": "All others", "members": {carla.email: 1}},
    ]
    signed(preset, ann, bob)
    germans = [ripen(n, NOW - timedelta(minutes=n), country="DE", employees=120) for n in range(3)]
    dutch = ripen(7, NOW - timedelta(hours=9))
    assert set(held(NOW)) == {germans[0].pk, dutch.pk}
    assert {r.lane for r in Ripe.objects.all()} <= {"de", ""}


def test_a_smaller_lead_does_not_go_before_the_first_in_line(preset, ann, bob):
    preset["release"] = {"by_capacity": True, "hours": {1: 0.5, 2: 0.5, 3: 0.5, 4: 2}}
    Week.objects.create(member=bob, room=1.0)
    version = signed(preset, ann, bob)
    large, small = ripen(0, NOW), ripen(1, NOW - timedelta(hours=5))
    then = NOW - timedelta(hours=2)
    for kind in ("webinar", "download"):
        record(kind, then, then, person=large, offer=offer("webinar", then), evidence=Evidence.DECLARED)
    assert held(NOW) == []
    levels = {ripe.pk: ripe.person.standing.level for ripe in Ripe.objects.select_related("person__standing")}
    assert levels == {large.pk: 4, small.pk: 3}
    assert releasing.capacities(version, NOW)[bob.pk].free == 1
    assert held(NOW + WEEK) == [large.pk]


@pytest.mark.parametrize("leads", [10, 14])
def test_odoos_quotas_of_10_and_14_a_month_give_10_and_14_a_month(leads, version, bob):
    """A quarter of a year on the whole conveyor: 30 and 42, where Odoo gives none (peers.md, capacity)."""
    Week.objects.filter(member=bob).update(room=leads * 3 / 13)
    for n in range(leads * 3 + 5):
        ripen(n, MONDAY - timedelta(hours=n))
    counts = [len(held(MONDAY + n * WEEK)) for n in range(13)]
    assert counts[-1] == leads * 3
    assert all(abs(count - leads * 3 / 13 * (n + 1)) < 1 for n, count in enumerate(counts))
    assert len(waiting()) == 5


def test_two_weeks_off_leave_no_heap_and_no_hole(version, bob):
    for n in range(30):
        ripen(n, MONDAY - timedelta(hours=n))
    Absence.objects.create(member=bob, first=date(2026, 6, 22), last=date(2026, 7, 5))
    counts = [len(held(MONDAY + n * WEEK)) for n in range(6)]
    assert [b - a for a, b in zip([0, *counts], counts, strict=False)] == [3, 0, 0, 3, 3, 3]


def test_who_cools_in_line_is_not_forgotten(version):
    people = [ripen(n, NOW - timedelta(hours=n)) for n in range(4)]
    held(NOW)
    Week.objects.update(room=0.0)
    much_later = NOW + timedelta(days=200)
    assert len(held(much_later)) == 3
    assert waiting() == {people[3].pk}
    Week.objects.update(room=3.0)
    assert people[3].pk in held(much_later + WEEK)


def test_what_went_to_somebody_else_gives_its_hours_back(version, bob, carla):
    carla.role = "sales"
    carla.save()
    ripen(0, NOW)
    held(NOW)
    reassign(Handoff.objects.get(), carla, NOW)
    assert releasing.capacities(version, NOW)[bob.pk].taken == 0


def test_more_hours_said_in_the_middle_of_a_week_count_at_once(version):
    for n in range(6):
        ripen(n, NOW - timedelta(hours=n))
    assert len(held(NOW)) == 3
    Week.objects.update(room=5.0)
    assert len(held(NOW + timedelta(hours=1))) == 5
    assert Capacity.objects.get().room == 5.0


def test_without_release_by_capacity_nobody_waits_for_hours(version, preset, ann, bob):
    for n in range(6):
        ripen(n, NOW - timedelta(hours=n))
    held(NOW)
    preset["release"] = {"by_capacity": False}
    signed(preset, ann, bob, NOW + timedelta(minutes=1))
    assert len(held(NOW + timedelta(hours=1))) == 6
    assert waiting() == set()


def test_a_line_that_does_not_move_costs_a_fixed_number_of_questions(version):
    for n in range(5):
        ripen(n, NOW - timedelta(hours=n))
    held(NOW)
    with CaptureQueriesContext(connection) as few:
        assert conveyor.STAGES["handoff"](NOW) == 0
    for n in range(5, 12):
        ripen(n, NOW - timedelta(hours=n))
    held(NOW)
    with CaptureQueriesContext(connection) as many:
        assert conveyor.STAGES["handoff"](NOW) == 0
    assert len(many) == len(few)


def test_who_decides_together_with_a_lead_that_went_joins_it_and_stands_in_no_line(version, bob):
    Week.objects.filter(member=bob).update(room=1.0)
    first, second = ripen(0, NOW), ripen(1, NOW - timedelta(hours=1))
    form(first.company, "Climate computer", [first, second], bob, NOW)
    assert held(NOW) == [first.pk]
    assert waiting() == set()
    assert Joining.objects.get().person == second
