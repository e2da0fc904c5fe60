"""The board under a real browser: a drag is a verb, and asks its reason where it needs one."""

import pytest
from playwright.sync_api import expect

from tests.deals.test_together import berta, leads  # noqa: F401
from tilth.handoff.models import Acceptance, HandBack, Holding, Return
from tilth.touches.models import Touch

pytestmark = pytest.mark.browser


@pytest.fixture
def board(page_of, leads, bob):  # noqa: F811
    page = page_of(bob, viewport={"width": 1600, "height": 900})
    page.goto("/board/")
    return page


def drag(page, who, state):
    page.locator(f"#card-{who.pk} h3").drag_to(page.locator(f"#col-{state} h2"))


def test_dragging_to_accepted_accepts_and_undo_takes_it_back(board, leads):  # noqa: F811
    drag(board, leads[0], "accepted")
    expect(board.locator("#col-accepted")).to_contain_text("Nora Bakker")
    assert Acceptance.objects.filter(handoff__person=leads[0]).exists()
    board.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(board.locator("#col-new")).to_contain_text("Nora Bakker")


def test_dragging_back_asks_for_the_reason(board, leads):  # noqa: F811
    drag(board, leads[0], "back")
    dialog = board.locator("#dialog")
    dialog.get_by_label("Does not fit").check()
    dialog.get_by_label("What it rests on").select_option("said")
    dialog.get_by_label("What did you see or hear?").fill("Hobby greenhouse")
    assert not Return.objects.filter(handoff__person=leads[0]).exists()
    dialog.get_by_role("button", name="Return").click()
    expect(board.locator(f"#card-{leads[0].pk}")).to_have_count(0)
    assert Return.objects.filter(handoff__person=leads[0], note="Hobby greenhouse").exists()


def test_leaving_the_reasons_leaves_the_lead(board, leads):  # noqa: F811
    drag(board, leads[2], "back")
    board.locator("#dialog").get_by_role("button", name="Keep").click()
    expect(board.locator("#col-accepted")).to_contain_text("Teun Bakker")
    assert not HandBack.objects.exists()
    assert Holding.objects.filter(person=leads[2]).exists()


def test_dragging_to_contacted_asks_what_it_was(board, leads):  # noqa: F811
    drag(board, leads[2], "contacted")
    board.locator("#dialog").get_by_role("button", name="Log a contact").click()
    expect(board.locator("#col-contacted")).to_contain_text("Teun Bakker")
    assert Touch.objects.filter(person=leads[2], kind="call").exists()


def test_where_no_verb_leads_the_column_says_why(board, leads):  # noqa: F811
    drag(board, leads[0], "sql")
    expect(board.locator("#toasts")).to_contain_text("Accept the lead first")
    drag(board, leads[2], "new")
    expect(board.locator("#toasts")).to_contain_text("does not become new again")
    expect(board.locator("#col-new")).to_contain_text("Nora Bakker")


def test_moving_by_keyboard_alone(board, leads):  # noqa: F811
    move = board.locator(f"#card-{leads[0].pk} summary")
    move.focus()
    board.keyboard.press("Enter")
    board.keyboard.press("Tab")
    assert board.evaluate("document.activeElement.dataset.to") == "accepted"
    board.keyboard.press("Enter")
    expect(board.locator("#col-accepted")).to_contain_text("Nora Bakker")


def test_what_is_ticked_on_the_board_is_done_together(board, leads):  # noqa: F811
    for who in (leads[0], leads[1]):
        board.get_by_label(f"Tick {who.first_name}").check()
    board.get_by_role("button", name="Accept", exact=True).first.click()
    expect(board.locator("#toasts")).to_contain_text("2 leads: accept")
    board.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(board.locator("#col-new")).to_contain_text("Cor Bakker")
