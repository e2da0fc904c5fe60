"""A salesperson's whole day at the keyboard, under a real browser: nothing here touches the mouse."""

import re

import pytest
from playwright.sync_api import expect

from tests.deals.test_together import berta, leads  # noqa: F401
from tilth.deals.models import Deal
from tilth.handoff.models import Acceptance, HandBack, Holding, Qualified, Return
from tilth.touches.models import Evidence, NextStep, Touch

pytestmark = pytest.mark.browser
AT = "document.activeElement.closest('.q, .card-lead, tr')?.querySelector('h3, a')?.textContent.trim()"


@pytest.fixture
def today(page_of, leads, bob):  # noqa: F811
    page = page_of(bob)
    page.goto("/")
    return page


def at(page) -> str:
    return page.evaluate(AT)


def walk_to(page, name: str) -> None:
    """Along the list by j, from its first row."""
    while at(page):
        page.keyboard.press("k")
        if page.evaluate(
            "document.activeElement === document.querySelector('.queue > .q, .card-lead, .keyed tbody tr')"
        ):
            break
    for _ in range(12):
        if at(page) == name:
            return
        page.keyboard.press("j")
    raise AssertionError(f"{name} is not reached: {at(page)}")


def keys(page, *pressed: str) -> None:
    for key in pressed:
        page.keyboard.press(key)


def said(page, text: str) -> None:
    expect(page.locator("#toasts")).to_contain_text(text)


def test_the_day_of_a_salesperson_by_keys_alone(today, leads, bob):  # noqa: F811
    nora, cor, *_ = leads
    # a call, how it went, and the lead accepted
    walk_to(today, "Nora Bakker")
    keys(today, "c")
    expect(today.locator(f"#q-{nora.pk} .q-after")).to_be_visible()
    walk_to(today, "Nora Bakker")
    keys(today, "3")
    expect(today.locator(".q-after")).to_have_count(0)
    assert Touch.objects.get(person=nora, kind="call").properties == {"outcome": "no answer"}
    walk_to(today, "Nora Bakker")
    keys(today, "a")
    said(today, "Nora Bakker: accepted")
    # undone, and once more
    keys(today, "u")
    said(today, "Undone")
    assert not Acceptance.objects.filter(handoff__person=nora).exists()
    assert today.evaluate("document.activeElement.closest('.q')?.id") == f"q-{nora.pk}"  # still at the same lead
    walk_to(today, "Nora Bakker")
    keys(today, "a")
    expect(today.locator(f"#q-{nora.pk}")).to_contain_text("Qualified")
    # what comes next, asked in a dialog
    walk_to(today, "Nora Bakker")
    keys(today, "n")
    expect(today.locator("#dialog")).to_be_visible()
    today.keyboard.type("Send the offer")
    keys(today, "Enter")
    said(today, "1 lead: next step planned")
    assert NextStep.objects.get(person=nora).what == "Send the offer"
    # another goes back, with its reason
    walk_to(today, "Cor Bakker")
    keys(today, "r")
    dialog = today.locator("#dialog")
    expect(dialog).to_be_visible()
    assert today.evaluate("document.activeElement.name") == "reason"
    keys(today, "Space", "Tab")
    assert today.evaluate("document.activeElement.name") == "rests_on"
    keys(today, "ArrowDown", "Tab")
    today.keyboard.type("Has one already")
    keys(today, "Tab", "Tab", "Tab", "Tab")
    while today.evaluate("document.activeElement.textContent.trim()") != "Return":
        keys(today, "Tab")
    keys(today, "Enter")
    said(today, "Cor Bakker: returned to marketing")
    assert Return.objects.filter(handoff__person=cor, note="Has one already").exists()
    # opened, found ready, and a deal
    walk_to(today, "Nora Bakker")
    keys(today, "Enter")
    today.wait_for_url(f"**/people/{nora.pk}/")
    keys(today, "l")
    today.keyboard.type("Wants heat pumps")
    keys(today, "Enter")
    said(today, "note kept")
    keys(today, "Escape", "q")
    said(today, "Nora Bakker is an SQL")
    assert Qualified.objects.filter(handoff__person=nora).exists()
    keys(today, "d")
    today.wait_for_url(re.compile("/deals?/"))
    today.get_by_label("Amount").focus()
    today.keyboard.type("40000")
    keys(today, "Enter")
    expect(today.locator("body")).to_contain_text("Deal opened")
    assert Deal.objects.filter(person=nora, amount=4_000_000).exists()
    # and home again
    keys(today, "g", "t")
    today.wait_for_url(re.compile(r"/$"))


def test_several_are_ticked_and_handed_back_together_and_undone(today, leads):  # noqa: F811
    for name in ("Teun Bakker", "Saar Bakker"):
        walk_to(today, name)
        keys(today, "x")
    keys(today, "b")
    dialog = today.locator("#dialog")
    expect(dialog).to_contain_text("2 leads")
    dialog.locator("[name=reason]").first.focus()
    keys(today, "Space", "Tab", "ArrowDown", "Tab")
    today.keyboard.type("Both stopped the project")
    dialog.locator(".btn-primary").focus()
    keys(today, "Enter")
    said(today, "2 leads: handed back")
    assert HandBack.objects.count() == 2
    keys(today, "u")
    said(today, "Undone")
    assert HandBack.objects.count() == 0


def test_the_list_and_the_board_walk_by_the_same_keys(today, leads):  # noqa: F811
    keys(today, "g", "l")
    today.wait_for_url(re.compile("/people/"))
    keys(today, "j", "j", "x")
    assert today.locator(".tickbox:checked").count() == 1
    keys(today, "*")
    assert today.locator(".tickbox:not(:checked)").count() == 0
    keys(today, "g", "b")
    today.wait_for_url(re.compile("/board/"))
    walk_to(today, "Nora Bakker")
    keys(today, "a")
    expect(today.locator("#col-accepted")).to_contain_text("Nora Bakker")


def test_the_list_of_keys_opens_and_turns_them_off(today, leads):  # noqa: F811
    keys(today, "?")
    expect(today.locator("#keys")).to_be_visible()
    today.locator("[data-keys-on]").focus()
    keys(today, "Space", "Escape")
    keys(today, "j")
    assert not at(today)
    keys(today, "?")
    today.locator("[data-keys-on]").focus()
    keys(today, "Space", "Escape", "j")
    assert at(today)


def test_typing_is_never_a_key(today, leads):  # noqa: F811
    keys(today, "/")
    today.get_by_role("combobox").fill("")
    today.keyboard.type("acrux")
    assert today.get_by_role("combobox").input_value() == "acrux"
    assert not Touch.objects.filter(kind="call", evidence__gt=Evidence.MACHINE).exclude(person=leads[1]).exists()
    assert Holding.objects.count() == 6


def test_with_no_lead_at_hand_a_key_first_goes_to_one(today):
    today.evaluate("document.activeElement.blur()")
    assert not at(today)
    today.keyboard.press("n")
    assert at(today)
    expect(today.locator("dialog[open]")).to_have_count(0)
    today.keyboard.press("n")
    expect(today.locator("dialog[open]")).to_have_count(1)
