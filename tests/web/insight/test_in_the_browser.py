"""Every report page of a small company in Chromium: sound by day and by night and on a phone, with its people, its files and its address.

With TILTH_SHOTS=folder each page leaves its pictures there.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW
from tests.house.test_in_the_browser import STICKS_OUT
from tests.web.insight.company import build
from tilth.agreement.models import Version
from tilth.insight import kept
from tilth.insight.reports import REPORTS
from tilth.team.models import Member

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SHOTS = os.environ.get("TILTH_SHOTS", "")
GROUND = "() => getComputedStyle(document.body).backgroundColor"
TYPES = {".csv": "text/csv", ".svg": "image/svg+xml", ".png": "image/png"}
FIRST_PERSON = "#course td.num a[href*='/people/']"


@pytest.mark.usefixtures("stopped_clock")
def test_every_report_is_a_page_for_the_desk_the_night_and_the_phone(
    page_of: Callable[..., Any], client_of: Callable[..., Any], agreement: Version, ann: Member, bob: Member, carla: Member,
    settings: Any, tmp_path: Path,
) -> None:  # fmt: skip
    settings.HOME = tmp_path
    build(agreement, ann, bob)
    client, page = client_of(carla), page_of(carla, viewport=WIDE)
    for name in REPORTS:
        client.get(f"/insight/{name}/")
    work_out()
    behind = {name: look_at(page, name) for name in REPORTS}
    assert sum(map(bool, behind.values())) >= len(REPORTS) - 1, behind
    for address in filter(None, behind.values()):
        client.get(address)
    work_out()
    for name, address in behind.items():
        if address:
            page.goto(address)
            assert page.locator("#behind tbody tr").count() > 0, f"nobody is behind the figures of {name}"
            assert page.evaluate(STICKS_OUT) == [], address
    page.goto("/insight/")
    assert page.locator("main h2").count() == len(REPORTS)
    for name in REPORTS:
        choose(page, name)
    page.goto("/insight/funnel/?by=nonsense")
    assert "Cut by cannot be “nonsense”" in page.locator(".trouble").inner_text()


def work_out() -> None:
    while kept.catch_up(NOW + timedelta(seconds=1)):
        pass


def look_at(page: Any, name: str) -> str:
    """The page of a report, by day, by night and on a phone; returns the address of the people behind its first figure, if it has any."""
    assert page.goto(f"/insight/{name}/").status == 200
    assert page.locator(".answer").inner_text(), name
    assert page.locator("#course svg.plot").count() >= 1, f"{name} has no chart"
    assert page.locator("#course tbody tr").count() >= 1, f"{name} has no rows"
    picture(page, name, "light")
    by_day = page.evaluate(GROUND)
    page.emulate_media(color_scheme="dark")
    assert any(page.evaluate(GROUND) != by_day or page.wait_for_timeout(50) for _ in range(60)), (
        f"{name} is as bright by night"
    )
    picture(page, name, "dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    assert soon(page, lambda: page.evaluate(STICKS_OUT) == []), (
        f"{name} is wider than a phone: {page.evaluate(STICKS_OUT)}"
    )
    picture(page, name, "phone")
    page.set_viewport_size(WIDE)
    by_keys(page, name)
    for ending, kind in TYPES.items():
        link = page.locator(f"#course a[href*='{ending}']").first.get_attribute("href")
        file = page.request.get(link)
        assert (file.status, file.headers["content-type"].split(";")[0]) == (200, kind), link
        assert len(file.body()) > 100, link
    there = page.locator(FIRST_PERSON)
    return str(there.first.get_attribute("href")) if there.count() else ""


def soon(page: Any, is_so: Callable[[], bool]) -> bool:
    """Whether something holds once the browser has drawn again: colours and widths follow a change within some frames."""
    return any(is_so() or page.wait_for_timeout(50) for _ in range(60))


def by_keys(page: Any, name: str) -> None:
    """A chart tells its figures to who has no pointer."""
    page.locator("#course .graph").first.focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator(".graph-tip").inner_text(), f"the chart of {name} tells nothing"
    page.keyboard.press("Escape")


def choose(page: Any, name: str) -> None:
    """What is chosen stands in the address, and the page stays so."""
    page.goto(f"/insight/{name}/")
    selects = page.locator("form.chooser select")
    last = selects.nth(selects.count() - 1)
    field, value = last.get_attribute("name"), last.locator("option").nth(1).get_attribute("value")
    last.select_option(value)
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url(f"**{field}={value}*")
    assert page.locator(f"form.chooser select[name={field}]").input_value() == value


def picture(page: Any, name: str, how: str) -> None:
    if SHOTS:
        page.evaluate("document.fonts.ready")
        page.screenshot(path=Path(SHOTS) / f"{name}-{how}.png", full_page=True)
