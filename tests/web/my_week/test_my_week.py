"""My week: what somebody sees of hours, their own or everybody's, and who waits for them."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from tests.conftest import NOW
from tests.handoff.test_releasing import WEEK, held, ripen, signed
from tilth.team.models import Role, Week


@pytest.fixture
def by_capacity(preset, ann, bob, clock):
    preset["release"] = {"by_capacity": True}
    Week.objects.create(member=bob, room=3.0)
    return signed(preset, ann, bob)


def said(client, path="/week/"):
    page = client.get(path)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", strip_tags(page.content.decode()))


def test_a_seller_sees_their_hours_what_came_and_who_waits(sales, by_capacity):
    for n in range(5):
        ripen(n, NOW - timedelta(hours=n))
    held(NOW)
    page = said(sales)
    assert "3.0 of 3.0 hours are taken." in page
    assert "0.0 are free." in page
    assert "Came this week 3" in page
    assert "Grower0" in page
    assert "Waits for hours 2" in page
    assert page.index("Grower3") < page.index("Grower4")


def test_the_weeks_before_are_said_too(sales, by_capacity, clock):
    for n in range(5):
        ripen(n, NOW - timedelta(hours=n))
    held(NOW)
    held(NOW + WEEK)
    clock.forward(days=7)
    page = said(sales)
    assert "The weeks before" in page
    assert "15 Jun 2026" in page


def test_hours_that_nobody_said_are_no_limit_and_that_is_said(sales, agreement, clock):
    page = said(sales)
    assert "so there is no limit" in page
    assert "The agreement holds no lead back" in page
    assert "No lead came this week yet." in page
    assert "Nobody waits" in page


@pytest.mark.parametrize("role", [Role.MANAGER, Role.MARKETING])
def test_who_does_not_sell_sees_everybody(role, cast, client_of, by_capacity):
    ripen(0, NOW)
    held(NOW)
    page = said(client_of(cast[role]))
    assert "Sales’ week" in page
    assert re.search(r"Bob Jansen\s*3\.0", page)
    assert "Came this week" not in page


def test_before_an_agreement_the_page_says_so(sales, clock):
    assert "No agreement is in force" in said(sales)


def test_whose_week_it_is_not_is_not_let_in(client_of, dirk, agreement, clock):
    assert client_of(dirk).get("/week/").status_code in (302, 403, 404)


def test_the_page_asks_a_fixed_number_of_questions(client_of, carla, by_capacity):
    manager = client_of(carla)
    said(manager)
    with CaptureQueriesContext(connection) as few:
        said(manager)
    for n in range(6):
        ripen(n, NOW - timedelta(hours=n))
    held(NOW)
    with CaptureQueriesContext(connection) as many:
        said(manager)
    assert len(many) == len(few)


def test_a_person_in_line_says_what_they_wait_for(client_of, ann, by_capacity):
    people = [ripen(n, NOW - timedelta(hours=n)) for n in range(4)]
    held(NOW)
    assert "Sales has no hours for it yet" in said(client_of(ann), f"/people/{people[3].pk}/")
