"""R31, not too late: a ripe lead that waits is an alarm, on Today of whoever can do something about it."""

from datetime import timedelta

import pytest

from tilth import conveyor
from tilth.core.promises import too_late_since
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import accept, hand_back, return_lead
from tilth.people.known import Told, keep
from tilth.qualify.models import Ripe
from tilth.team.models import Absence
from tilth.touches.record import offer, record

HOUR = timedelta(hours=1)


def asked(name, at, phone=True):
    """Somebody who asked for a demo at `at`; without a phone number the lead waits."""
    told = Told(
        emails=[f"{name.lower()}@vanhecke.example"],
        phones=["+32475123456"] if phone else [],
        person={"first_name": name, "last_name": "Vanhecke", "title": "Director", "country": "BE"},
        company={"name": "Serres Vanhecke", "industry": "Horticulture", "employees": 80, "country": "BE"},
    )
    person, _new = keep(told, at, "form")
    record("form", at, at, person=person, offer=offer("demo", at))
    conveyor.run_dry(at)
    return person


def text(client):
    return " ".join(client.get("/").content.decode().split())


def test_what_waits_longer_than_agreed_is_an_alarm_and_stands_first(client_of, ann, bob, agreement, clock):
    asked("Late", clock.at - timedelta(days=5), phone=False)
    asked("Fresh", clock.at - HOUR, phone=False)
    page = text(client_of(ann))
    assert "Alarm: 1 ripe lead waits longer than 16 working hours" in page
    assert "<b>1</b> lacks data that is required at handoff; marketing fills it in: <" in page
    row = page.split('id="missing"')[1]
    assert row.index("Late Vanhecke") < row.index("Fresh Vanhecke")
    assert row.count("Alarm</span>") == 1
    assert "waits 25 working hours</b>" in row.split("Fresh Vanhecke")[0]


def test_exactly_the_agreed_hours_are_no_alarm_yet(client_of, ann, bob, agreement, clock):
    asked("Late", too_late_since(agreement.terms, clock.at), phone=False)
    assert "Alarm" not in text(client_of(ann))
    clock.forward(minutes=1)
    assert "Alarm: 1 ripe lead" in text(client_of(ann))


def test_nights_and_weekends_do_not_count(client_of, ann, bob, agreement, clock):
    clock.forward(days=6)  # Monday 10:40; Friday 16:00 was 2 h 40 min of working time ago
    asked("Weekend", clock.at - timedelta(hours=66, minutes=40), phone=False)
    assert "Alarm" not in text(client_of(ann))


def test_who_found_nobody_available_is_the_managers(client_of, carla, ann, bob, agreement, clock):
    begin = clock.at - timedelta(days=5)
    Absence.objects.create(member=bob, first=begin.date(), last=clock.at.date())
    asked("Lonely", begin)
    assert Ripe.objects.get().waits_for == "owner"
    page = text(client_of(carla))
    assert "<b>1</b> found nobody available; a manager assigns it:" in page
    assert "Alarm</span>" in page.split('id="owners"')[1].split("</section>")[0]
    assert "found nobody available" in text(client_of(ann))


def test_what_nobody_took_up_says_that_the_conveyor_may_stand_still(client_of, carla, bob, agreement, anouk, clock):
    Ripe.objects.create(person=anouk, since=clock.at - timedelta(days=7), counted_at=clock.at, look_at=clock.at)
    assert "was not taken up, so tilth work may not be running" in text(client_of(carla))


def test_who_rests_by_agreement_is_no_alarm(client_of, ann, bob, agreement, clock):
    person = asked("Tired", clock.at - timedelta(days=6))
    handoff = Handoff.objects.get()
    return_lead(handoff, bob, "not-ready", "", clock.at - timedelta(days=5))
    conveyor.run_dry(clock.at - timedelta(days=5))
    assert Ripe.objects.get(person=person).waits_for == "news"
    assert 'id="alarm"' not in text(client_of(ann))


def test_the_clock_of_who_rested_starts_when_it_may_go_again(client_of, ann, bob, agreement, clock):
    person = asked("Back", clock.at - timedelta(days=20))
    handoff = Handoff.objects.get()
    accept(handoff, bob, clock.at - timedelta(days=19))
    hand_back(handoff, bob, "later", "", clock.at - timedelta(days=15))
    conveyor.run_dry(clock.at - timedelta(days=15))
    Ripe.objects.filter(person=person).update(missing=["phone"])
    person.phones.all().delete()
    record("form", clock.at - HOUR, clock.at - HOUR, person=person, offer=offer("demo", clock.at))
    conveyor.run_dry(clock.at)
    ripe = Ripe.objects.get(person=person)
    assert (ripe.waits_for, ripe.since) == ("data", clock.at)
    assert 'id="alarm"' not in text(client_of(ann))


def test_without_an_agreement_nothing_is_an_alarm(client_of, carla, clock):
    assert "Alarm" not in text(client_of(carla))


@pytest.mark.parametrize("role", ["ann", "carla"])
def test_many_alarms_are_counted_and_the_oldest_named(
    role, request, client_of, bob, agreement, clock, django_assert_max_num_queries
):
    member = request.getfixturevalue(role)
    for n in range(25):
        person, _new = keep(Told(emails=[f"p{n}@firm{n}.example"]), clock.at, "form")
        since = clock.at - timedelta(days=9, minutes=25 - n)
        Ripe.objects.create(
            person=person, since=since, counted_at=since, look_at=since, waits_for=("data", "owner", "")[n % 3]
        )
    client = client_of(member)
    with django_assert_max_num_queries(40):
        page = text(client)
    assert "Alarm: 25 ripe leads wait longer than 16 working hours" in page
    assert "<b>9</b> lack data" in page
    assert page.split('id="alarm"')[1].split("</section>")[0].count("and 6 more") == 1
    assert page.split('id="alarm"')[1].split("</section>")[0].count("and 5 more") == 2
