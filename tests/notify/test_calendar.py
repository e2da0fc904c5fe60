"""The calendar of due dates: what is in it, and whose eyes it is for."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from icalendar import Calendar

from tests.conftest import NOW
from tilth import conveyor
from tilth.handoff.verbs import accept, hand_off, log_contact
from tilth.notify.channels.calendar import close_feed, open_feed, whose, written
from tilth.notify.models import Feed
from tilth.promises.models import Obligation
from tilth.team.models import Member
from tilth.touches.next_steps import do_step, plan_step


@pytest.fixture
def handed(agreement, anouk, bob):
    handoff = hand_off(anouk, NOW, bob, bob).row
    conveyor.run_dry(NOW)
    return handoff


def entries(member: Member, at: datetime = NOW) -> dict[str, object]:
    return {str(e["uid"]).partition("@")[0]: e for e in Calendar.from_ical(written(member, at)).walk("vevent")}


def secret_of(link: str) -> str:
    return link.rpartition("/")[2].removesuffix(".ics")


def test_what_a_member_owes_stands_at_its_moment_under_a_name_that_stays(handed, bob, ann):
    owed = Obligation.objects.get(kind="first_contact")
    entry = entries(bob)[f"promise-{owed.pk}"]
    assert entry["summary"] == "First contact, Anouk Zonneveld"
    assert entry.decoded("dtend") == owed.due_at.astimezone(UTC)
    assert entry.decoded("dtend") - entry.decoded("dtstart") == timedelta(minutes=30)
    assert entry["transp"] == "TRANSPARENT"
    assert str(entry["url"]).endswith(f"/people/{handed.person_id}/")
    later = entries(bob, owed.due_at + timedelta(hours=1))
    assert later[f"promise-{owed.pk}"]["summary"] == "Late: First contact, Anouk Zonneveld"
    assert f"promise-{owed.pk}" not in entries(ann)


def test_what_was_met_is_gone(handed, bob, anouk):
    accept(handed, bob, NOW)
    log_contact(anouk, bob, "call", NOW, "reached")
    conveyor.run_dry(NOW)
    owed = Obligation.objects.get(kind="first_contact")
    assert not owed.open
    assert f"promise-{owed.pk}" not in entries(bob)


def test_what_a_team_owes_together_stands_in_the_calendar_of_each(handed, ann, bob):
    owed = Obligation.objects.filter(kind="delivery", open=True).latest("due_at")
    assert f"promise-{owed.pk}" in entries(ann)
    assert f"promise-{owed.pk}" not in entries(bob)


def test_next_steps_are_whole_days_until_they_are_done(handed, bob, anouk):
    step, _entry = plan_step(anouk, bob, "Send the offer; with, commas\\", date(2026, 6, 18), NOW)
    plan_step(anouk, bob, "Some day", None, NOW)
    entry = entries(bob)[f"step-{step.pk}"]
    assert entry["summary"] == "Send the offer; with, commas\\, Anouk Zonneveld"
    assert (entry.decoded("dtstart"), entry.decoded("dtend")) == (date(2026, 6, 18), date(2026, 6, 19))
    do_step(step, bob, NOW)
    assert f"step-{step.pk}" not in entries(bob)


def test_the_text_is_what_calendar_programs_read(handed, bob, anouk):
    anouk.first_name = "Anouk Émilie Maria Wilhelmina Bernadette van den Heuvel-Oosterhuis"
    anouk.save()
    body = written(bob, NOW)
    assert body.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))  # octets, RFC 5545 3.1
    assert body.count(b"BEGIN:VEVENT") == body.count(b"UID:") == body.count(b"DTSTAMP:")


def test_the_address_is_secret_and_a_new_one_ends_the_old(bob):
    old = secret_of(open_feed(bob, NOW))
    assert whose(old, NOW) == bob
    new = secret_of(open_feed(bob, NOW))
    assert whose(old, NOW) is None
    assert whose(new, NOW) == bob
    assert new not in str(Feed.objects.values().get())
    close_feed(bob)
    assert whose(new, NOW) is None


def test_a_program_reads_it_without_signing_in_and_a_leaver_does_not(handed, bob, monkeypatch):
    monkeypatch.setattr("tilth.web.clock.now", lambda: NOW)
    path = "/calendar/" + secret_of(open_feed(bob, NOW)) + ".ics"
    answer = Client().get(path)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    assert b"First contact" in answer.content
    assert Feed.objects.get().read_at == NOW
    assert Client().get("/calendar/guess.ics").status_code == 404
    assert Client().post(path).status_code == 405
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    assert Client().get(path).status_code == 404


def test_the_cost_does_not_grow_with_what_is_in_it(handed, bob, anouk, django_assert_max_num_queries):
    for n in range(10):
        plan_step(anouk, bob, f"Step {n}", date(2026, 6, 18), NOW)
    with django_assert_max_num_queries(3):
        assert len(entries(bob)) >= 11
