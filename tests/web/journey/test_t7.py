"""T7: one timeline shows a whole journey. She reads a social post, visits, leaves details for a video, downloads a
comparison, gets a mail and a call from sales, buys, and shares it with friends, one of whom comes."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from tilth import conveyor
from tilth.agreement.models import Version
from tilth.capture.models import Received
from tilth.consent.models import Purpose
from tilth.core.forms import Consent, Field, Spec
from tilth.forms import files
from tilth.forms.models import Form, Submission
from tilth.notify.models import Message, Notice
from tilth.people.models import Person
from tilth.qualify.models import Standing
from tilth.team.models import Member
from tilth.touches.models import Evidence, Referral, Touch

from .conftest import Website

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
POST = "/climate?utm_source=linkedin&utm_medium=social&utm_campaign=night-heating"
JOURNEY = [  # newest first, as the page shows it
    "Brought us Piet Hofland",
    "Shared with others: Comparison of climate computers",
    "Won: Night heating",
    "Became Customer",
    "Opened a deal: Night heating",
    "Accepted",
    "Call",
    "Mail",
    "Handed off to Bob Jansen",
    "Downloaded something: Comparison",
    "Sent a form: Comparison",
    "Sent a form: Video: night heating",
    "Looked at a page: /video",
    "Looked at a page: /climate",
]


def waited(true: Callable[[], Any], what: str, within: float = 15) -> None:
    """Until something has arrived; the conveyor runs meanwhile, as it does in the field."""
    end = time.monotonic() + within
    while not true() and time.monotonic() < end:
        conveyor.run_dry(timezone.now())
        time.sleep(0.1)
    assert true(), what


def asked(key: str, label: str) -> Field:
    return Field(key, key, {"en": label}, required=key == "email")


def forms(website: Website, ann: Member) -> None:
    """A form for the video, and one for the comparison, whose file goes out by mail; both in the website's pages."""
    now = timezone.now()
    questions = [asked("email", "E-mail"), asked("first_name", "First name"), asked("last_name", "Last name")]
    agrees = Consent(Purpose.MAIL, {"en": "Mail me about climate"})
    file = files.keep("comparison.pdf", [b"%PDF-1.7 two of them"], ann, now)
    video = Spec(
        ["en"],
        questions,
        title={"en": "The video"},
        offer="Video: night heating",
        consent=agrees,
        origins=[website.url],
    )
    compared = Spec(
        ["en"], questions[:1], title={"en": "The comparison"}, offer="comparison", file=file.pk, origins=[website.url]
    )
    for path, name, spec in (("/video", "Video", video), ("/compare", "Comparison", compared)):
        form = Form.make(name, spec, ann, now)
        website.pages[path] = f'<h1>{name}</h1><script src="{website.house}/f/{form.key}.js"></script>'


def fill_in(page: Any, **answers: str) -> None:
    frame, before = page.frame_locator("iframe"), Submission.objects.count()
    for name, answer in answers.items():
        frame.locator(f"[name=q-{name}]").fill(answer)
    page.wait_for_timeout(2_100)  # nobody is faster
    frame.get_by_role("button", name="Send").click()
    frame.get_by_role("heading", name="Thank you").wait_for()
    waited(lambda: Submission.objects.count() > before, "the form arrived")
    conveyor.run_dry(timezone.now())


def she_reads_a_post_and_leaves_details(page: Any, website: Website) -> Person:
    page.goto(website.url + POST)
    page.click("#yes")
    waited(lambda: Touch.objects.filter(kind="page").exists(), "the visit arrived")
    assert Touch.objects.get().evidence == Evidence.ANONYMOUS
    page.goto(f"{website.url}/video")
    waited(lambda: Touch.objects.filter(kind="page").count() == 2, "the second page arrived")
    fill_in(page, email="anouk@zonneveldtomaten.example", first_name="Anouk", last_name="Zonneveld")
    return Person.objects.get()


def she_downloads_the_comparison(page: Any, website: Website) -> None:
    page.goto(f"{website.url}/compare")
    fill_in(page, email="anouk@zonneveldtomaten.example")
    mail = Message.objects.get(key__startswith="form file")
    page.goto(next(line for line in mail.text.splitlines() if line.startswith("http")))
    with page.expect_download() as got:
        page.get_by_role("button", name="Download").click()
    assert got.value.path().read_bytes() == b"%PDF-1.7 two of them"
    waited(lambda: Touch.objects.filter(kind="download").exists(), "the download is a touch")


def sales_hears_of_it_and_sells(open_: Callable[[str], Any]) -> None:
    page = open_("/notices/")
    page.get_by_role("button", name=re.compile("^Open: .*Anouk Zonneveld")).click()
    page.get_by_role("button", name="Take it on").click()
    page.get_by_role("button", name="Accept").wait_for()
    page.select_option("#log-kind", "mail")
    page.fill("#log-note", "Sent her the prices of three compartments")
    page.click("#log")
    page.locator("#events").get_by_text("Sent her the prices").wait_for()
    page.get_by_role("button", name="Log call").click()
    page.get_by_role("button", name="Reached", exact=True).click()
    page.locator("#events").get_by_text("reached").wait_for()
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("link", name="Open deal").click()
    page.get_by_label("What they may buy").fill("Night heating")
    page.get_by_label("Amount").fill("40.000,00")
    page.get_by_role("button", name="Open the deal").click()
    page.get_by_role("button", name="Won").click()
    page.locator("#toasts").get_by_text("won").wait_for()


def she_shares_it_and_a_friend_comes(
    page: Any, friend: Any, website: Website, open_: Callable[[str], Any], anouk: Person
) -> None:
    page.goto(f"{website.url}/compare")
    page.evaluate("tilth.track('Content Shared', {title: 'Comparison of climate computers'})")
    waited(lambda: Touch.objects.filter(event="Content Shared").exists(), "the share arrived")
    desk = open_(f"/people/{anouk.pk}/")
    link = desk.locator("#referrals input").input_value()
    seen = Touch.objects.filter(kind="page", person=None)
    friend.goto(f"{website.url}/climate{link}")
    friend.click("#yes")
    waited(seen.exists, "the friend's visit arrived")
    friend.goto(f"{website.url}/video")
    waited(lambda: seen.count() == 2, "and the next page")
    fill_in(friend, email="piet@hofland.example", first_name="Piet", last_name="Hofland")


def test_one_timeline_shows_a_whole_journey(
    visitor: Callable[[], Any],
    website: Website,
    desk_of: Callable[..., Any],
    agreement: Version,
    ann: Member,
    bob: Member,
) -> None:
    forms(website, ann)
    her, bobs = visitor(), desk_of(bob)
    anouk = she_reads_a_post_and_leaves_details(her, website)
    assert Notice.objects.get(member=bob).person == anouk
    she_downloads_the_comparison(her, website)
    sales_hears_of_it_and_sells(bobs)
    assert Standing.objects.get(person=anouk).stage == "customer"
    she_shares_it_and_a_friend_comes(her, visitor(), website, bobs, anouk)
    piet = Person.objects.exclude(pk=anouk.pk).get()
    assert [(r.person, r.by, r.how) for r in Referral.objects.all()] == [(piet, anouk, "link")]

    page = bobs(f"/people/{anouk.pk}/")
    told = [line.split(",")[0].strip() for line in page.locator("#events b").all_inner_texts()]
    there = iter(told)
    assert [line for line in JOURNEY if line not in there] == [], told  # each after the one before it
    whole = page.locator("main").inner_text()
    assert "linkedin / social" in whole
    assert "campaign night-heating" in whole
    assert "Brought 1 other" in whole
    assert page.locator("#content .seen", has_text="Comparison").count() == 1
    assert "Sent by Anouk Zonneveld" in bobs(f"/people/{piet.pk}/").locator("main").inner_text()
    assert Received.objects.filter(taken_at=None).count() == 0
    assert set(Touch.objects.values_list("person", flat=True)) == {anouk.pk, piet.pk}
    assert datetime.now(UTC) >= Touch.objects.latest("at").at
