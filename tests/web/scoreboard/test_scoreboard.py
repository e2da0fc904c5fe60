"""The page of figures: the same for every role, for the period in its address."""

from datetime import date, datetime, timedelta

import pytest

from tilth.deals.models import Deal, Won
from tilth.people.models import Person
from tilth.plan.models import Goal
from tilth.touches.models import Origin
from tilth.touches.record import offer
from tilth.web.scoreboard.burnup import Burnup


@pytest.fixture
def goal(carla, now) -> Goal:
    return Goal.objects.create(
        amount=100_000_000, currency="EUR", first=date(2026, 1, 1), last=date(2026, 12, 31), set_by=carla, set_at=now
    )


@pytest.fixture
def leads(db, now):
    """So many leads of a source, of whom so many bought for 1,000 each."""

    def grow(source: str, n: int, won: int, at: datetime = now) -> None:
        for i in range(n):
            person = Person.objects.create(at=at)
            Origin.objects.create(person=person, at=at, door="person", source=source, offer=offer("Demo", at))
            if i < won:
                deal = Deal.objects.create(name="Deal", person=person, currency="EUR", learned_at=at)
                Won.objects.create(deal=deal, at=at, amount=100_000)

    return grow


def text(client, url: str = "/scoreboard/") -> str:
    return " ".join(client.get(url).content.decode().split())


def test_an_empty_tilth_has_a_scoreboard_for_everyone(client_of, cast) -> None:
    for member in cast.values():
        page = text(client_of(member))
        assert "No goal for today" in page
        assert "No deal closed in this period." in page


def test_both_teams_see_the_same(client_of, ann, bob, agreement, goal, leads) -> None:
    leads("fair", 3, 1)
    ours, theirs = (text(client_of(m)).split("<main")[1].split("</main>")[0] for m in (ann, bob))
    assert ours == theirs


def test_rates_have_their_interval_and_small_groups_say_too_few(client_of, ann, agreement, goal, leads) -> None:
    leads("fair", 40, 10)
    leads("", 12, 1)
    leads("unknown", 6, 0)
    page = text(client_of(ann), "/scoreboard/?period=goal")
    assert "25.0%, likely between 15.6% and 37.6%, of 40" in page
    assert "too few, 18 more needed" in page
    assert "too few, 24 more needed" in page
    assert '<span class="quiet">not said</span>' in page
    assert "<td>unknown </td>" in page


def test_the_period_is_in_the_address(client_of, ann, agreement, leads, now) -> None:
    leads("fair", 2, 0, at=now - timedelta(days=370))
    assert "Nobody became a lead in this period." in text(client_of(ann), "/scoreboard/?period=year")
    assert "Nobody became a lead in this period." in text(client_of(ann), "/scoreboard/?period=nonsense")


def test_the_page_asks_a_fixed_number_of_questions(
    client_of, ann, agreement, goal, leads, django_assert_max_num_queries
) -> None:
    for n in range(30):
        leads(f"source {n}", 2, 1)
    client = client_of(ann)
    with django_assert_max_num_queries(28):
        page = text(client)
    assert "19 others" in page


def test_the_burn_up_says_what_is_due_at_an_even_pace(goal) -> None:
    burn = Burnup(goal, [(date(2026, 1, 10), 20_000_000), (date(2026, 6, 1), 10_000_000)], date(2026, 7, 1))
    assert (burn.so_far, burn.passed, burn.due) == (30_000_000, 182, 49_863_014)
    chart = str(burn.chart())
    assert 'aria-label="€300,000 won, €498,630 at an even pace towards €1,000,000."' in chart
    assert "<td>31 January 2026</td><td>€200,000</td><td>€84,932</td><td>€115,068</td>" in chart
    assert "<td>1 July 2026</td><td>€300,000</td><td>€498,630</td><td>−€198,630</td>" in chart


def test_a_goal_that_has_not_begun_is_a_chart_without_a_line(goal) -> None:
    burn = Burnup(goal, [], date(2025, 12, 1))
    assert burn.passed == 0
    assert 'class="actual"' not in str(burn.chart())


@pytest.mark.browser
def test_the_promises_fit_beside_the_menu(page_of, carla, agreement, goal, stopped_clock) -> None:
    page = page_of(carla)
    page.goto("/scoreboard/")
    assert page.locator("#promises .table-responsive").evaluate("t => t.scrollWidth <= t.clientWidth")
