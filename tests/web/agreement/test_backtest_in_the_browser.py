"""From a changed sentence to what it would have done, in Chromium: by itself beside the editor, and on its own page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.house.test_in_the_browser import STICKS_OUT
from tilth import conveyor
from tilth.agreement import drafts
from tilth.agreement.models import Draft, running
from tilth.insight import backtests
from tilth.people.known import Told, keep
from tilth.touches.record import offer, record

pytestmark = pytest.mark.browser
DAYS = 12


@pytest.fixture
def draft(transactional_db, agreement, ann, bob, tmp_path, settings) -> Draft:
    """Beside it twelve people, of whom every day one asked for a demo."""
    settings.HOME = tmp_path
    now = timezone.now()
    for n in range(DAYS):
        at = now - timedelta(days=DAYS + 1 - n)
        told = Told(
            emails=[f"p{n}@firm{n}.example"], phones=["+31105550142"], company={"name": f"Firm {n}", "employees": 10 * n},
            person={"first_name": f"P{n}", "last_name": "Jansen", "title": "Owner"},
        )  # fmt: skip
        record("form", at, at, person=keep(told, at, "form")[0], offer=offer("demo", at), source="search")
        conveyor.run(at)
    return drafts.open_draft(agreement.document, ann, now, agreement)


def replay() -> None:
    while backtests.catch_up(timezone.now()):
        pass


def test_a_changed_sentence_is_replayed_beside_the_editor_and_read_on_its_page(page_of, ann, draft) -> None:
    page = page_of(ann)
    page.goto(f"/agreement/drafts/{draft.pk}/")
    brief = page.locator("#brief")
    brief.get_by_role("button", name="Replay it").wait_for()
    cell = page.get_by_label("Fit C, interest 4", exact=True)
    cell.select_option("nurture")
    brief.get_by_text("Waits for its turn").wait_for()
    replay()
    brief.get_by_text("fewer leads").wait_for()
    brief.get_by_role("link", name="All figures").click()
    page.get_by_role("heading", name="What it would have done").wait_for()
    page.locator("#figures").get_by_role("link", name="12", exact=False).first.wait_for()
    page.locator("#weekly figure").focus()
    page.keyboard.press("ArrowRight")
    page.locator(".graph-tip", has_text="Week of").wait_for()
    page.get_by_role("link", name="who", exact=True).last.click()
    page.get_by_role("heading", name="Leads that only version 1 would have handed off").wait_for()
    page.locator("tbody tr").first.get_by_role("link").first.click()
    page.wait_for_url("**/people/*/")


def test_the_course_renews_itself_until_the_figures_are_there(page_of, ann, draft) -> None:
    page = page_of(ann)
    page.goto(f"/agreement/drafts/{draft.pk}/backtest/")
    page.get_by_role("button", name="Replay it").click()
    page.get_by_text("Waits for its turn").wait_for()
    assert not page.get_by_role("link", name="Look again").is_visible()  # it looks by itself
    replay()
    page.get_by_role("heading", name="What it would have done").wait_for()
    page.get_by_label("How far back").select_option("13")
    page.wait_for_url("**weeks=13**")


def test_without_script_one_looks_again(page_of, ann, draft) -> None:
    page = page_of(ann, java_script_enabled=False)
    page.goto(f"/agreement/drafts/{draft.pk}/backtest/")
    page.get_by_role("button", name="Replay it").click()
    replay()
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("heading", name="What it would have done").wait_for()
    page.get_by_label("How far back").select_option("26")
    page.get_by_role("button", name="Narrow").click()
    page.wait_for_url("**weeks=26**")


def test_the_pages_fit_a_phone(page_of, ann, draft) -> None:
    backtests.ask(draft, ann, timezone.now())
    replay()
    for scheme in ("light", "dark"):
        page = page_of(ann, viewport={"width": 390, "height": 844}, color_scheme=scheme)
        for path in ("", "people/?kind=handed&side=draft"):
            page.goto(f"/agreement/drafts/{draft.pk}/backtest/{path}")
            assert page.evaluate(STICKS_OUT) == []


def test_from_a_sentence_to_an_agreement_in_one_walk(page_of, ann, bob, draft) -> None:
    """Write, replay, propose, ask, answer by closing, sign twice: then it takes effect."""
    anns, bobs = page_of(ann), page_of(bob)
    anns.goto(f"/agreement/drafts/{draft.pk}/")
    anns.get_by_label("Fit C, interest 4", exact=True).select_option("nurture")
    anns.locator("#brief").get_by_text("Waits for its turn").wait_for()
    replay()
    anns.locator("#brief").get_by_text("fewer leads").wait_for()
    anns.get_by_role("button", name="Propose for signing").click()
    anns.wait_for_url("**/agreement/2/")

    bobs.goto("/agreement/2/")
    bobs.get_by_text("Comment on a clause").click()
    bobs.get_by_label("What you want to say").fill("Who calls them then?")
    bobs.get_by_role("button", name="Comment").click()
    bobs.get_by_text("1 is open and blocks signing").wait_for()

    anns.goto("/agreement/2/")
    anns.get_by_role("link", name="Sign for marketing").click()
    anns.get_by_role("link", name="Close 1 open comment first").click()
    anns.get_by_role("button", name="Close", exact=True).click()
    anns.get_by_text("All closed").wait_for()
    for page, team, who in ((anns, "marketing", ann), (bobs, "sales", bob)):
        page.goto("/agreement/2/")
        page.get_by_role("link", name=f"Sign for {team}").click()
        page.get_by_role("button", name=f"Sign as {who.name}").click()
        page.wait_for_url("**/agreement/2/")
    bobs.get_by_text("Running").first.wait_for()
    assert running(timezone.now()).number == 2
