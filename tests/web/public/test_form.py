"""A form as visitors see it."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.conftest import NOW
from tests.web.public.conftest import BROWSER, TEXT
from tilth.core.forms import Doubt
from tilth.forms.models import Submission

WHO = {"email": "anouk@zonneveldtomaten.example", "first_name": "Anouk", "crop": "Tomato", "call": "yes"}


def test_it_is_shown_without_a_cookie_and_may_stand_in_the_websites_that_it_names(form, charlie):
    answer = charlie.get(f"/f/{form.key}/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert not answer.cookies
    assert "frame-ancestors 'self' https://www.kasbouw.example" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    for words in ("LED light in practice", "E-mail", "Crop", TEXT, "Send"):
        assert words in page
    assert "checked" not in page


def test_every_other_page_still_stands_nowhere(charlie, db):
    answer = charlie.get("/sign-in/")
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_it_speaks_the_language_of_its_visitor(form, charlie):
    assert "Voornaam" in charlie.get(f"/f/{form.key}/", HTTP_ACCEPT_LANGUAGE="nl-BE,nl;q=0.9").content.decode()
    page = charlie.get(f"/f/{form.key}/?language=nl").content.decode()
    assert '<html lang="nl"' in page
    assert '<option value="Tomato">Tomaat</option>' in page
    assert "Voornaam" not in charlie.get(f"/f/{form.key}/", HTTP_ACCEPT_LANGUAGE="fr").content.decode()


def test_what_is_sent_is_kept_and_thanked_for(form, fill_in, charlie):
    answer = fill_in(form, **WHO, agreed="yes")
    row = Submission.objects.get()
    assert row.said == WHO
    assert (row.agreed, row.doubt, row.at, row.network) == (True, "", NOW + timedelta(minutes=1), "127.0.0.0")
    assert row.house == "http://testserver"
    thanked = charlie.get(answer["Location"]).content.decode()
    assert "Enjoy reading." in thanked
    assert "The link to LED light.pdf is on its way" in thanked
    assert "A mail asks you to confirm" in thanked
    assert "/d/" not in thanked


def test_where_it_stood_and_what_brought_them_there_is_kept(form, fill_in):
    site = "https%3A%2F%2Fwww.kasbouw.example%2Fled%3Futm_source%3Dlinkedin%26email%3Dx%40y.nl"
    fill_in(
        form,
        f"?embedded=1&page={site}&visitor=v1&referrer=https://linkedin.example/&source=newsletter&name=spring",
        **WHO,
    )
    row = Submission.objects.get()
    assert row.page == "https://www.kasbouw.example/led?utm_source=linkedin"
    assert (row.visitor, row.referrer, row.came) == (
        "v1",
        "https://linkedin.example/",
        {"source": "newsletter", "name": "spring"},
    )


def test_a_form_by_itself_keeps_its_own_marks(form, fill_in):
    fill_in(form, "?utm_source=mail&utm_campaign=spring", **WHO)
    assert Submission.objects.get().page == f"http://testserver/f/{form.key}/?utm_source=mail&utm_campaign=spring"


def test_in_a_plain_iframe_the_website_is_known_by_what_the_browser_tells(form, charlie):
    page = charlie.get(f"/f/{form.key}/", HTTP_REFERER="https://www.kasbouw.example/").content.decode()
    assert '<input type="hidden" name="page" value="https://www.kasbouw.example/">' in page


def test_what_is_not_right_is_said_beside_the_question_and_what_was_typed_stays(form, fill_in):
    answer = fill_in(form, email="anouk@", first_name="Anouk", crop="Pepper")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This is no e-mail address" in page
    assert 'value="anouk@"' in page
    assert '<option value="Pepper" selected>' in page
    assert not Submission.objects.exists()


def test_a_page_that_was_open_for_two_days_is_shown_again_with_what_was_typed(form, clock, charlie):
    page = charlie.get(f"/f/{form.key}/").content.decode()
    stamp = re.findall(r'name="stamp" value="([^"]*)"', page)[0]
    clock.forward(days=2)
    answer = charlie.post(f"/f/{form.key}/", {"stamp": stamp, "q-email": WHO["email"]})
    page = answer.content.decode()
    assert "was open for long" in page
    assert WHO["email"] in page
    again = re.findall(r'name="stamp" value="([^"]*)"', page)[0]
    clock.forward(seconds=5)
    assert charlie.post(f"/f/{form.key}/", {"stamp": again, "q-email": WHO["email"]}).status_code == 302
    assert Submission.objects.get().doubt == ""


def test_a_machine_that_fills_in_everything_is_thanked_and_held(form, fill_in, charlie):
    answer = fill_in(form, **WHO, contact_address="http://pills.example")
    assert charlie.get(answer["Location"]).status_code == 200
    assert Submission.objects.get().doubt == Doubt.TRAP


def test_far_too_many_are_told_when_to_come_back(form, fill_in, monkeypatch):
    monkeypatch.setattr("tilth.core.forms.FAR_TOO_MANY", 1)
    fill_in(form, **WHO)
    answer = fill_in(form, **WHO)
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")


def test_a_closed_form_takes_nothing_in(form, fill_in, ann, charlie):
    form.close(True, ann, NOW)
    assert charlie.get(f"/f/{form.key}/").status_code == 410
    assert fill_in(form, **WHO).status_code == 410
    assert not Submission.objects.exists()


def test_its_script_can_be_loaded_by_every_website(form, charlie):
    answer = charlie.get(f"/f/{form.key}.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert b"currentScript" in answer.content
    assert charlie.get("/f/unknown.js").status_code == 404
    assert charlie.get("/f/unknown/").status_code == 404


def test_thanks_are_only_for_who_sent_it(form, fill_in, charlie):
    answer = fill_in(form, **WHO)
    assert charlie.get(answer["Location"].replace("/thanks/", "/thanks/x")).status_code == 404


@pytest.mark.parametrize("bad", ["a\0b", '"><script>alert(1)</script>', "{{ 7|add:7 }}", "javascript:alert(1)"])
def test_what_others_write_into_the_address_stays_text(form, charlie, bad):
    query = urlencode(dict.fromkeys(["page", "visitor", "source", "theme", "language", "embedded"], bad))
    answer = Client().get(f"/f/{form.key}/?{query}", **BROWSER)
    assert answer.status_code == 200
    assert b"<script>alert" not in answer.content
