"""Setting the shared goal, signing it, and reckoning back to leads."""

from datetime import date

import pytest

from tilth.plan.models import Goal, GoalSignature

pytestmark = pytest.mark.usefixtures("stopped_clock")
YEAR = {"basis": "revenue", "first": "2026-01-01", "last": "2026-12-31"}


@pytest.fixture
def goal(carla, now) -> Goal:
    return Goal.objects.create(
        amount=100_000_000, currency="EUR", first=date(2026, 1, 1), last=date(2026, 12, 31), set_by=carla, set_at=now
    )


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_without_a_goal_the_page_says_what_one_is(client_of, ann, dirk) -> None:
    assert "Set the goal" in text(client_of(ann).get("/goal/"))
    assert "Marketing, sales or a manager sets it." in text(client_of(dirk).get("/goal/"))
    assert client_of(dirk).get("/goal/new/").status_code == 404


@pytest.mark.parametrize("typed", ["1.000.000", "1,000,000.00", "€ 1 000 000,00", "1000000"])
def test_an_amount_is_read_as_people_type_it(client_of, ann, agreement, typed) -> None:
    client_of(ann).post("/goal/new/", {"amount": typed, **YEAR})
    row = Goal.objects.get()
    assert (row.amount, row.currency, row.first, row.last) == (100_000_000, "EUR", date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"amount": "0"}, "Write an amount above zero."),
        ({"amount": "a lot"}, "“a lot” is not a number"),
        ({"amount": "-5"}, "Write an amount of zero or more."),
        ({"amount": "£ 500"}, "“£ 500” is not in EUR"),
        ({"amount": "5", "last": "2025-12-31"}, "Write a day after the first one."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client_of, ann, agreement, typed, said) -> None:
    answer = client_of(ann).post("/goal/new/", YEAR | typed)
    assert answer.status_code == 422
    assert said in text(answer)
    assert f'value="{typed["amount"]}"' in text(answer)
    assert not Goal.objects.exists()


def test_both_teams_sign_and_nobody_for_the_other(client_of, ann, bob, goal) -> None:
    client_of(ann).post(f"/goal/{goal.pk}/signatures/sales/")
    assert not GoalSignature.objects.exists()
    client_of(ann).post(f"/goal/{goal.pk}/signatures/marketing/")
    client_of(bob).post(f"/goal/{goal.pk}/signatures/sales/")
    assert set(GoalSignature.objects.values_list("team", "name")) == {
        ("marketing", "Ann de Wit"),
        ("sales", "Bob Jansen"),
    }
    assert "Signed by both" in text(client_of(ann).get("/goal/"))
    assert client_of(ann).post(f"/goal/{goal.pk}/signatures/service/").status_code == 404


def test_from_a_million_to_ninety_leads_through_two_thirds(client_of, ann, goal) -> None:
    """R3 and R4: 1,000,000 / 100,000 through 1/3 and 1/3 is 90 leads, each worth 11,111."""
    page = text(client_of(ann).get("/goal/?deal=100.000&to_sql=1/3&to_won=1/3"))
    assert '<b class="mid">10</b>' in page
    assert '<b class="mid">30</b>' in page
    assert '<b class="mid">90</b>' in page
    assert "<b>€11,111</b>" in page


def test_nothing_is_rounded_between_the_steps(client_of, ann, goal) -> None:
    page = text(client_of(ann).get("/goal/?deal=100.000&to_sql=33%25&to_won=0,33"))
    assert '<b class="mid">92</b>' in page


def test_a_short_history_asks_instead_of_guessing(client_of, ann, goal) -> None:
    page = text(client_of(ann).get("/goal/"))
    assert "Our history is too short for some of these numbers." in page
    assert "too few, 30 more needed" in page


def test_a_rate_above_one_is_refused_with_a_reason(client_of, ann, goal) -> None:
    answer = client_of(ann).get("/goal/?deal=1000&to_sql=120%25&to_won=1/3")
    assert answer.status_code == 422
    assert "more than 100%" in text(answer)


@pytest.mark.browser
def test_on_a_phone_no_step_covers_another(page_of, ann, goal) -> None:
    page = page_of(ann, viewport={"width": 390, "height": 844})
    page.goto("/goal/?deal=40000&to_won=1/3&to_sql=2/3")
    boxes = [part.bounding_box() for part in page.locator(".chain :is(.op, b)").all()]
    assert len(boxes) == 7
    for n, a in enumerate(boxes):
        for b in boxes[:n]:
            apart = a["x"] >= b["x"] + b["width"] or b["x"] >= a["x"] + a["width"]
            assert apart or a["y"] >= b["y"] + b["height"] or b["y"] >= a["y"] + a["height"]
