"""Every address is tried by a stranger and by every role that it does not let in. New ones join by existing."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from tilth.team.models import Member, Role

PUBLIC = {"sign-in", "sign-out", "join", "health"} | {
    "form-public", "form-script", "form-thanks",  # visitors of other websites fill forms in
    "confirm", "fetch", "link", "unsubscribe",  # whoever got the mail has the link, and nobody else
    "report-stop",  # whoever got the mail of a report may end it
    "calendar",  # a calendar program cannot sign in; the address holds a secret of its member
}  # fmt: skip
SAMPLES = {"int": "1", "str": "x", "slug": "x", "path": "x", "uuid": "00000000-0000-0000-0000-000000000000"}


def walk(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        path = before + sample(pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, path)
        else:
            yield path, pattern


def sample(pattern: URLPattern | URLResolver) -> str:
    """The address of a route with something believable for each of its parts."""
    route = str(pattern.pattern)
    for name, converter in pattern.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        route = route.replace(f"<{kind}:{name}>", SAMPLES[kind]).replace(f"<{name}>", SAMPLES[kind])
    return route


PAGES = list(walk(get_resolver().url_patterns))
CLOSED = [(path, pattern) for path, pattern in PAGES if pattern.name not in PUBLIC]
by_path = pytest.mark.parametrize(("path", "pattern"), CLOSED, ids=[path for path, _pattern in CLOSED])


@by_path
def test_the_sample_address_leads_to_its_page(path: str, pattern: URLPattern) -> None:
    assert resolve(path).func == pattern.callback


@by_path
def test_every_page_says_who_may_open_it(path: str, pattern: URLPattern) -> None:
    roles = getattr(pattern.callback, "roles", None)
    assert roles is not None, f"{path} is open to anybody: say @members(...)"
    assert set(roles) <= set(Role.values)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@by_path
def test_a_stranger_is_shown_the_door(path: str, pattern: URLPattern, method: str, charlie: Client) -> None:
    answer: Any = getattr(charlie, method)(path)
    if answer.status_code == 302:
        assert urlsplit(answer["Location"]).path == reverse(settings.LOGIN_URL)
    else:
        assert answer.status_code in (401, 404, 405)


@pytest.mark.parametrize("method", ["get", "post"])
@by_path
def test_a_page_that_a_role_may_not_see_is_not_there(
    path: str, pattern: URLPattern, method: str, cast: dict[str, Member], client_of: Callable[[Member], Client]
) -> None:
    let_in = getattr(pattern.callback, "roles", ()) or Role.values
    for role in set(Role.values) - set(let_in):
        answer: Any = getattr(client_of(cast[role]), method)(path)
        assert answer.status_code == 404, f"{role} got {answer.status_code}"
