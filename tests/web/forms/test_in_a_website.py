"""A form from its making to the download, in Chromium: built by Ann, put into a website of another origin, filled in there,
confirmed and fetched by mail. Every field and every mark of the campaign carries what would run if it could."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

import pytest

from tilth import conveyor
from tilth.agreement.models import Version
from tilth.consent.models import Consent, Purpose, may
from tilth.forms.models import Form, Submission
from tilth.notify.models import Message
from tilth.people.models import Person, Visitor
from tilth.team.models import Member
from tilth.touches.models import Evidence, Touch
from tilth.web.forms import typed

pytestmark = pytest.mark.browser
EVIL = "\"'><img src=x onerror=hacked=1><script>hacked=1</script><svg/onload=hacked=1>{{7*7}}"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
AGREED = "localStorage.setItem('tilth', JSON.stringify({id: 'visitor-of-the-site'}))"
RAN = "typeof hacked == 'undefined' ? [] : [location.href]"


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Any) -> None:
    settings.HOME = tmp_path


@pytest.fixture
def website() -> Iterator[dict[str, str]]:
    """A site on a port of its own; "head" is what its pages hold, "url" where it is."""
    site: dict[str, str] = {"body": ""}

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = f'<!doctype html><html lang="en"><title>Site</title><link rel="icon" href="data:,"><body><h1>LED</h1>{site["body"]}</body></html>'
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        site["url"] = f"http://127.0.0.1:{server.server_address[1]}"
        yield site
        server.shutdown()
        thread.join()


def build(page: Any, origin: str, tmp_path: Any) -> Form:
    """What Ann does in the builder."""
    page.goto("/forms/")
    page.fill("[name=name]", f"E-book {EVIL}")
    page.get_by_role("button", name="Make it").click()
    page.wait_for_url("**/edit/")
    page.select_option("#kind", "text")
    page.get_by_role("button", name="Add it").click()
    page.fill("#field-4-label-en", f"Hectares {EVIL}")
    page.fill("#title-en", f"LED light {EVIL}")
    page.fill("#offer", f"led {EVIL}")
    page.fill("#thanks-en", f"Enjoy. {EVIL}")
    page.fill("#origins", origin)
    page.locator("#preview h1", has_text="LED light").wait_for()
    page.get_by_role("button", name="Keep it and show it").click()
    page.locator("#file").wait_for()
    file = tmp_path / "LED light.pdf"
    file.write_bytes(b"%PDF-1.7 light")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Send it up").click()
    page.get_by_text("They get this file from now on.").wait_for()
    assert page.evaluate(RAN) == []
    return Form.objects.get()


def fill_in(frame: Any) -> None:
    for name in ("first_name", "last_name", "company"):
        frame.locator(f"[name=q-{name}]").fill(f"Anouk {EVIL}")
    frame.locator("[name=q-email]").fill("anouk@zonneveldtomaten.example")
    frame.locator("input[name^=q-hectares]").fill(f"12 {EVIL}")
    frame.locator("[name=agreed]").check()


def took_in() -> None:
    until = time.monotonic() + 10
    while not Submission.objects.exists() and time.monotonic() < until:
        time.sleep(0.05)
    conveyor.run_dry(datetime.now(UTC))


def link(kind: str) -> str:
    text = Message.objects.get(key__startswith=f"form {kind}").text
    return next(line for line in text.splitlines() if line.startswith("http"))


def test_built_embedded_filled_in_confirmed_and_fetched(
    page_of: Callable[..., Any],
    website: dict[str, str],
    agreement: Version,
    ann: Member,
    bob: Member,
    tmp_path: Any,
    live_server: Any,
) -> None:
    form = build(desk := page_of(ann), website["url"], tmp_path)
    website["body"] = f'<script src="{live_server.url}/f/{form.key}.js"></script>'
    visitor = page_of(user_agent=DESKTOP, viewport={"width": 700, "height": 900})
    visitor.add_init_script(f"if (location.origin == '{website['url']}') {AGREED}")
    marks = urlencode(
        {"utm_source": "linkedin", "utm_medium": f"social {EVIL}", "utm_campaign": f"spring {EVIL}", "email": "x@y.nl"}
    )
    visitor.goto(f"{website['url']}/led?{marks}")
    frame = visitor.frame_locator("iframe")
    fill_in(frame)
    tall = visitor.locator("iframe").bounding_box()["height"]
    assert tall > 450, "the frame is as tall as the form"
    visitor.wait_for_timeout(2_100)
    frame.get_by_role("button").click()
    frame.get_by_text("Enjoy.").wait_for()
    frame.get_by_text("A mail asks you to confirm").wait_for()
    took_in()

    row, person = Submission.objects.get(), Person.objects.get()
    assert (row.doubt, row.person) == ("", person)
    assert person.first_name == f"Anouk {EVIL}"
    assert Visitor.objects.get(key="visitor-of-the-site").person == person
    sent = Touch.objects.get(kind="form")
    assert (sent.source, sent.evidence) == ("linkedin", Evidence.DECLARED)
    assert sent.campaign is not None
    assert sent.campaign.key == f"spring {EVIL}"
    assert "x%40y.nl" not in sent.url
    assert sent.url.startswith(f"{website['url']}/led?")

    visitor.goto(link("confirm"))
    assert not may(person.pk, Purpose.MAIL)
    visitor.get_by_role("button", name="Yes, I agree").click()
    visitor.get_by_role("heading", name="Confirmed").wait_for()
    assert may(person.pk, Purpose.MAIL)
    assert Consent.objects.count() == 2

    visitor.goto(link("file"))
    with visitor.expect_download() as got:
        visitor.get_by_role("button", name="Download").click()
    assert got.value.suggested_filename == "LED light.pdf"
    assert got.value.path().read_bytes() == b"%PDF-1.7 light"
    conveyor.run_dry(datetime.now(UTC))
    assert Touch.objects.get(kind="download").person == person

    for path in (
        f"/forms/{form.pk}/",
        "/forms/",
        f"/forms/{form.pk}/edit/",
        f"/people/{person.pk}/",
        "/people/",
        f"/f/{form.key}/",
    ):
        assert desk.goto(path).status == 200, path
        assert desk.evaluate(RAN) == [], path
    for page in (visitor, desk):
        for inside in page.frames:
            assert inside.evaluate(RAN) == []


def test_a_website_that_the_form_does_not_name_cannot_show_it(
    page_of: Callable[..., Any], website: dict[str, str], ann: Member, troubles: list[str], live_server: Any
) -> None:
    form = Form.make("Demo", typed.fresh(), ann, datetime.now(UTC))
    website["body"] = f'<iframe src="{live_server.url}/f/{form.key}/?embedded=1"></iframe>'
    page = page_of()
    page.goto(website["url"])
    page.wait_for_timeout(500)
    assert page.frame_locator("iframe").get_by_role("button").count() == 0
    assert any("frame-ancestors" in said for said in troubles)
    troubles.clear()


def test_a_form_works_without_javascript(page_of: Callable[..., Any], ann: Member, agreement: Version) -> None:
    form = Form.make("Demo", typed.fresh(), ann, datetime.now(UTC))
    page = page_of(java_script_enabled=False, user_agent=DESKTOP)
    page.goto(f"/f/{form.key}/?utm_source=flyer")
    page.fill("[name=q-email]", "anouk@zonneveldtomaten.example")
    page.wait_for_timeout(2_100)
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    took_in()
    assert Touch.objects.get().source == "flyer"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_are_accessible(page_of: Callable[..., Any], ann: Member, agreement: Version, theme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    ann.theme = theme
    ann.save()
    form = Form.make("Demo", typed.fresh(), ann, datetime.now(UTC))
    desk, visitor = page_of(ann), page_of(color_scheme=theme)
    for page, path in (
        (desk, "/forms/"),
        (desk, f"/forms/{form.pk}/"),
        (desk, f"/forms/{form.pk}/edit/"),
        (desk, "/forms/held/"),
        (visitor, f"/f/{form.key}/"),
    ):
        page.goto(path)
        found = Axe().run(page).response["violations"]
        assert not found, (path, [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found])
