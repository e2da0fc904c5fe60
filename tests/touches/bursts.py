"""What real mail scanners and real readers do with a mail, as its senders have described it.

Each is a list of (seconds after the mail was sent, which link, what it calls itself, network); "" as a link is an
opening, "hidden" the link that no reader sees. The mail has the links a to h.
"""

from datetime import datetime, timedelta

from tests.conftest import NOW
from tilth.core import evidence
from tilth.people import links
from tilth.people.models import Person
from tilth.touches.models import Evidence, Touch
from tilth.touches.record import key, record

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36"
)
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36"
EDGE = f"{CHROME} Edg/146.0.0.0"
OUTLOOK = "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0; Microsoft Outlook 16.0.17328; ms-office; MSOffice 16)"
OFFICE, AZURE, CLOUD, HOME = "203.0.113.0", "20.50.201.0", "198.51.100.0", "2001:db8:7::"
Done = tuple[float, str, str, str]

SCANNERS: dict[str, list[Done]] = {
    # mautic #8692: "instantly clicking every single link inside the email within 10 seconds of them getting it"
    "every link within ten seconds": [(1.5 + n, link, CHROME, CLOUD) for n, link in enumerate("abcdefgh")],
    # mautic #9798: about one second a link, the invisible one in the middle
    "one link a second, the hidden one in the middle": [
        *((30 + n, link, EDGE, AZURE) for n, link in enumerate("abcd")), (34, "hidden", EDGE, AZURE),
        *((35 + n, link, EDGE, AZURE) for n, link in enumerate("efgh")),
    ],
    # warmbly #410: one address of Microsoft's, an opening and a click, with two human-looking names, within a second
    "detonation before delivery": [(-2, "", OUTLOOK, AZURE), (-1.4, "a", CHROME, AZURE)],
    # mautic #16263: gateways fetch every link at delivery, from many addresses at once
    "many addresses at once": [
        (4 + n / 10, link, agent, f"198.51.{100 + n}.0")
        for n, (link, agent) in enumerate(zip("abcdefgh", [CHROME, EDGE, MAC, OUTLOOK] * 2, strict=True))
    ],
    # craft-campaign #546: "python-requests" among them
    "a library among browsers": [(5, "a", "python-requests/2.31", CLOUD), (9, "b", CHROME, AZURE), (17, "a", CHROME, AZURE)],
    "a filter that says so": [(3, "a", "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))", CLOUD)],
    "a filter's own network": [(40, "a", CHROME, "104.47.11.0"), (41, "b", CHROME, "104.47.12.0")],
    # Marketo: activities in the same second
    "two links in the same second": [(300, "c", CHROME, CLOUD), (300.2, "g", CHROME, CLOUD)],
    # one that takes its time: a link every four seconds, until it has seen all
    "slowly through all links": [(60 + 4 * n, link, CHROME, CLOUD) for n, link in enumerate("abcdefgh")],
    # one that hides behind long pauses, and falls for the hidden link at last
    "with long pauses": [(60, "a", CHROME, CLOUD), (100, "b", CHROME, CLOUD), (140, "hidden", CHROME, CLOUD)],
}  # fmt: skip

READERS: dict[str, list[Done]] = {
    "reads and follows a link": [(400, "", OUTLOOK, OFFICE), (460, "b", CHROME, OFFICE)],
    "opens and clicks at once": [(5_000, "", MAC, HOME), (5_000.3, "a", MAC, HOME)],
    "comes back the next day": [(3_000, "a", MAC, HOME), (90_000, "a", MAC, HOME), (90_400, "c", MAC, HOME)],
    "two links, one after the other": [(700, "a", CHROME, OFFICE), (703, "d", CHROME, OFFICE)],
    "a mail program that asks twice": [(700, "a", CHROME, OFFICE), (700.1, "a", CHROME, OFFICE)],
    "through a proxy of pictures": [(900, "", "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", "66.249.84.0")],
    # resend-node #901: one click, and a scanner's on the same link 12 seconds later. Nothing tells the two apart, and one
    # of them was a reader's: the link counts.
    "checked again after the click": [(600, "b", MAC, HOME), (612, "b", CHROME, "168.90.91.0")],
}  # fmt: skip


def mail_to(person: Person) -> None:
    """They get a mail with eight links and a hidden one."""
    for link in "abcdefgh":
        links.token(person, f"https://kasbouw.example/{link}", "spring")
    links.token(person, "https://kasbouw.example/hidden", "spring", hidden=True)


def happens(person: Person, done: Done, learned: datetime | None = None) -> Touch:
    """One thing that is done with the mail, as the door records it."""
    after, link, agent, network = done
    at = NOW + timedelta(seconds=after)
    machine = evidence.of_request(agent, network) or None
    marks = {"machine": machine, "agent": agent, "network": network, "hidden": link == "hidden" or None}
    said = evidence.marked({"mail": "spring", "link": link}, {k: v for k, v in marks.items() if v})
    touch, _new = record(
        "mail_click" if link else "mail_open", at, learned or at, person=person, evidence=Evidence.UNSETTLED,
        properties=said, url=f"https://kasbouw.example/{link}", key=key("test", repr((person.pk, done))),
    )  # fmt: skip
    return touch


def delivered(person: Person) -> None:
    record("track", NOW, NOW, person=person, event="Email Delivered", properties={"mail": "spring"})
