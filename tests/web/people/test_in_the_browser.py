"""A person's page under a real browser: the focus stays with whoever works by keyboard."""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def person(page_of, handed, bob, anouk):
    page = page_of(bob)
    page.goto(f"/people/{anouk.pk}/")
    return page


def test_after_a_note_the_focus_is_where_the_next_one_is_typed(person):
    person.get_by_label("What was said").fill("Wants three compartments")
    person.keyboard.press("Enter")
    person.locator("#events").get_by_text("Wants three compartments").wait_for()
    assert person.evaluate("document.activeElement.name") == "note"


def test_when_the_button_is_gone_the_focus_goes_to_the_page(person, anouk):
    person.get_by_role("button", name="Log call").click()
    person.get_by_role("button", name="Reached").click()
    person.wait_for_function("() => !document.querySelector('.q-after')")
    person.wait_for_function("() => document.activeElement.id === 'main'")


def test_five_verbs_fit_on_a_phone(page_of, handed, bob, anouk):
    page = page_of(bob, viewport={"width": 390, "height": 844})
    page.goto(f"/people/{anouk.pk}/")
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("button", name="Qualified").wait_for()
    verbs = page.locator(".person-do .btn")
    assert verbs.count() == 5
    for n in range(5):
        assert verbs.nth(n).evaluate("b => b.scrollWidth <= b.clientWidth"), verbs.nth(n).inner_text()
