"""Every page without parameters, opened in Chromium by every role that it lets in: no script fails, the
Content-Security-Policy refuses nothing, and nothing sticks out of a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tilth.agreement.models import Version
from tilth.people.models import Person
from tilth.team.models import Member, Role

STICKS_OUT = """() => document.documentElement.scrollWidth > innerWidth
    ? [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map(e => e.outerHTML.slice(0, 120))
    : []"""

pytestmark = pytest.mark.browser


def pages(role: str, patterns: list[URLPattern | URLResolver] | None = None, before: str = "/") -> list[str]:
    """The addresses that need no parameter and let this role in."""
    out = []
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            out += pages(role, pattern.url_patterns, path)
        elif "<" not in path and role in (getattr(pattern.callback, "roles", None) or Role.values):
            out.append(path)
    return out


@pytest.mark.parametrize("role", Role.values)
def test_every_page_is_sound_in_a_browser(
    role: str,
    page_of: Callable[..., Any],
    client_of: Callable[[Member], Client],
    agreement: Version,
    cast: dict[str, Member],
    anouk: Person,
) -> None:
    member = cast[role]
    wide, narrow = page_of(member, color_scheme="dark"), page_of(member, viewport={"width": 390, "height": 844})
    there = [
        path for path in pages(role) if not path.startswith("/api/")
    ]  # what programs read is no page, nor is a verb
    shown = [path for path in there if client_of(member).get(path).status_code != 405]
    assert len(shown) >= 3
    for path in shown:
        assert wide.goto(path).status == 200, path
        narrow.goto(path)
        assert narrow.evaluate(STICKS_OUT) == [], f"{path} is wider than a phone"


def test_the_door_is_sound_in_a_browser(page_of: Callable[..., Any], transactional_db: None) -> None:
    page = page_of()
    assert page.goto("/").status == 200
    assert page.url.endswith("/sign-in/?next=/")
    assert page.get_by_role("button", name="Sign in").is_visible()


def test_a_trouble_in_the_browser_fails_a_test(page_of: Callable[..., Any], troubles: list[str]) -> None:
    page = page_of()
    page.goto("/sign-in/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')")
    page.evaluate("setTimeout(() => { throw Error('broken') })")
    page.wait_for_timeout(200)
    assert any("CSP" in t for t in troubles)
    assert any("broken" in t for t in troubles)
    troubles.clear()
