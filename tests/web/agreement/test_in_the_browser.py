"""From a proposal to an agreement in a real browser: a question, its answer, two signatures, the chosen moment."""

from datetime import datetime

import pytest

from tests.conftest import NOW
from tilth.agreement.models import Closing, Version, running

pytestmark = pytest.mark.browser
FIRST_OF_JULY = datetime.fromisoformat("2026-07-01T09:00+02:00")


@pytest.fixture
def proposed(agreement, clock, ann) -> Version:
    agreement.refresh_from_db()
    document = agreement.document | {"name": "From July"}
    document["interest"]["rules"][0]["points"] = 30
    return Version.write(document, ann, NOW)


def test_a_question_is_settled_both_sign_and_it_takes_effect_when_they_chose(page_of, proposed, clock, ann, bob):
    anns, bobs = page_of(ann), page_of(bob, viewport={"width": 390, "height": 844})

    bobs.goto("/agreement/compare/1/2/")
    bobs.get_by_text("Asked for a demo: 45 → 30 points").wait_for()
    bobs.goto("/agreement/2/")
    bobs.evaluate("window.sameDocument = true")
    bobs.get_by_text("Comment on a clause").click()
    bobs.get_by_label("About").select_option(label="Asked for a demo")
    bobs.get_by_label("What you want to say").fill("Why less for a demo?")
    bobs.get_by_role("button", name="Comment").click()
    bobs.get_by_text("1 is open and blocks signing").wait_for()
    assert "Interest: Asked for a demo" in bobs.locator("#comments").inner_text()
    assert bobs.evaluate("window.sameDocument")

    anns.goto("/agreement/2/")
    anns.get_by_role("link", name="Sign for marketing").click()
    anns.get_by_role("link", name="Close 1 open comment first").click()
    anns.locator("summary", has_text="Answer").click()
    anns.get_by_role("textbox", name="Answer").fill("Many only look around.")
    anns.get_by_role("button", name="Answer").click()
    anns.get_by_text("Many only look around.").wait_for()
    anns.get_by_role("button", name="Close", exact=True).click()
    anns.get_by_text("All closed").wait_for()
    assert Closing.objects.get().by == ann

    anns.get_by_role("link", name="Sign for marketing").click()
    anns.get_by_label("It takes effect on").fill("2026-07-01T09:00")
    anns.get_by_role("button", name="Sign as Ann de Wit").click()
    anns.get_by_text("The other team’s signature makes it agreed").wait_for()

    bobs.goto("/agreement/2/")
    bobs.get_by_role("link", name="Sign for sales").click()
    assert "Wednesday 1 July 2026, 09:00" in bobs.locator("main").inner_text()
    bobs.get_by_role("button", name="Sign as Bob Jansen").click()
    bobs.get_by_text("Signed by both. Version 2 takes effect on Wednesday 1 July 2026, 09:00").wait_for()

    assert running(NOW).number == 1
    anns.goto("/agreement/")
    assert "Version 1, B2B software" in anns.locator(".versions").inner_text()
    clock.at = FIRST_OF_JULY
    anns.goto("/agreement/")
    said = anns.locator(".versions").inner_text()
    assert "Running" in said
    assert "Version 2, From July" in said
