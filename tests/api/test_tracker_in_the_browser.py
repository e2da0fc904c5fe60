"""The tracker in a real Chromium: a small website on one port, Tilth on another."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.conftest import VIOLATIONS
from tests.serving import serving, tilth
from tilth.capture import understand
from tilth.capture.models import Received, Refusal, Source
from tilth.consent.models import Consent
from tilth.core.delivery import read
from tilth.people import links
from tilth.people.known import Told, keep
from tilth.people.models import Person, Telltale, Visitor
from tilth.team.models import Member
from tilth.touches.models import Evidence, Touch

from .conftest import KEY

pytestmark = pytest.mark.browser
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
STORED = "[document.cookie, localStorage.length, sessionStorage.length]"
NOTHING = ["", 0, 0]
PAGE = """<!doctype html><html><head><title>{title}</title>{head}
<script src="{tilth}/tilth-tracker.js" data-key="{key}" defer></script></head><body>
<a id="away" href="http://localhost:{port}/elsewhere?token=s3cret">Our partner</a>
<a id="file" href="/files/climate%20guide.pdf?sig=s3cret">Guide</a>
<a id="inside" href="/second">Second page</a>
<button id="yes" data-tilth-consent="true">Agree</button>
<form data-tilth-form="contact" action="/thanks"><input name="email"><input name="password" type="password">
<input name="csrf" type="hidden" value="s3cret"><input name="note" data-tilth-skip value="s3cret">
<input type="checkbox" name="topic" value="climate" checked><input type="checkbox" name="topic" value="water" checked>
<input type="checkbox" name="topic" value="energy"><textarea name="question"></textarea><button id="send">Send</button></form>
</body></html>"""


@pytest.fixture
def house(source: Source) -> Iterator[str]:
    """Tilth as it is served: ingest in front of the pages, each request on a thread of its own."""
    with serving(tilth("127.0.0.1")) as port:
        yield f"http://127.0.0.1:{port}"


@dataclass
class Website:
    """A small site with the tracker on every page; `head` and `title` can be changed, `open` opens a page of it."""

    url: str
    browser: Any
    troubles: list[str]
    head: str = ""
    title: str = "Climate control"
    contexts: list[Any] = field(default_factory=list)

    def open(self, path: str = "/", before: str = "") -> Any:
        context = self.browser.new_context(base_url=self.url, user_agent=DESKTOP)
        self.contexts.append(context)
        if before:
            context.add_init_script(before)
        page = context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)
        page.goto(path)
        return page


@pytest.fixture
def website(browser: Any, house: str, troubles: list[str]) -> Iterator[Website]:
    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            port = self.server.server_address[1]
            page = PAGE.format(title=site.title, head=site.head, tilth=house, key=KEY, port=port)
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Pages)) as port:
        site = Website(f"http://127.0.0.1:{port}", browser, troubles)
        yield site
        for context in site.contexts:
            context.close()


def arrived() -> list[Any]:
    """Every event so far, in the order of arrival."""
    return [e for r in Received.objects.order_by("id") for e in read(bytes(r.body), r.path, r.at)[0]]


def events() -> list[Any]:
    """What was done so far; that somebody agreed, or did not any more, is told apart."""
    return [e for e in arrived() if not e.name.startswith("Consent ")]


def consents(count: int) -> list[Any]:
    """Who agreed and who withdrew, once so many did."""
    end = time.monotonic() + 8
    while len(found := [e for e in arrived() if e.name.startswith("Consent ")]) < count and time.monotonic() < end:
        time.sleep(0.05)
    assert len(found) == count
    return found


def after(count: int, within: float = 8) -> list[Any]:
    """The events, once so many arrived."""
    end = time.monotonic() + within
    while len(found := events()) < count and time.monotonic() < end:
        time.sleep(0.05)
    assert len(found) == count, [(e.type, e.name) for e in found]
    return found


def understood() -> None:
    while understand.catch_up(datetime.now(UTC)):
        pass
    assert not Refusal.objects.exists()


def busy(page: Any) -> None:
    """Everything that the tracker could tell of, and time to send it."""
    page.evaluate("tilth.track('Demo Requested'); tilth.identify('u7', {email: 'anouk@zonneveldtomaten.example'})")
    page.evaluate("history.pushState({}, '', '/next')")
    page.fill("textarea", "How much?")
    page.click("#send")
    page.wait_for_url("**/thanks**")
    page.wait_for_timeout(1_500)


def test_before_consent_there_is_no_cookie_no_storage_no_id_and_not_one_request(website: Website) -> None:
    page = website.open("/?utm_source=linkedin")
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "/v1/" in r.url else None)
    busy(page)
    assert page.evaluate(STORED) == NOTHING
    assert page.context.cookies() == []
    assert (asked, Received.objects.count()) == ([], 0)


def test_who_agrees_is_a_visitor_and_a_person_once_they_say_so(website: Website) -> None:
    page = website.open("/?utm_source=linkedin&utm_medium=social&utm_campaign=spring&email=a@b.example&gclid=G1")
    assert page.evaluate("tilth.consent(true)") is True
    after(1)
    understood()
    visit = Touch.objects.get()
    assert (visit.kind, visit.person, visit.evidence) == ("page", None, Evidence.ANONYMOUS)
    assert (visit.source, visit.medium, visit.campaign.name) == ("linkedin", "social", "spring")
    assert visit.url == f"{website.url}/?utm_source=linkedin&utm_medium=social&utm_campaign=spring&gclid=G1"
    page.evaluate("tilth.identify('u7', {email: 'Anouk@zonneveldtomaten.example', firstName: 'Anouk'})")
    page.evaluate("tilth.track('Demo Requested', {product: 'Climate'})")
    after(3)
    understood()
    anouk = Person.objects.get()
    assert anouk.first_name == "Anouk"
    assert Visitor.objects.get(browser=None).person == anouk
    assert {(t.kind, t.person, t.source) for t in Touch.objects.all()} == {
        ("page", anouk, "linkedin"),
        ("form", anouk, "linkedin"),
    }
    assert page.context.cookies() == []


def test_agreeing_is_told_first_with_what_was_read_and_is_no_touch(website: Website) -> None:
    page = website.open("/?utm_source=fair")
    page.evaluate("tilth.consent(true, {text: 'We recognise you on this site.'})")
    after(1)
    first, second = arrived()
    assert (first.name, second.type) == ("Consent Given", "page")
    told = {"purpose": "tracking", "text": "We recognise you on this site.", "page": f"{website.url}/?utm_source=fair"}
    assert first.properties == told
    understood()
    consent = Consent.objects.get()
    assert (consent.act, consent.purpose, consent.text) == ("given", "tracking", told["text"])
    assert consent.visitor == Visitor.objects.get()
    assert Touch.objects.get().kind == "page"


def test_a_button_tells_its_words(website: Website) -> None:
    page = website.open()
    page.evaluate("document.getElementById('yes').dataset.tilthText = 'Yes, recognise me'")
    page.click("#yes")
    assert consents(1)[0].properties["text"] == "Yes, recognise me"


def test_withdrawing_is_the_last_that_is_heard_of_a_visitor(website: Website) -> None:
    page = website.open()
    page.click("#yes")
    after(1)
    page.evaluate("tilth.track('Secret'); tilth.consent(false); tilth.consent(false)")
    given, withdrawn = consents(2)
    assert withdrawn.name == "Consent Withdrawn"
    assert given.anonymous_id == withdrawn.anonymous_id
    assert page.evaluate(STORED) == NOTHING
    understood()
    assert list(Consent.objects.order_by("at").values_list("act", flat=True)) == ["given", "withdrawn"]


def test_another_purpose_is_told_and_changes_nothing_about_the_tracker(website: Website) -> None:
    page = website.open()
    assert page.evaluate("tilth.consent(true, {purpose: 'mail', text: 'News by mail'})") is False
    page.click("#yes")
    assert page.evaluate("tilth.consent(true, {purpose: 'mail', text: 'News by mail'})") is True
    assert page.evaluate("tilth.consent(false, {purpose: 'mail'})") is True
    assert [(e.name, e.properties["purpose"]) for e in consents(3)] == [
        ("Consent Given", "tracking"), ("Consent Given", "mail"), ("Consent Withdrawn", "mail"),
    ]  # fmt: skip


def test_an_id_lasts_from_page_to_page_and_so_does_the_campaign(website: Website) -> None:
    page = website.open("/?gclid=G1")
    page.click("#yes")
    page.click("#inside")
    page.wait_for_url("**/second")
    first, second = after(2)
    assert first.anonymous_id == second.anonymous_id != ""
    assert second.properties["referrer"] == f"{website.url}/?gclid=G1"
    understood()
    assert set(Touch.objects.values_list("source", "medium")) == {("google", "cpc")}


def test_who_was_named_before_agreeing_is_told_after_it_and_what_was_done_is_not(website: Website) -> None:
    page = website.open()
    page.evaluate("tilth.track('Video Played'); tilth.identify('u7')")
    page.evaluate("tilth.consent(true)")
    assert sorted(e.type for e in after(2)) == ["identify", "page"]


def test_a_personal_link_leaves_the_address_at_once_and_is_told_after_consent(website: Website) -> None:
    page = website.open("/prices?plan=a%20b&tilth=1z.sig_-9&utm_source=mail#top")
    assert page.url == f"{website.url}/prices?plan=a%20b&utm_source=mail#top"
    assert page.evaluate(STORED) == NOTHING
    page.evaluate("tilth.consent(true); tilth.track('Looked')")
    told = after(2)
    assert [e.context["link"] for e in told] == ["1z.sig_-9"] * 2
    assert not any("1z.sig" in json.dumps(e.context["page"]) for e in told)
    page.goto("/")
    assert "link" not in after(3)[-1].context


def test_who_follows_a_link_in_a_mail_is_recognised_once_they_agree(website: Website, house: str) -> None:
    now = datetime.now(UTC)
    anouk, _new = keep(Told(emails=["anouk@zonneveldtomaten.example"]), now, "form")
    Telltale.objects.create(kind="site", value="127.0.0.1", at=now)
    mail = links.personal(f'<p><a href="{website.url}/prices">Prices</a></p>', anouk, "spring", house)
    first = re.findall(r'href="([^"]+)"', mail)[0]
    page = website.open(first)
    assert page.url == f"{website.url}/prices"
    click = Touch.objects.get()
    assert (click.person, click.kind, click.evidence) == (anouk, "mail_click", Evidence.UNSETTLED)
    page.evaluate("tilth.consent(true)")
    after(1)
    understood()
    visit = Touch.objects.get(kind="page")
    assert (visit.person, visit.evidence) == (anouk, Evidence.OBSERVED)
    assert "tilth=" not in visit.url
    page.goto("/")
    after(2)
    understood()
    assert set(Touch.objects.values_list("person", flat=True)) == {anouk.pk}


def test_another_user_at_the_browser_did_not_come_by_that_link(website: Website) -> None:
    page = website.open("/?tilth=1z.sig")
    assert page.url == f"{website.url}/"
    page.evaluate("tilth.consent(true); tilth.identify('u1'); tilth.identify('u2')")
    assert [e.context.get("link") for e in after(3)] == ["1z.sig", "1z.sig", None]


def test_withdrawing_forgets_the_id_and_drops_what_waits_in_every_tab(website: Website) -> None:
    page = website.open()
    page.click("#yes")
    after(1)
    other = page.context.new_page()
    other.goto(f"{website.url}/other")
    after(2)
    page.evaluate("tilth.track('Secret'); tilth.consent(false)")
    assert page.evaluate(STORED) == NOTHING
    other.wait_for_function("!tilth.track('Secret')")
    other.close()
    page.reload()
    page.wait_for_timeout(1_500)
    assert [e.type for e in events()] == ["page", "page"]


def test_the_same_question_asked_on_every_page_changes_nobody(website: Website) -> None:
    website.head = "<script>(window.tilth = window.tilth || []).push(['consent', true])</script>"
    page = website.open()
    page.goto("/second")
    page.goto("/third")
    assert len({e.anonymous_id for e in after(3)}) == 1


@pytest.mark.parametrize(
    "signal",
    [
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})",
        "Object.defineProperty(Navigator.prototype, 'doNotTrack', {get: () => '1'})",
    ],
    ids=["global privacy control", "do not track"],
)
def test_a_browser_that_says_no_is_never_followed(website: Website, signal: str) -> None:
    before = f"{signal}; localStorage.setItem('tilth', '{json.dumps({'id': 'old'})}')"
    page = website.open(before=before)
    assert page.evaluate("localStorage.length") == 0, "the id of earlier times is gone"
    assert page.evaluate("tilth.consent(true)") is False
    busy(page)
    assert page.context.cookies() == []
    assert Received.objects.count() == 0


def test_a_single_page_site_has_as_many_views_as_pages(website: Website) -> None:
    page = website.open("/?q=my-name")
    page.click("#yes")
    for step in (
        "history.pushState({}, '', '/prices'); document.title = 'Prices'",
        "history.replaceState({scroll: 9}, '', '/prices')",
        "history.pushState({}, '', '/prices?sort=up')",
        "location.hash = '#/plans?token=s3cret'",
        "location.hash = '#top'",
        "history.go(-4)",
    ):
        page.evaluate(step)
        page.wait_for_timeout(120)
    told = [(e.properties["url"].removeprefix(website.url), e.properties["title"]) for e in after(5)]
    assert [url for url, _ in told] == ["/", "/prices", "/prices#/plans", "/prices", "/"]
    assert told[1] == ("/prices", "Prices")
    assert "s3cret" not in str(told)


def test_clicks_on_files_and_to_elsewhere_are_told_without_what_is_secret(website: Website) -> None:
    page = website.open()
    page.click("#yes")
    page.click("#file", modifiers=["Control"])
    page.click("#away", button="middle")
    page.click("#inside", modifiers=["Control"])
    found = {e.name: e.properties for e in events_of(page, "track", 2)}
    assert found["File Downloaded"] == {"file": "climate guide.pdf", "href": f"{website.url}/files/climate%20guide.pdf"}
    assert found["Outbound Clicked"]["text"] == "Our partner"
    understood()
    download = Touch.objects.get(kind="download")
    assert (download.offer.name, download.evidence) == ("climate guide.pdf", Evidence.ANONYMOUS)
    assert not any(b"s3cret" in bytes(r.body) for r in Received.objects.all())


def events_of(page: Any, kind: str, count: int) -> list[Any]:
    """The events of one type, once so many arrived: other tabs may tell of their pages meanwhile."""
    for _ in range(100):
        if len(found := [e for e in events() if e.type == kind]) == count:
            return found
        page.wait_for_timeout(50)
    raise AssertionError([(e.type, e.name) for e in events()])


def test_a_marked_form_makes_a_person_and_tells_only_what_was_typed_for_us(website: Website) -> None:
    page = website.open("/?utm_source=fair")
    page.click("#yes")
    page.fill("[name=email]", "anouk@zonneveldtomaten.example")
    page.fill("[name=password]", "s3cret")
    page.fill("textarea", "How much?")
    page.click("#send")
    form = events_of(page, "track", 1)[0]
    assert form.properties == {
        "email": "anouk@zonneveldtomaten.example",
        "topic": "climate, water",
        "question": "How much?",
        "form": "contact",
    }
    understood()
    touch = Touch.objects.get(kind="form")
    assert (touch.offer.name, touch.source, touch.evidence) == ("Contact", "fair", Evidence.DECLARED)
    assert Visitor.objects.get(browser=None).person == touch.person
    assert not any(b"s3cret" in bytes(r.body) for r in Received.objects.filter(pk=1))


@pytest.mark.parametrize("beacon", [True, False], ids=["sendBeacon", "fetch"])
def test_what_waits_is_sent_on_leaving(website: Website, beacon: bool) -> None:
    before = "" if beacon else "Object.defineProperty(Navigator.prototype, 'sendBeacon', {value: () => false})"
    page = website.open(before=before)
    page.evaluate("tilth.consent(true)")
    page.evaluate("for (let i = 0; i < 30; i++) tilth.track('Step ' + i, {text: 'x'.repeat(1000)})")
    page.evaluate("location.href = 'about:blank'")
    page.wait_for_url("about:blank")
    names, end = set[str](), time.monotonic() + 8
    while len(names) < 31 and time.monotonic() < end:
        names = {e.name for e in events()}
    assert names == {"", *(f"Step {i}" for i in range(30))}
    time.sleep(0.5)  # what was on its way when the page went may be said twice: the message ids are the same
    understood()
    assert Touch.objects.count() == 31


@pytest.mark.parametrize(("first", "taken"), [([503, 429], {"", "Once"}), ([400], set())], ids=["later", "never"])
def test_what_was_not_taken_is_sent_again_when_that_can_help(
    website: Website, first: list[int], taken: set[str]
) -> None:
    page = website.open()
    statuses, cors = iter(first), {"Access-Control-Allow-Origin": "*"}
    page.route(
        "**/v1/batch", lambda r: r.fulfill(status=s, headers=cors) if (s := next(statuses, 0)) else r.continue_()
    )
    page.evaluate("tilth.consent(true); tilth.track('Once')")
    page.wait_for_timeout(9_000)
    assert {e.name for e in events()} == taken
    assert next(statuses, None) is None
    website.troubles.clear()  # Chromium tells its console of each refusal


def test_two_people_at_one_device_are_two_visitors(website: Website) -> None:
    page = website.open()
    page.click("#yes")
    page.evaluate("tilth.identify('u1', {email: 'a@kas.example'}); tilth.track('One')")
    page.evaluate("tilth.identify('u2', {email: 'b@kas.example'}); tilth.track('Two')")
    page.evaluate("tilth.reset(); tilth.track('Three')")
    after(6)
    understood()
    told = {t.event: t.person and t.person.emails.get().address for t in Touch.objects.exclude(event="")}
    assert told == {"One": "a@kas.example", "Two": "b@kas.example", "Three": None}
    assert Visitor.objects.filter(browser=None).count() == 3


def test_a_site_is_not_broken_by_what_it_gives_us(website: Website) -> None:
    page = website.open()
    page.click("#yes")
    page.evaluate("const a = {}; a.a = a; tilth.track('Round', a); tilth.track('Large', {text: 'é'.repeat(90000)})")
    page.evaluate("tilth.identify(null, {company: 'Kas'}); tilth.track('Fine')")
    assert [e.name for e in events_of(page, "track", 2)] == ["Large", "Fine"]


HOSTILE = '<img src=x onerror="document.body.dataset.hacked=1"></script><script>document.body.dataset.hacked=1</script>'


def test_hostile_titles_and_campaigns_are_only_words_on_our_pages(
    website: Website, house: str, source: Source, eva: Member
) -> None:
    page = website.open("/")
    page.evaluate(
        "h => { document.title = h; history.replaceState({}, '', '/?utm_source=' + encodeURIComponent(h)) }", HOSTILE
    )
    page.wait_for_timeout(120)
    page.evaluate(
        "h => { tilth.consent(true); tilth.track(h, {product: h}); tilth.identify('u7', {firstName: h}) }", HOSTILE
    )
    after(3)
    understood()
    ours = at_home(website, house, eva)
    for path in (f"/sources/{source.pk}/tracker/", "/sources/", f"/people/{Person.objects.get().pk}/"):
        ours.goto(house + path)
        assert ours.evaluate("document.body.dataset.hacked") is None, path
    ours.goto(f"{house}/sources/{source.pk}/tracker/")
    assert ours.locator("#live").inner_text().count("<img src=x") >= 2


def at_home(website: Website, house: str, member: Member) -> Any:
    """A page of Tilth, signed in; what its Content-Security-Policy refuses is a trouble."""
    client = Client()
    client.force_login(member)
    page = website.open("/thanks", before=VIOLATIONS)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": house}])
    return page


def test_the_page_of_a_source_shows_live_what_arrives_and_can_be_tried_itself(
    website: Website, house: str, source: Source, eva: Member, agreement: Any
) -> None:
    ours = at_home(website, house, eva)
    ours.goto(f"{house}/sources/")
    ours.get_by_role("link", name="Tracker of Website").click()
    assert f'src="{house}/tilth-tracker.js" data-key="{KEY}"' in ours.input_value("#snippet")
    assert "Nothing yet" in ours.locator("#live").inner_text()
    ours.get_by_role("button", name="I agree").click()
    ours.locator("#live").get_by_text("waits to be read").first.wait_for(timeout=8_000)
    ours.locator("#live").get_by_text("Consent Given").wait_for(timeout=8_000)
    ours.get_by_role("link", name="Come from a campaign").click()
    ours.fill("#question", "How much?")
    ours.get_by_role("button", name="Send the form").click()
    ours.locator("#live").get_by_text("Form Submitted").wait_for(timeout=8_000)
    understood()
    ours.locator("#live").get_by_text("understood").first.wait_for(timeout=8_000)
    assert "test · link · try-out" in ours.locator("#live").inner_text()
    ours.get_by_role("button", name="I withdraw").click()
    assert ours.evaluate("localStorage.tilth || sessionStorage.tilth || null") is None
