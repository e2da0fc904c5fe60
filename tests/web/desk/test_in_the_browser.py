"""The desk under a real browser: by keyboard alone, without script, and on a telephone."""

import pytest

from tests.conftest import NOW
from tests.handoff.test_routing import colleague, lead, run
from tilth.handoff.models import Holding
from tilth.qualify.models import Ripe
from tilth.team.models import Absence

pytestmark = pytest.mark.browser


@pytest.fixture
def waiting(agreement, bob, carla, clock):
    """Two leads that found nobody: Bob is away, and Bea came later."""
    Absence.objects.create(member=bob, first=NOW.date(), last=NOW.date())
    people = [lead(n) for n in range(2)]
    run(clock.at)
    colleague("Bea")
    assert Ripe.objects.count() == 2
    return people


def tab_to(page, name):
    """Press Tab until something with this name has the focus, as somebody does who uses no mouse."""
    for _ in range(60):
        page.keyboard.press("Tab")
        at = page.evaluate(
            "(document.activeElement.getAttribute('aria-label') || document.activeElement.innerText).trim()"
        )
        if at == name:
            return
    raise AssertionError(f"Tab never came to {name!r}")


def test_a_lead_is_passed_on_by_keyboard_alone(page_of, carla, bob, waiting):
    page = page_of(carla)
    page.goto("/desk/")
    tab_to(page, f"Owner of {waiting[0]}")
    page.keyboard.type("Bob")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text(f"{waiting[0]} is with Bob Jansen now.").wait_for()
    assert Holding.objects.get().owner == bob


def test_all_are_passed_on_as_proposed_without_script(page_of, carla, waiting):
    page = page_of(carla, java_script_enabled=False)
    page.goto("/desk/")
    page.get_by_role("button", name="Pass all on as proposed").click()
    page.get_by_text("2 leads passed on.").wait_for()
    assert set(Holding.objects.values_list("owner__name", flat=True)) == {"Bea"}


def test_a_phone_shows_the_desk_without_scrolling_sideways(page_of, carla, waiting):
    page = page_of(carla, viewport={"width": 390, "height": 800})
    page.goto("/desk/")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
