"""On the page: who sent somebody and whom they brought, contacts of service, what was shared, what was seen and what not."""

import json
import re

import pytest

from tests.conftest import NOW
from tilth import conveyor
from tilth.capture.models import Received, Source
from tilth.content.models import Offer
from tilth.people.known import Told, keep
from tilth.touches.models import Evidence, Referral, Team, Touch
from tilth.touches.record import campaign, offer, record

pytestmark = pytest.mark.usefixtures("clock", "agreement")


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def said(sales):
    return lambda person, query="": words(sales.get(f"/people/{person.pk}/{query}").content.decode())


@pytest.fixture
def piet(db):
    told = Told(emails=["piet@hofland.example"], person={"first_name": "Piet", "last_name": "Hofland"})
    return keep(told, NOW, "form")[0]


def test_a_referral_stands_on_both_pages_and_on_both_timelines(said, anouk, piet):
    record("form", NOW, NOW, person=piet, evidence=Evidence.DECLARED, properties={"referred_by": "Anouk Zonneveld"})
    conveyor.run_dry(NOW)
    assert "Brought us Piet Hofland" in said(anouk)
    assert "Brought 1 other Piet Hofland (Lead)" in said(anouk)
    assert "Sent by Anouk Zonneveld Piet as they told us" in said(piet)
    assert "Piet as they told us" not in said(piet, "?lane=sales")


def test_whom_words_mean_is_said_by_hand(sales, said, anouk, piet):
    record("form", NOW, NOW, person=piet, evidence=Evidence.DECLARED, properties={"referred_by": "Zonneveld"})
    assert "Sent by “Zonneveld”" in said(piet)
    page = sales.get(f"/people/{piet.pk}/referrer/").content.decode()
    assert "They told us: “Zonneveld”" in words(page)
    assert f'value="{anouk.pk}"' in page
    sales.post(f"/people/{piet.pk}/referrer/", {"by": anouk.pk})
    assert Referral.objects.get().by == anouk
    assert "Piet Hofland was sent by Anouk Zonneveld" in said(piet)


@pytest.mark.parametrize("by", ["", "x", "999999", "me"])
def test_nobody_is_named_by_a_number_that_is_none(sales, anouk, by):
    assert sales.post(f"/people/{anouk.pk}/referrer/", {"by": anouk.pk if by == "me" else by}).status_code == 404


HELP_DESK = [
    (
        "Ticket Created",
        {"direction": "inbound", "channel": "email", "subject": "A sensor shows nothing", "ticket_id": 4711},
    ),
    ("Call Ended", {"direction": "inbound", "channel": "phone", "subject": "The same, urgent", "agent": "Dirk Visser"}),
    ("Call Ended", {"direction": "outbound", "subject": "It works again"}),
    ("Ticket Solved", {"direction": "out", "channel": "portal", "subject": "A sensor shows nothing"}),
    ("Conversation Started", {"direction": "in", "channel": "whatsapp", "message": "Thank you"}),
]


def test_a_help_desk_tells_by_the_same_api_and_all_of_it_stands_in_one_lane(said, anouk):
    desk = Source.open("Help desk", "service", None, NOW)
    events = [
        {"type": "track", "event": name, "messageId": str(n), "properties": told, "context": {"traits": {"email": "anouk@zonneveldtomaten.example"}}}
        for n, (name, told) in enumerate(HELP_DESK)
    ]  # fmt: skip
    Received.objects.create(source=desk, at=NOW, path="/v1/batch", body=json.dumps({"batch": events}).encode())
    conveyor.run_dry(NOW)
    assert list(Touch.objects.order_by("id").values_list("kind", flat=True)) == ["mail", "call", "call", "mail", "chat"]
    assert set(Touch.objects.values_list("team", "person")) == {(Team.SERVICE, anouk.pk)}
    lane = said(anouk, "?lane=service")
    assert "Service 5" in lane
    for line in (
        "They wrote: A sensor shows nothing Service Ticket Created · by mail",
        "They called: The same, urgent Dirk Visser Call Ended · by phone",
        "We called: It works again Service",
        "We wrote: A sensor shows nothing Service Ticket Solved · by a form",
        "They wrote in a chat: Conversation Started Service Thank you by chat",
    ):
        assert line in lane
    assert "They called" not in said(anouk, "?lane=sales")


def test_what_they_pass_on_to_others_is_theirs(said, anouk):
    record(
        "track", NOW, NOW, person=anouk, event="Content Shared", properties={"title": "Comparison of climate computers"}
    )
    assert "Shared with others: Comparison of climate computers Anouk" in said(anouk)


def test_what_was_seen_and_what_not_of_their_stage_and_the_next(said, anouk):
    for key in ("guide", "ebook", "checklist", "webinar", "demo", "press kit"):
        offer(key, NOW)
    record("download", NOW, NOW, person=anouk, offer=offer("guide", NOW), evidence=Evidence.DECLARED)
    record("download", NOW, NOW, person=anouk, offer=offer("guide", NOW), evidence=Evidence.DECLARED)
    record("download", NOW, NOW, person=anouk, offer=offer("ebook", NOW), evidence=Evidence.MACHINE)
    record("mail", NOW, NOW, person=anouk, offer=offer("checklist", NOW), team=Team.MARKETING)
    conveyor.run_dry(NOW)
    box = said(anouk).split("What they have and have not seen")[1].split("Others at")[0]
    assert box.startswith(" for awareness")
    assert "Guide today , 2× · awareness" in box
    assert "Ebook not seen yet · awareness" in box
    assert "Checklist not seen yet · awareness · sent today" in box
    assert box.index("Ebook") < box.index("Webinar")
    assert "Demo" not in box
    assert "Press kit" not in box


def test_the_campaign_that_they_first_came_by_stands_beside_the_one_that_made_them_a_lead(said, anouk):
    record("page", NOW, NOW, person=anouk, source="linkedin", campaign=campaign("energy-webinar", NOW))
    record(
        "form",
        NOW,
        NOW,
        person=anouk,
        source="google",
        campaign=campaign("night-heating", NOW),
        evidence=Evidence.DECLARED,
    )
    told = said(anouk).split("How it began")[1]
    assert "First seen on 16 June 2026 , from linkedin, campaign energy-webinar." in told
    assert "Came from google, campaign night-heating." in told


def test_the_library_does_not_make_the_page_slower(sales, anouk, django_assert_max_num_queries):
    Offer.objects.bulk_create([Offer(key=f"o{n}", name=f"O {n}", at=NOW) for n in range(300)])
    sales.get(f"/people/{anouk.pk}/")
    with django_assert_max_num_queries(60):
        sales.get(f"/people/{anouk.pk}/")


def test_a_client_may_say_it_among_the_traits(said, anouk, piet):
    site = Source.open("Website", "person", None, NOW)
    traits = {"email": "piet@hofland.example", "referred_by": "anouk@zonneveldtomaten.example"}
    events = [{"type": "identify", "userId": "u1", "messageId": n, "traits": traits} for n in ("a", "b")]
    Received.objects.create(source=site, at=NOW, path="/v1/batch", body=json.dumps({"batch": events}).encode())
    conveyor.run_dry(NOW)
    assert [(r.person, r.by, r.how) for r in Referral.objects.all()] == [(piet, anouk, "told")]
