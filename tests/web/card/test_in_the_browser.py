"""The card on a phone that loses its connection: it is kept, the page opens again, and it is sent by itself."""

from datetime import timedelta

import pytest

from tilth.people.models import Person
from tilth.touches.models import NextStep, Touch

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture
def phone(page_of, agreement, bob):
    page = page_of(bob, **PHONE)
    page.goto("/card/")
    page.evaluate("Promise.race([navigator.serviceWorker.ready, new Promise(late => setTimeout(late, 5000))])")
    page.wait_for_function("() => navigator.serviceWorker.controller")
    return page


def write(page, name, email=""):
    page.get_by_label("Fair or event").fill("HortiContact 2026")
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("What do you do next?").fill("Send the prices")
    page.get_by_role("button", name="Keep the card").click()


def test_a_card_is_kept_and_the_form_is_ready_for_the_next(phone):
    write(phone, "Wim Lansbergen", "wim@lansbergen.example")
    phone.locator("#kept").get_by_text("Kept", exact=True).wait_for()
    assert phone.locator("#kept").get_by_role("link", name="Wim Lansbergen").is_visible()
    assert Person.objects.get().name == "Wim Lansbergen"
    assert phone.get_by_label("Name").input_value() == ""
    assert phone.get_by_label("Fair or event").input_value() == "HortiContact 2026"
    assert phone.evaluate("document.activeElement.name") == "name"


def test_without_a_connection_the_page_opens_and_the_cards_wait(phone, troubles):
    phone.context.set_offline(True)
    phone.reload()
    write(phone, "Wim Lansbergen")
    write(phone, "Ilse Poot")
    phone.locator("#kept").get_by_text("Waits on this phone").nth(1).wait_for()
    phone.locator("#card-state", has_text="No connection").wait_for()
    phone.reload()
    assert phone.locator("#kept .count").inner_text() == "2"
    assert not Person.objects.exists()
    troubles.clear()  # the browser tells of every request that could not be sent
    phone.context.set_offline(False)
    phone.locator("#kept").get_by_role("link", name="Ilse Poot").wait_for()
    phone.locator("#kept").get_by_role("link", name="Wim Lansbergen").wait_for()
    assert sorted(Person.objects.values_list("first_name", flat=True)) == ["Ilse", "Wim"]
    assert (Touch.objects.count(), NextStep.objects.count()) == (2, 2)
    assert phone.evaluate("Object.keys(localStorage).filter(k => k.startsWith('tilth-card-')).length") == 0
    troubles.clear()


def test_an_answer_that_got_lost_is_asked_for_again_and_nothing_is_doubled(phone, troubles):
    lost = []

    def lose(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())  # it arrives, and its answer does not
            return route.abort()
        return route.continue_()

    phone.context.route("**/card/", lose)
    write(phone, "Wim Lansbergen")
    phone.locator("#kept").get_by_text("Waits on this phone").wait_for()
    phone.evaluate("window.dispatchEvent(new Event('online'))")
    phone.locator("#kept").get_by_role("link", name="Wim Lansbergen").wait_for()
    assert (len(lost), Person.objects.count(), Touch.objects.count()) == (1, 1, 1)
    troubles.clear()


def test_a_card_that_is_refused_says_why_and_goes_back_into_the_form(phone, troubles):
    write(phone, "Wim Lansbergen", "wim at lansbergen")
    phone.locator("#kept").get_by_text("This is not an e-mail address.").wait_for()
    phone.get_by_role("button", name="Mend it").click()
    assert phone.get_by_label("Name").input_value() == "Wim Lansbergen"
    phone.get_by_label("E-mail").fill("wim@lansbergen.example")
    phone.get_by_role("button", name="Keep the card").click()
    phone.locator("#kept").get_by_role("link", name="Wim Lansbergen").wait_for()
    assert Touch.objects.count() == 1
    troubles.clear()  # the browser tells of the 422


def test_who_is_signed_out_loses_no_card(phone, page_of, bob, troubles):
    cookies = phone.context.cookies()
    phone.context.clear_cookies()
    write(phone, "Wim Lansbergen")
    phone.locator("#card-state", has_text="sign in to send").wait_for()
    phone.context.add_cookies(cookies)
    phone.reload()
    phone.locator("#kept").get_by_role("link", name="Wim Lansbergen").wait_for()
    assert Person.objects.get().at <= Touch.objects.get().learned_at + timedelta(seconds=1)


def test_a_colleagues_card_waits_for_them(phone, page_of, ann, client_of, settings):
    phone.context.clear_cookies()
    write(phone, "Wim Lansbergen")
    phone.locator("#card-state", has_text="sign in to send").wait_for()
    session = client_of(ann).cookies[settings.SESSION_COOKIE_NAME].value
    phone.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": phone.url}])
    phone.goto("/card/?again")
    phone.locator("#kept").get_by_text("Typed by a colleague").wait_for()
    assert not Person.objects.exists()
