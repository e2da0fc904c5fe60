"""What sales reads before the first call: on the page of a lead, and on paper."""

import re
from datetime import timedelta

import pytest
from django.utils.html import strip_tags

from tests.conftest import NOW
from tests.handoff.test_joining import LATER, handoff, joining, piet  # noqa: F401
from tilth.campaigns.models import Campaign
from tilth.core.forms import Field, Spec
from tilth.forms.models import Form, Submission
from tilth.groups.models import Membership
from tilth.handoff.models import Handoff, Joining
from tilth.touches.models import Origin

SPEC = Spec(
    languages=["en"],
    fields=[
        Field("mail", "email", {"en": "Work e-mail"}),
        Field("when", "long", {"en": "What would you like to solve first?"}),
    ],
)


def section(page: str) -> str:
    return re.search(r'<section class="sheet" id="dossier".*?</section>', page, re.DOTALL).group()


@pytest.fixture
def rich(joining, anouk, ann, stopped_clock):  # noqa: F811
    """All that a dossier can tell of Anouk."""
    campaign = Campaign.objects.create(name="Spring fair", at=NOW)
    Origin.objects.filter(person=anouk).update(campaign=campaign)
    edition = Form.make("Demo", SPEC, ann, NOW).edition
    said = {"mail": "anouk@zonneveldtomaten.example", "when": "Energy costs of the second greenhouse."}
    Submission.objects.create(
        edition=edition, key=b"1", at=NOW, said=said, language="en", house="https://tilth.example", person=anouk
    )
    Membership.objects.filter(person=anouk).update(role="influencer")
    return anouk


def test_the_page_of_a_lead_has_it(rich, client_of, bob):
    page = section(client_of(bob).get(f"/people/{rich.pk}/").content.decode())
    for told in (
        "Spring fair", "Energy costs of the second greenhouse.", "What would you like to solve first?", "Operations manager",
        "Piet Zonneveld</a> joined", "Nobody yet who", "Why they may buy", "No mails or other care",
    ):  # fmt: skip
        assert told in page, told
    assert "Work e-mail" not in page  # the head has it


def test_it_is_read_in_thirty_seconds(rich, client_of, bob):
    page = section(client_of(bob).get(f"/people/{rich.pk}/").content.decode())
    assert len(strip_tags(page).split()) <= 125  # at 250 words a minute


def test_it_prints_on_a_page_of_its_own(rich, client_of, ann):
    page = client_of(ann).get(f"/leads/{rich.pk}/dossier/").content.decode()
    assert "data-print" in page
    assert "Anouk Zonneveld" in page
    assert "Bob Jansen" in page
    assert "Take out" not in page


def test_a_late_promise_is_late_on_paper_too(rich, client_of, bob, monkeypatch):
    monkeypatch.setattr("tilth.web.clock.now", lambda: NOW + timedelta(days=9))
    page = client_of(bob).get(f"/leads/{rich.pk}/dossier/").content.decode()
    assert re.search(r'class="bad">.* late</time></b><small>first call was due ', page)


def test_somebody_nobody_has_has_one_too(anouk, agreement, client_of, ann):
    page = client_of(ann).get(f"/leads/{anouk.pk}/dossier/").content.decode()
    assert "Nothing yet that counts." in page
    assert "Marketing" in page


def test_a_dossier_asks_a_bounded_number_of_questions(rich, client_of, bob, django_assert_max_num_queries):
    client = client_of(bob)
    client.get("/")
    with django_assert_max_num_queries(60):
        client.get(f"/leads/{rich.pk}/dossier/")


def test_who_joined_shows_whose_they_are(joining, client_of, bob, piet, stopped_clock):  # noqa: F811
    page = client_of(bob).get(f"/people/{piet.pk}/").content.decode()
    assert "Bob Jansen works on Anouk Zonneveld and this lead together" in page
    assert "Take it on" not in page
    assert "Joined Anouk Zonneveld" in page


def test_the_owner_takes_somebody_out(joining, client_of, bob, piet, monkeypatch):  # noqa: F811
    monkeypatch.setattr("tilth.web.clock.now", lambda: LATER + timedelta(hours=1))
    response = client_of(bob).post(f"/joinings/{joining.pk}/out/", HTTP_REFERER=f"http://testserver/people/{piet.pk}/")
    assert response.status_code == 303
    assert Joining.objects.get().out_at


def test_handing_off_by_hand_says_who_was_joined(handoff, client_of, ann, piet, stopped_clock):  # noqa: F811
    client = client_of(ann)
    client.post(f"/people/{piet.pk}/handoff/")
    assert "Piet Zonneveld joined Anouk Zonneveld" in client.get("/").content.decode()
    assert Handoff.objects.count() == 1


def test_the_queue_and_the_list_tell_who_joined(joining, client_of, bob, piet, anouk, stopped_clock):  # noqa: F811
    client = client_of(bob)
    assert "<b>Piet Zonneveld joined</b>" in client.get("/").content.decode()
    listed = client.get("/people/").content.decode()
    assert "Bob Jansen<small>joined Anouk Zonneveld</small>" in listed
    nobody = client.get("/people/?owner=none").content.decode()
    assert "Piet Zonneveld" not in nobody
