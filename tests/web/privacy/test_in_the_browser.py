"""A consent told on the phone, the file, and the erasure, in Chromium; what is under way shows its course without a reload."""

import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import NOW
from tilth.agreement.models import Version
from tilth.people.models import Person
from tilth.privacy import catch_up
from tilth.team.models import Member

pytestmark = pytest.mark.browser


def work() -> None:
    while catch_up.catch_up(NOW):
        pass


def test_from_a_consent_to_the_file_to_the_erasure(
    page_of: Callable[..., Any], agreement: Version, carla: Member, anouk: Person, settings: Any, tmp_path: Any
) -> None:
    settings.HOME = tmp_path
    page = page_of(carla)
    page.goto(f"/people/{anouk.pk}/")
    page.get_by_role("region", name="What they agreed to").get_by_role("link", name="Privacy").click()
    page.get_by_label("To what").select_option(label="Marketing by phone")
    page.get_by_label("What they agreed to, word for word").fill("<b>May we call you?</b>")
    page.get_by_role("button", name="Write it down").click()
    region = page.get_by_role("region", name="Marketing by phone")
    region.get_by_text("“<b>May we call you?</b>”").wait_for()
    assert "yes, since" in region.inner_text()

    page.get_by_role("button", name="Make the file").click()
    page.get_by_text("The deliveries are being searched.").wait_for()
    work()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Download it").click()
    with zipfile.ZipFile(fetched.value.path()) as file:
        assert b"&lt;b&gt;May we call you?&lt;/b&gt;" in file.read("index.html")

    page.get_by_role("link", name="See what would go").click()
    page.get_by_label("Their name, to be sure").fill("Anouk Zonneveld")
    page.get_by_label("They asked for it").check()
    page.get_by_role("button", name="Erase").click()
    page.get_by_role("progressbar").wait_for()
    work()
    page.get_by_role("progressbar").wait_for(state="detached")
    page.get_by_text("What went").click()
    assert "Addresses 1" in page.get_by_role("region", name="Erased").inner_text()
