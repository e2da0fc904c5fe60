"""No page leads its reader to one that they may not see: every link on every page, followed by every role."""

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape

import pytest
from django.test import Client

from tests.house.test_in_the_browser import pages
from tilth.agreement.models import Version
from tilth.handoff.verbs import hand_off
from tilth.people.models import Person
from tilth.team.models import Member, Role


def dead_ends(client: Client, begin: list[str]) -> set[str]:
    """ "where -> whereto" of what ends in 404: these pages, their links, and the links one step further."""
    found, seen, todo = set(), set(begin), [("", path, 0) for path in begin]
    while todo:
        where, path, steps = todo.pop(0)
        answer = client.get(path)
        if answer.status_code == 404:
            found.add(f"{where} -> {path}")
        if steps > 1 or answer.status_code != 200 or answer.streaming or "html" not in answer["Content-Type"]:
            continue
        for link in map(unescape, re.findall(r'<a [^>]*href="(/[^"#]*)', answer.content.decode())):
            if link not in seen and not link.startswith("/static/"):
                seen.add(link)
                todo.append((path, link, steps + 1))
    return found


@pytest.mark.parametrize("role", Role.values)
def test_an_empty_tilth_has_no_dead_ends(
    role: str, client_of: Callable[[Member], Client], cast: dict[str, Member]
) -> None:
    assert dead_ends(client_of(cast[role]), pages(role)) == set()


@pytest.mark.parametrize("role", Role.values)
def test_a_lead_on_its_way_has_no_dead_ends(
    role: str,
    client_of: Callable[[Member], Client],
    agreement: Version,
    cast: dict[str, Member],
    anouk: Person,
    now: datetime,
) -> None:
    assert hand_off(anouk, now, by=cast["sales"], owner=cast["sales"]).row
    assert dead_ends(client_of(cast[role]), [*pages(role), f"/people/{anouk.pk}/"]) == set()
