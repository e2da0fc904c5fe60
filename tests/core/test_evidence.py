"""Who is a machine: by name, by place, and by what several clicks show together."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilth.core import evidence
from tilth.core.delivery import Event
from tilth.core.evidence import ANONYMOUS, DECLARED, MACHINE, OBSERVED, UNSETTLED, Hit, Known, of_event, scanned

AT = datetime(2026, 6, 16, 8, 40, tzinfo=UTC)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
PEOPLE = [
    CHROME,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0",
    "Mozilla/5.0 (Linux; Android 14; CUBOT X50) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/129.0 Mobile Safari/537.36 GSA/15.3",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 LinkedInApp",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "",
]
MACHINES = {
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": "bot",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36": "bot",
    "Mozilla/5.0 (compatible; SomebodysNewBot/1.0)": "bot",
    "python-requests/2.31": "bot",
    "curl/8.1": "bot",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5": "bot",
    "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)": "monitor",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Safari/537.36 DatadogSynthetics": "monitor",
    "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)": "monitor",
    "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))": "scanner",
    f"{CHROME} Proofpoint": "scanner",
}


def event(properties: dict[str, Any] | None = None, **context: Any) -> Event:
    return Event(0, "track", "m", AT, anonymous_id="a", name="x", properties=properties or {}, context=context)


@pytest.mark.parametrize("agent", PEOPLE)
def test_what_people_use_is_no_machine(agent: str) -> None:
    assert evidence.by_agent(agent) == ""


@pytest.mark.parametrize(("agent", "kind"), MACHINES.items())
def test_machines_are_known_by_what_they_call_themselves(agent: str, kind: str) -> None:
    assert evidence.by_agent(agent) == kind
    assert of_event(event(userAgent=agent), "page", 1) == (MACHINE, {"machine": kind})


def test_who_did_it_says_how_sure_we_are() -> None:
    assert of_event(event(), "page", None) == (ANONYMOUS, {})
    assert of_event(event(), "page", 7) == (OBSERVED, {})
    assert of_event(event(), "form", 7) == (OBSERVED, {})
    assert of_event(event({"email": "a@b.nl"}), "form", 7) == (DECLARED, {})
    assert of_event(event({"email": "a@b.nl"}), "track", 7) == (OBSERVED, {})


@pytest.mark.parametrize("agent", ["python-requests/2.31", "analytics-python/2.3.2", "Go-http-client/1.1", "curl/8.1"])
def test_a_library_that_tells_of_a_customer_is_not_the_customer(agent: str) -> None:
    """Servers send what their users did; their own name and network say nothing about these."""
    known = Known(networks=(ip_network("203.0.113.0/24"),))
    assert of_event(event(), "page", 7, "203.0.113.0", agent, known) == (OBSERVED, {})


def test_a_browser_speaks_for_itself() -> None:
    known = Known(networks=(ip_network("203.0.113.0/24"),))
    assert of_event(event(), "page", 7, "203.0.113.0", CHROME, known).marks == {"machine": "colleague"}
    headless = CHROME.replace("Chrome/", "HeadlessChrome/")
    assert of_event(event(), "page", 7, "", headless).marks == {"machine": "bot"}
    assert of_event(event(userAgent=CHROME), "page", 7, "", headless).evidence == OBSERVED  # the event knows better


def test_our_own_people_are_known_by_place_by_person_and_by_address() -> None:
    known = Known(
        networks=(ip_network("2001:db8:1::/48"),), colleagues=frozenset({7}), domains=frozenset({"kasbouw.example"})
    )
    for judged in (
        of_event(event(ip="2001:db8:1::5"), "page", 1, known=known),
        of_event(event(), "page", 7, known=known),
        of_event(event({"email": "bob@kasbouw.example"}), "form", 1, known=known),
    ):
        assert judged == (MACHINE, {"machine": "colleague"})
    assert of_event(event({"email": "bob@notkasbouw.example"}), "form", 1, known=known).evidence == DECLARED


def test_a_house_may_know_more_machines() -> None:
    known = Known(agents=("ourprobe",), scanners=(ip_network("198.51.100.0/24"),))
    assert evidence.of_request("Mozilla/5.0 OurProbe/2", "", known) == "bot"
    assert evidence.of_request(CHROME, "198.51.100.0", known) == "scanner"


@pytest.mark.parametrize("network", ["40.93.31.7", "104.47.0.0", "2a01:111:f403::", "209.222.82.0"])
def test_networks_of_mail_filters_are_known(network: str) -> None:
    assert evidence.of_request(CHROME, network) == "scanner"
    assert evidence.of_request(CHROME, "40.94.31.0") == ""  # Microsoft's too, and nobody's filter


def test_a_caller_without_a_name_is_no_browser() -> None:
    assert evidence.of_request("", "192.0.2.0") == "bot"
    assert evidence.of_request(CHROME, "192.0.2.0") == ""


@pytest.mark.parametrize("kind", ["mail_click", "mail_open"])
def test_what_is_done_with_a_mail_waits_for_what_else_happens(kind: str) -> None:
    judged = of_event(event(userAgent="python-requests/2.31", ip="198.51.100.77"), kind, 7)
    assert judged.evidence == UNSETTLED
    assert judged.marks == {"machine": "bot", "agent": "python-requests/2.31", "network": "198.51.100.0"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("203.0.113.0/28", "203.0.113.0/24"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        (" 203.0.113.7/24 ", "203.0.113.0/24"),
        ("203.0.113", None),
        ("203.0.113.0/x", None),
        ("kasbouw.example", None),
        ("", None),
    ],
)
def test_a_network_is_read_as_people_write_it(written: str, meant: str | None) -> None:
    found = evidence.network(written)
    assert (str(found) if found else None) == meant


# What several clicks show together


def clicks(*told: tuple[float, str], **each: Any) -> list[Hit]:
    return [Hit(n, AT + timedelta(seconds=s), link, **each) for n, (s, link) in enumerate(told)]


def test_a_reader_follows_a_link() -> None:
    assert scanned(clicks((0, "a"))) == {}
    assert scanned(clicks((0, "a"), (2, "a"), (40, "b"), (90, "c"))) == {}


def test_a_reader_follows_one_link_twice_at_once() -> None:
    """Some mail programs ask twice."""
    assert scanned(clicks((0, "a"), (0.2, "a"))) == {}


def test_a_reader_opens_and_clicks_at_once() -> None:
    assert scanned(clicks((0, ""), (0.1, "a"))) == {}


def test_two_links_at_once_are_no_readers_doing() -> None:
    assert scanned(clicks((0, "a"), (1, "b"))) == {0: "fast", 1: "fast"}
    assert scanned(clicks((0, "a"), (1.5, "b"))) == {}


def test_three_links_with_no_time_to_read_are_no_readers_doing() -> None:
    assert set(scanned(clicks((0, "a"), (3, "b"), (6, "c")))) == {0, 1, 2}
    assert scanned(clicks((0, "a"), (4, "b"), (8, "c"))) == {}


def test_who_follows_every_link_is_no_reader() -> None:
    slow = clicks((0, "a"), (9, "b"), (18, "c"), (27, "d"))
    assert scanned(slow, links=4) == dict.fromkeys(range(4), "all")
    assert scanned(slow, links=5) == {}
    assert scanned(clicks((0, "a"), (9, "b")), links=2) == {}


def test_a_hidden_link_gives_the_whole_burst_away() -> None:
    hits = [*clicks((0, "a"), (8, "b")), Hit(9, AT + timedelta(seconds=12), "h", hidden=True)]
    assert scanned(hits) == {0: "hidden", 1: "hidden", 9: "hidden"}
    assert scanned([*hits, Hit(10, AT + timedelta(minutes=5), "a", agent=CHROME)]).keys() == {0, 1, 9}


def test_who_followed_a_hidden_link_is_known_again() -> None:
    same = {"agent": CHROME, "network": "198.51.100.0"}
    later = Hit(2, AT + timedelta(minutes=9), "a", **same)
    assert scanned([Hit(1, AT, "h", hidden=True, **same), later]) == {1: "hidden", 2: "same"}
    assert scanned([Hit(1, AT, "h", hidden=True, agent=CHROME), later]) == {1: "hidden"}


def test_a_machine_that_says_so_gives_the_whole_burst_away() -> None:
    hits = [Hit(1, AT, "a", machine="scanner"), Hit(2, AT + timedelta(seconds=4), "b", agent=CHROME)]
    assert scanned(hits) == {1: "named", 2: "named"}


def test_nobody_reads_a_mail_before_it_is_there() -> None:
    there = AT + timedelta(milliseconds=700)
    assert scanned(clicks((0, "a")), delivered=there) == {0: "early"}
    assert scanned(clicks((0.9, "a")), delivered=there) == {0: "early"}
    assert scanned(clicks((1, "a")), delivered=there) == {}


HITS = st.lists(
    st.builds(
        Hit,
        id=st.integers(0, 10**6),
        at=st.integers(0, 60_000).map(lambda ms: AT + timedelta(milliseconds=ms * 5)),
        link=st.sampled_from(["", "a", "b", "c", "d"]),
        hidden=st.sampled_from([False] * 9 + [True]),
        machine=st.sampled_from([""] * 9 + ["bot"]),
        agent=st.sampled_from(["", "x", "y"]),
        network=st.sampled_from(["", "n", "m"]),
    ),
    max_size=12,
    unique_by=lambda h: h.id,
)


@given(HITS, st.data(), st.integers(0, 5))
def test_more_that_is_known_never_makes_a_human_of_a_machine(hits: list[Hit], data: st.DataObject, links: int) -> None:
    some = data.draw(st.lists(st.sampled_from(hits), unique_by=lambda h: h.id)) if hits else []
    assert scanned(some, links, AT).keys() <= scanned(hits, links, AT).keys()


@given(HITS, st.randoms())
def test_the_order_of_arrival_says_nothing(hits: list[Hit], random: Any) -> None:
    shuffled = list(hits)
    random.shuffle(shuffled)
    assert scanned(shuffled, 3) == scanned(hits, 3)


@pytest.mark.parametrize(
    ("said", "mail", "link"),
    [
        ({"mail": "spring", "link": 12}, "spring", "12"),
        ({"campaign_id": 7, "href": "https://a.example"}, "7", "https://a.example"),
        ({"subject": "Hello", "link_url": "https://b.example"}, "Hello", "https://b.example"),
        ({}, "", "https://page.example"),
        ({"mail": {"id": 1}}, "", "https://page.example"),
    ],
)
def test_the_mail_and_the_link_are_told_in_many_words(said: dict[str, Any], mail: str, link: str) -> None:
    assert evidence.mail_of(said) == mail
    assert evidence.link_of(said, "https://page.example") == link
