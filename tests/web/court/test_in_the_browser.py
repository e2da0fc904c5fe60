"""The way back in a real browser: returned, overturned by the court, accepted, handed back with a condition, back again
as a new handoff that knows the old one, and won."""

from datetime import timedelta
from typing import Any

import pytest

from tilth import conveyor
from tilth.deals.models import Won
from tilth.handoff.models import HandBack, Handoff, Holding, Return
from tilth.touches.models import Evidence
from tilth.touches.record import record

pytestmark = pytest.mark.browser


def returns(bobs: Any) -> None:
    bobs.goto("/")
    bobs.locator(".q", has_text="Anouk Zonneveld").get_by_role("link", name="Return").click()
    dialog = bobs.locator("#dialog")
    dialog.get_by_label("Does not fit").check()
    dialog.get_by_label("What it rests on").select_option("company.employees")
    dialog.get_by_label("What did you see or hear?").fill("Far too small for us")
    dialog.get_by_role("button", name="Return").click()
    bobs.locator("#toasts").get_by_text("returned to marketing").wait_for()


def overturns(carlas: Any) -> None:
    carlas.goto("/court/")
    carlas.get_by_role("link", name="Decide", exact=True).click()
    assert "Rests on: employees (120)" in carlas.locator("main").inner_text()
    carlas.get_by_label("What should they have seen?").fill("120 people work there: our core")
    carlas.get_by_role("button", name="Overturn", exact=True).click()
    carlas.locator("#toasts").get_by_text("back to its owner").wait_for()


def accepts_and_hands_back(bobs: Any) -> None:
    bobs.goto("/")
    row = bobs.locator(".q", has_text="Anouk Zonneveld")
    row.get_by_role("button", name="Accept").click()
    row.get_by_role("link", name="Hand back").click()
    dialog = bobs.locator("#dialog")
    dialog.get_by_label("No project now").check()
    dialog.get_by_label("What it rests on").select_option("said")
    dialog.get_by_label("What did you see or hear?").fill("Builds once the permit is there")
    dialog.get_by_label("It comes back").select_option("event")
    dialog.get_by_label("Name of the event").fill("Permit Granted")
    dialog.get_by_role("button", name="Hand back").click()
    bobs.locator("#toasts").get_by_text("handed back to marketing").wait_for()


def wins(bobs: Any, person: int) -> None:
    bobs.goto(f"/people/{person}/")
    known = bobs.locator("main").inner_text()
    assert "The round before" in known
    assert "Builds once the permit is there" in known
    assert "this is round 2" in known
    bobs.get_by_role("button", name="Accept").click()
    bobs.get_by_role("button", name="Qualified").click()
    bobs.get_by_role("link", name="Open deal").click()
    bobs.get_by_label("What they may buy").fill("Night heating")
    bobs.get_by_label("Amount").fill("40.000,00")
    bobs.get_by_role("button", name="Open the deal").click()
    bobs.get_by_text("40,000").first.wait_for()
    bobs.get_by_role("button", name="Won").click()
    bobs.locator("#toasts").get_by_text("won").wait_for()


def test_a_lead_is_returned_put_right_handed_back_and_won_in_its_second_round(
    page_of, clock, agreement, anouk, bob, carla, handed
):
    bobs, carlas = page_of(bob), page_of(carla)
    returns(bobs)
    clock.forward(hours=1)
    overturns(carlas)
    again = Handoff.objects.get(continues=handed)
    assert Holding.objects.get().handoff == again
    assert again.obligations.filter(open=True).exists()  # the clock runs

    clock.forward(hours=1)
    accepts_and_hands_back(bobs)
    back = HandBack.objects.get(handoff=again)
    assert (back.comes_back, back.event, back.rests_on) == ("event", "Permit Granted", "said")
    conveyor.run_dry(clock.at + timedelta(days=20))
    assert not Holding.objects.exists()

    clock.forward(days=40)
    record("track", clock.at, clock.at, person=anouk, event="Permit Granted", evidence=Evidence.OBSERVED)
    conveyor.run_dry(clock.at)
    second = Handoff.objects.get(recycles=again)
    assert (second.owner, second.continues) == (bob, None)

    wins(bobs, anouk.pk)
    assert Won.objects.get().deal.handoff == second
    assert Return.objects.get().the_review.verdict == "overturned"
    carlas.goto("/court/?period=12-months")
    figures = carlas.locator("main").inner_text()
    assert "1 of 1 decided" in figures
    assert "0 of 0 that stand" in figures
