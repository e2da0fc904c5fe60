"""The articles' numbers where people type them: T1 to T6, the recomputing while typing, a scenario from three numbers to two signatures."""

from datetime import date
from typing import Any

import pytest

from tests.web.plan.test_goal import POINTS, YEAR
from tests.web.plan.test_realism import page_of_goal
from tilth.core.planning import Past
from tilth.core.velocity import MONTH
from tilth.plan import versions

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("stopped_clock")]


def follows(page: Any, text: str) -> None:
    page.locator("#follows b.mid", has_text=text).first.wait_for()


def fill(page: Any, **told: str) -> None:
    for name, text in told.items():
        page.locator(f'#plan-form [name="{name.replace("__", ".")}"]').fill(text)


@pytest.fixture
def page(page_of: Any, ann: Any, agreement: Any) -> Any:
    return page_of(ann)


def test_t1_to_t5_and_two_signatures(page: Any, page_of: Any, bob: Any) -> None:
    page.goto("/plan/new/")
    page.get_by_label("Goal").fill("10.000")
    page.get_by_label("A customer brings").fill("1.000")
    page.get_by_label("Lead to customer").fill("2%")
    follows(page, "500")  # T1
    page.get_by_role("button", name="Try it out first").click()
    page.get_by_role("heading", name="Scenario").wait_for()
    page.locator("#chance").wait_for()
    page.locator("#levers-here table").first.wait_for()
    fill(
        page,
        goal="1.000.000",
        value="100.000",
        points__0__name="Leads",
        points__0__sale_rate="",
        points__0__to_sql="1/3",
        points__0__to_won="1/3",
    )
    follows(page, "90")  # T2
    page.locator("#follows td", has_text="€11,111").first.wait_for()  # T3
    fill(page, points__0__to_sql="0.33", points__0__to_won="0,33")
    follows(page, "92")
    page.get_by_text("Exactly 91.83 leads; shown as 92.").wait_for()
    fill(
        page,
        goal="100.000",
        points__0__to_sql="",
        points__0__to_won="",
        points__0__sale_rate="1%",
        points__0__lead_rate="5%",
    )
    follows(page, "100")  # T4
    follows(page, "2,000")  # T5: visitors for 100 e-books
    fill(page, points__0__sale_rate="1/33", points__0__lead_rate="1%")
    follows(page, "33")
    follows(page, "3,300")  # five times as many for each demo
    fill(page, points__0__sale_rate="0%")
    page.locator("#follows").get_by_text("nobody would ever get through").wait_for()
    fill(page, points__0__sale_rate="1/33")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Propose to both teams").click()
    page.get_by_role("heading", name="Our goal: €100,000").wait_for()
    page.get_by_text("Sign for marketing").click()
    page.get_by_role("button", name="Sign €100,000 as Ann de Wit").click()
    bobs = page_of(bob)
    bobs.goto("/plan/")
    bobs.get_by_text("Sign for sales").click()
    bobs.get_by_role("button", name="Sign €100,000 as Bob Jansen").click()
    bobs.get_by_text("Signed by both").wait_for()


def test_t6_levers_for_a_gap(page: Any, client_of: Any, ann: Any, carla: Any, agreement: Any, now: Any) -> None:
    page_of_goal(client_of(ann), round(10_000_000 * 365 / MONTH), agreement, carla, now)
    page.goto("/plan/")
    page.get_by_text("a gap of €50,000, a factor of 2.00").wait_for()
    page.get_by_text("Volume: 20.0 deals open at a time instead of 10.0").wait_for()


def test_a_slider_says_at_once_what_another_mix_brings(page: Any, ann: Any, now: Any) -> None:
    document = {"goal": "1,000,000", "value": "40,000", "hours": "60", **YEAR, "points": POINTS}
    goal = versions.begin(document, Past(), ann, now, "More demos")
    assert goal.last == date(2026, 12, 31)
    page.goto(f"/plan/{goal.pk}/")
    before = page.locator("#solved b").first
    before.wait_for()
    was = before.inner_text()
    slider = page.get_by_label("Demo request").and_(page.locator("[type=range]"))
    slider.focus()
    for _press in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("was => document.querySelector('#solved b').innerText !== was", arg=was)
