"""What a mail leads to: confirming, fetching, and the way out."""

import re
from typing import Any

import pytest

from tests.web.public.conftest import BROWSER, TEXT
from tests.web.public.test_form import WHO
from tilth import conveyor
from tilth.consent.models import Act, Consent, Purpose, may
from tilth.core import forms as core
from tilth.forms import files
from tilth.notify import unsubscribe
from tilth.notify.models import Message
from tilth.people.models import Person
from tilth.touches.models import Evidence, Touch


@pytest.fixture
def mailed(form, fill_in, clock) -> dict[str, str]:
    """The paths in the mails that Anouk got: "confirm" and "file"."""
    fill_in(form, **WHO, agreed="yes")
    conveyor.run_dry(clock.at)
    texts = {m.key.split()[1]: m.text for m in Message.objects.all()}
    return {
        kind: next(line for line in text.splitlines() if "http" in line).removeprefix("http://testserver")
        for kind, text in texts.items()
    }


def read(answer: Any) -> bytes:
    """The whole file; read to its end it is closed."""
    return b"".join(answer.streaming_content)


def test_opening_the_link_confirms_nothing_and_the_button_does(mailed, charlie):
    opened = charlie.get(mailed["confirm"])
    assert TEXT in opened.content.decode()
    assert "Yes, I agree" in opened.content.decode()
    assert not may(Person.objects.get().pk, Purpose.MAIL)
    pressed = charlie.post(mailed["confirm"])
    assert "Confirmed" in pressed.content.decode()
    assert may(Person.objects.get().pk, Purpose.MAIL)
    charlie.post(mailed["confirm"])
    assert Consent.objects.filter(act=Act.CONFIRMED).count() == 1


def test_an_old_or_broken_link_says_what_to_do(mailed, charlie, clock):
    assert charlie.get("/confirm/nonsense/").status_code == 410
    clock.forward(days=15)
    answer = charlie.post(mailed["confirm"])
    assert answer.status_code == 410
    assert "Fill in the form again" in answer.content.decode()
    assert not may(Person.objects.get().pk, Purpose.MAIL)


def test_the_file_is_a_download_that_no_browser_runs_and_its_fetch_a_touch(mailed, charlie):
    answer = charlie.post(mailed["file"], **BROWSER)
    assert read(answer) == b"%PDF-1.7 light"
    assert answer["Content-Disposition"] == 'attachment; filename="LED light.pdf"'
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "application/octet-stream")
    assert "sandbox" in answer["Content-Security-Policy"]
    got = Touch.objects.get(kind="download")
    assert (got.person, got.evidence, got.offer.key) == (
        Person.objects.get(),
        Evidence.OBSERVED,
        "LED light in practice",
    )


def test_opening_the_link_fetches_nothing(mailed, charlie):
    assert "Download (14" in charlie.get(mailed["file"], **BROWSER).content.decode()
    assert charlie.head(mailed["file"], **BROWSER).status_code == 200
    assert not Touch.objects.filter(kind="download").exists()


def test_a_machine_that_fetches_it_counts_for_nothing(mailed, charlie):
    read(charlie.post(mailed["file"], HTTP_USER_AGENT="Mozilla/5.0 (compatible; SomeBot/1.0)"))
    assert Touch.objects.get(kind="download").evidence == Evidence.MACHINE


def test_the_link_ends_and_cannot_be_made_by_others(mailed, charlie, clock):
    assert charlie.get(mailed["file"].replace("/d/", "/d/x")).status_code == 410
    clock.at += files.FETCHED_WITHIN
    clock.forward(days=1)
    assert charlie.get(mailed["file"]).status_code == 410
    assert not Touch.objects.filter(kind="download").exists()


def test_a_file_that_was_taken_away_is_not_an_error(mailed, charlie):
    for path in files.home().iterdir():
        path.unlink()
    assert charlie.get(mailed["file"]).status_code == 410


def test_a_file_that_is_given_at_once_can_be_fetched_before_the_conveyor_came(form, fill_in, charlie, ann, clock):
    form.save_as(core.read(form.edition.spec | {"at_once": True}), ann, clock.at)
    thanked = charlie.get(fill_in(form, **WHO)["Location"]).content.decode()
    link = re.findall(r'action="(/d/[^"]+)"', thanked)[0]
    assert read(charlie.post(link, **BROWSER))
    assert set(Touch.objects.values_list("kind", flat=True)) == {"form", "download"}


def test_the_way_out_needs_one_press(anouk, charlie, clock):
    link = unsubscribe.link(anouk)
    path = link[link.index("/unsubscribe/") :]
    assert "Send me no more" in charlie.get(path).content.decode()
    assert not Consent.objects.exists()
    assert charlie.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Consent.objects.get().act == Act.WITHDRAWN
    assert Touch.objects.get().kind == "unsubscribe"
    assert "You get no more" in charlie.get(path).content.decode()
    assert charlie.get("/unsubscribe/x/").status_code == 410


def test_mails_and_their_pages_speak_the_language_of_the_form(form, fill_in, charlie, clock):
    fill_in(form, "?language=nl", **WHO, agreed="yes")
    conveyor.run_dry(clock.at)
    mail = Message.objects.get(key__startswith="form confirm")
    assert mail.subject == "Bevestig: is dit jouw adres?"
    assert "Kasbouw mag mij nieuws mailen." in mail.text
    path = mail.text.partition("http://testserver")[2].partition("\n")[0]
    assert "Ja, ik ben akkoord" in charlie.get(path).content.decode()
    assert "Send me no more" not in charlie.get("/unsubscribe/x/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert "Dieser Link führt" in charlie.get("/unsubscribe/x/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
