"""The editor of a track in Chromium: the preview follows what is typed, and a mail is added by keyboard alone."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.nurture.conftest import track_of
from tilth.nurture.models import Track
from tilth.team.models import Member

__all__ = ["track_of"]
pytestmark = pytest.mark.browser


def test_a_mail_is_written_with_its_preview_beside(
    page_of: Callable[..., Any], track_of: Callable[..., Track], ann: Member
) -> None:
    track = track_of()
    page = page_of(ann)
    page.goto(f"/care/{track.pk}/edit/")
    page.fill("#step-0-subject", "Cheaper than gas, {first name|reader}")
    page.locator("#preview b", has_text="Cheaper than gas, Anouk").wait_for()
    page.select_option("#preview [name=reader]", "unknown")
    page.locator("#preview b", has_text="Cheaper than gas, reader").wait_for()
    page.get_by_role("button", name="Another mail").focus()
    page.keyboard.press("Enter")
    page.fill("#step-2-subject", "Third")
    page.fill("#step-2-text", "And last.")
    page.get_by_role("button", name="Keep it").press("Enter")
    page.wait_for_url(f"**/care/{track.pk}/")
    assert [step.subject for step in Track.objects.get().says.steps] == [
        "Cheaper than gas, {first name|reader}",
        "Your neighbours",
        "Third",
    ]
