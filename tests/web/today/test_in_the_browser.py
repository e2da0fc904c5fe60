"""The queue under a real browser: rows swap, chips follow a call, reasons open, undo gives back."""

import pytest

from tilth.handoff.models import Holding, Return
from tilth.touches.models import Evidence, Touch

pytestmark = pytest.mark.browser


@pytest.fixture
def today(page_of, handed, bob, anouk):
    page = page_of(bob)
    page.goto("/")
    return page


def test_a_call_is_logged_in_place_and_the_clock_stops(today, anouk):
    today.evaluate("window.sameDocument = true")
    row = today.locator(f"#q-{anouk.pk}")
    assert "first call before" in row.inner_text()
    row.get_by_role("button", name="Log call").click()
    row.get_by_role("button", name="No answer").click()
    today.wait_for_function("() => !document.querySelector('.q-after')")
    assert "called just now, no answer" in row.inner_text()
    assert "first call before" not in row.inner_text()
    assert Touch.objects.get(kind="call").properties == {"outcome": "no answer"}
    assert today.evaluate("window.sameDocument")


def test_a_lead_is_returned_with_a_reason_and_taken_back(today, anouk, bob):
    today.get_by_role("link", name="Return", exact=True).click()
    dialog = today.locator("#dialog")
    dialog.get_by_label("Does not fit").check()
    dialog.get_by_label("What it rests on").select_option("said")
    dialog.get_by_label("What did you see or hear?").fill("Hobby greenhouse")
    dialog.get_by_role("button", name="Return").click()
    today.get_by_text("Your queue is empty").wait_for()
    assert not dialog.is_visible()
    assert Return.objects.get().note == "Hobby greenhouse"
    today.locator("#toasts").get_by_role("button", name="Undo").click()
    today.locator(f"#q-{anouk.pk}").wait_for()
    assert Holding.objects.get().owner == bob


def test_a_call_by_mistake_is_undone_from_the_toast(today, anouk):
    today.get_by_role("button", name="Log call").click()
    today.locator("#toasts").get_by_role("button", name="Undo").click()
    today.locator("#toasts").get_by_text("Undone").wait_for()
    assert Touch.objects.get(kind="call").evidence == Evidence.RETRACTED
    assert "0/5" in today.locator(f"#q-{anouk.pk}").inner_text()


def test_the_palette_opens_by_key_and_finds_a_person(today, anouk):
    today.keyboard.press("/")
    today.get_by_role("combobox").fill("zonn")
    today.locator("#palette [role=option]", has_text="Anouk Zonneveld").wait_for()
    today.keyboard.press("Enter")
    today.wait_for_url(f"**/people/{anouk.pk}/")


def test_without_script_the_same_forms_do_the_same(handed, anouk, bob, page_of):
    page = page_of(bob, java_script_enabled=False)
    page.goto("/")
    accept = page.locator(".queue").get_by_role("button", name="Accept")  # beside it stands the one for many
    accept.click()
    page.get_by_text("Anouk Zonneveld: accepted").wait_for()
    page.get_by_role("button", name="Undo").click()
    accept.wait_for()


def test_a_phone_never_scrolls_sideways(handed, anouk, bob, page_of):
    page = page_of(bob, viewport={"width": 390, "height": 800})
    for path in ("/", f"/people/{anouk.pk}/", "/people/", "/people/new/", "/find/?q=zonn", "/me/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == 390, path


@pytest.mark.parametrize("width", [1200, 1280, 1440])
def test_the_reason_has_room_beside_the_buttons(page_of, handed, bob, anouk, width):
    page = page_of(bob, viewport={"width": width, "height": 900})
    page.goto("/")
    assert page.locator(f"#q-{anouk.pk} .q-why").bounding_box()["width"] > 280
