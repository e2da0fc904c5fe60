"""The door of personal links: clicks are written down, readers sent on, nobody is led elsewhere."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from tests.touches.bursts import SCANNERS
from tests.web.conftest import Clock
from tilth.core import evidence
from tilth.people import links
from tilth.people.models import Person, Telltale
from tilth.touches import settling
from tilth.touches.models import Evidence, Touch

from .conftest import BROWSER

PRICES = "https://www.kasbouw.example/prices"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36"
)


@pytest.fixture
def token(anouk: Person) -> str:
    return links.token(anouk, PRICES, "spring")


def test_a_click_is_written_down_and_its_reader_sent_on(
    token: str, anouk: Person, charlie: Client, clock: Clock
) -> None:
    answer = charlie.get(f"/l/{token}", REMOTE_ADDR="198.51.100.77", **BROWSER)
    assert (answer.status_code, answer["Location"], answer["Cache-Control"]) == (302, PRICES, "no-store")
    touch = Touch.objects.get()
    assert (touch.person, touch.kind, touch.url, touch.evidence) == (anouk, "mail_click", PRICES, Evidence.UNSETTLED)
    assert touch.properties["mail"] == "spring"
    assert evidence.marks_of(touch.properties) == {"agent": BROWSER["HTTP_USER_AGENT"], "network": "198.51.100.0"}
    settling.catch_up(clock.at + timedelta(minutes=1))
    touch.refresh_from_db()
    assert touch.evidence == Evidence.OBSERVED


def test_on_a_website_of_ours_the_tracker_gets_the_token(token: str, charlie: Client, now) -> None:
    Telltale.objects.create(kind="site", value="kasbouw.example", at=now)
    assert charlie.get(f"/l/{token}", **BROWSER)["Location"] == f"{PRICES}?tilth={token}"


def test_who_only_looks_clicks_nothing(token: str, charlie: Client) -> None:
    assert charlie.head(f"/l/{token}", **BROWSER)["Location"] == PRICES
    assert charlie.get(f"/l/{token}", HTTP_SEC_PURPOSE="prefetch;prerender", **BROWSER).status_code == 302
    assert charlie.post(f"/l/{token}", **BROWSER).status_code == 405
    assert not Touch.objects.exists()


def test_two_requests_of_one_click_are_one_touch(token: str, charlie: Client, clock: Clock) -> None:
    for _ in range(2):
        charlie.get(f"/l/{token}", **BROWSER)
    assert Touch.objects.count() == 1
    clock.at += timedelta(seconds=5)
    charlie.get(f"/l/{token}", **BROWSER)
    assert Touch.objects.count() == 2


@pytest.mark.parametrize("token", ["x", "1.x", "1z.", "..", "https:evil.example", "%00", "a" * 500])
def test_a_link_that_we_did_not_make_leads_nowhere(token: str, db: None, charlie: Client) -> None:
    answer = charlie.get(f"/l/{token}", **BROWSER)
    assert answer.status_code == 404
    assert b"leads nowhere" in answer.content


def test_machines_and_colleagues_are_sent_on_too_and_count_for_nothing(
    token: str, anouk: Person, charlie: Client, clock: Clock
) -> None:
    Telltale.objects.create(kind="network", value="192.0.2.0/24", at=clock.at)
    seen = {
        "bot": {"HTTP_USER_AGENT": "python-requests/2.31"},
        "scanner": {"HTTP_USER_AGENT": "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))"},
        "colleague": {"HTTP_USER_AGENT": CHROME, "REMOTE_ADDR": "192.0.2.9"},
    }
    for headers in ({}, *seen.values()):
        assert charlie.get(f"/l/{token}", **headers)["Location"] == PRICES
        clock.at += timedelta(hours=1)
    settling.catch_up(clock.at)
    told = [evidence.marks_of(t.properties)["machine"] for t in Touch.objects.order_by("at")]
    assert told == ["bot", *seen]
    assert set(Touch.objects.values_list("evidence", flat=True)) == {Evidence.MACHINE}


@pytest.mark.parametrize("name", [n for n, done in SCANNERS.items() if any(d[1] == "hidden" for d in done)])
def test_a_scanner_in_a_real_mail_falls_for_the_hidden_link(
    name: str, anouk: Person, charlie: Client, clock: Clock, client_of: Callable
) -> None:
    mail = "".join(f'<p><a href="https://www.kasbouw.example/{link}">{link}</a></p>' for link in "abcdefgh")
    links.personal(mail, anouk, "spring")
    start = clock.at
    for after, link, agent, network in SCANNERS[name]:
        clock.at = start + timedelta(seconds=after)
        url, hidden = f"https://www.kasbouw.example/{'a' if link == 'hidden' else link}", link == "hidden"
        token = links.token(anouk, url, "spring", hidden)
        assert charlie.get(f"/l/{token}", HTTP_USER_AGENT=agent, REMOTE_ADDR=network)["Location"] == url
        settling.catch_up(clock.at)
    settling.catch_up(clock.at + timedelta(minutes=1))
    assert set(Touch.objects.values_list("evidence", flat=True)) == {Evidence.MACHINE}
