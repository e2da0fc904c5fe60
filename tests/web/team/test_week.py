"""Everybody says their own hours; a manager also room, learning and the last day; and one button for today."""

import re
from datetime import date

import pytest
from django.utils.html import strip_tags

from tests.conftest import NOW
from tilth.core.terms import DAYS
from tilth.journal.models import Entry
from tilth.team.models import Absence, Member, Week

HOURS = dict.fromkeys(DAYS, "") | {"monday": "9-12.30, 13:00-17:00", "tuesday": "09:00-13:00"}


@pytest.fixture(autouse=True)
def _now(stopped_clock, agreement):
    """Pages of a house with an agreement, today."""


def said(page) -> str:
    return re.sub(r"\s+", " ", strip_tags(page.content.decode()))


def test_a_colleague_says_their_own_hours_and_not_their_room(client_of, bob) -> None:
    page = client_of(bob).get(f"/team/{bob.pk}/week/").content.decode()
    assert 'placeholder="09:00-17:30"' in page
    assert 'name="room"' not in page
    sent = {
        **HOURS,
        "zone": "Europe/Berlin",
        "country": "de",
        "region": "BY",
        "skills": "German, call team",
        "room": "40",
    }
    assert client_of(bob).post(f"/team/{bob.pk}/week/", sent)["Location"] == "/team/"
    week = Week.objects.get(member=bob)
    assert week.hours == {"monday": ["09:00-12:30", "13:00-17:00"], "tuesday": ["09:00-13:00"]}
    assert (week.zone, week.country, week.region) == ("Europe/Berlin", "DE", "BY")
    assert (week.skills, week.room) == (["German", "call team"], None)
    assert Entry.objects.get(verb="changed week").data["country"] == "DE"


def test_a_manager_says_room_learning_and_the_last_day(client_of, bob, carla) -> None:
    sent = {"room": "6.5", "begins": "2026-06-15", "ramp_weeks": "4", "last_day": "2026-12-31"}
    client_of(carla).post(f"/team/{bob.pk}/week/", sent)
    week = Week.objects.get(member=bob)
    assert (week.room, week.begins, week.ramp_weeks, week.last_day) == (
        6.5,
        date(2026, 6, 15),
        4,
        date(2026, 12, 31),
    )
    page = client_of(carla).get(f"/team/{bob.pk}/week/").content.decode()
    assert 'value="2026-12-31"' in page
    assert "until 31 December" in said(client_of(carla).get("/team/"))
    client_of(bob).post(f"/team/{bob.pk}/week/", HOURS)
    assert Week.objects.get(member=bob).room == 6.5


@pytest.mark.parametrize(
    ("sent", "trouble"),
    [
        ({"monday": "late"}, "Write hours in order"),
        ({"monday": "13:00-17:00, 09:00-12:00"}, "Write hours in order"),
        ({"zone": "Mars/Olympus"}, "Write one such as Europe/Amsterdam."),
        ({"country": "XX"}, "No holidays are known"),
        ({"country": "DE", "region": "ZZ"}, "DE has no region"),
        ({"ramp_weeks": "4"}, "Write the day on which they begin to learn."),
        ({"room": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(client_of, carla, bob, sent, trouble) -> None:
    answer = client_of(carla).post(f"/team/{bob.pk}/week/", sent)
    assert answer.status_code == 422
    assert trouble in answer.content.decode()
    assert not Week.objects.exists()


def test_nobody_sees_or_changes_the_week_of_another(client_of, ann, bob) -> None:
    assert client_of(ann).get(f"/team/{bob.pk}/week/").status_code == 404
    assert client_of(ann).post(f"/team/{bob.pk}/week/", HOURS).status_code == 404


def test_one_button_says_that_i_am_out_today(client_of, bob) -> None:
    client_of(bob).post("/team/absences/today/")
    client_of(bob).post("/team/absences/today/")
    row = Absence.objects.get()
    assert (row.member, row.first, row.last) == (bob, NOW.date(), NOW.date())
    assert "I am out today" not in said(client_of(bob).get("/team/"))


def test_who_stands_in_is_chosen_with_the_days(client_of, bob) -> None:
    bea = Member.objects.create(name="Bea", email="bea@kasbouw.example", role="sales", joined_at=NOW)
    days = {"member": bob.pk, "first": "2026-07-06", "last": "2026-07-17"}
    assert client_of(bob).post("/team/absences/", {**days, "stand_in": bob.pk}).status_code == 422
    client_of(bob).post("/team/absences/", {**days, "stand_in": bea.pk})
    assert Absence.objects.get().stand_in == bea
    assert "Bea stands in" in said(client_of(bob).get("/team/"))


def test_the_page_says_who_does_not_work_today(client_of, bob, carla) -> None:
    Week.objects.create(member=bob, hours={"monday": ["09:00-17:00"]})
    assert "does not work today" in said(client_of(carla).get("/team/"))
