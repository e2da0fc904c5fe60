"""The month's burn-up on the page of promises: the sentence, the chart, the table, and the lists behind the figures."""

import re
from datetime import datetime

import pytest

from tilth.agreement.models import Version
from tilth.handoff.models import Capacity, Handoff, Return, Review
from tilth.people.models import Person
from tilth.promises.deliveries import catch_up


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}:00+02:00")


@pytest.fixture
def may(preset, ann, bob, monkeypatch) -> Version:
    """15,000 a week; Wednesday of the second week; 41,000 came, 2,000 of it more than Bob had hours for."""
    preset["release"] = {"by_capacity": True, "hours": dict.fromkeys((1, 2, 3, 4), 1)}
    preset["sla"]["marketing"] |= {"leads": 0, "value": 15_000}
    version = Version.write(preset, ann, at("03-02T09:00"))
    version.sign(ann, "marketing", at("03-02T09:00"))
    version.sign(bob, "sales", at("03-02T09:00"))
    for when, value in (
        ("04-29T10:00", 12_000),
        ("04-30T10:00", 7_000),
        ("05-04T10:00", 20_000),
        ("05-05T10:00", 2_000),
    ):
        person = Person.objects.create(at=at(when), first_name=f"Lead {value}")
        Handoff.objects.create(
            person=person, owner=bob, version=version, at=at(when), grade="A", level=4, value=value * 100, why={}, routing={},
        )  # fmt: skip
    Capacity.objects.create(member=bob, monday=at("05-04T00:00").date(), room=1, carried=0)
    catch_up(at("05-06T13:00"))
    monkeypatch.setattr("tilth.web.clock.now", lambda: at("05-06T13:00"))
    return version


def test_the_sentence_says_where_the_month_stands(may, bob, client_of):
    page = client_of(bob).get("/promises/").content.decode()
    assert "Delivered in May 2026" in page
    assert "Day 3 of week 2 of 4: €41,000 of €60,000 promised, €18,500 ahead." in page
    assert "Delivered against promised, week by week. Day 3 of week 2 of 4" in page  # what the chart says aloud
    assert page.count('class="target"') == 1
    assert "Sales had hours for €39,000 of the €41,000 delivered." in page


def test_each_figure_opens_the_leads_behind_it(may, bob, client_of):
    client = client_of(bob)
    page = client.get("/promises/").content.decode()
    found = {
        said: client.get(address.replace("&amp;", "&")).content.decode()
        for address, said in re.findall(r'href="(/promises/delivered/\?[^"]+)">([^<]+)</a>', page)
    }
    leads = {said: set(re.findall(r"Lead (\d+)", listed)) for said, listed in found.items()}
    assert leads["€19,000"] == {"12000", "7000"}
    assert leads["€22,000"] == {"20000", "2000"}
    assert leads["€41,000"] == {"12000", "7000", "20000", "2000"}
    assert leads["€2,000 more than that"] == {"2000"}
    assert all("by 4 May 2026, 09:00" in listed for said, listed in found.items() if said == "€19,000")


def test_a_rightly_returned_lead_is_named_and_still_counts(may, ann, bob, client_of):
    back = Return.objects.create(
        handoff=Handoff.objects.get(value=700_000), member=bob, at=at("05-05T10:00"), reason="x"
    )
    Review.objects.create(returned=back, reviewer=ann, at=at("05-05T11:00"), verdict=Review.Verdict.UPHELD)
    client = client_of(bob)
    page = client.get("/promises/").content.decode()
    assert "€41,000 of €60,000" in page
    assert "€7,000 rightly returned" in page
    listed = client.get("/promises/delivered/?month=2026-05&which=upheld").content.decode()
    assert "Lead 7000" in listed
    assert "Lead 20000" not in listed


def test_another_month_by_its_address_and_by_links(may, bob, client_of):
    client = client_of(bob)
    page = client.get("/promises/?month=2026-04&period=quarter").content.decode()
    assert "Delivered in April 2026" in page
    assert "Over: €0 of €60,000 promised, €60,000 behind." in page
    assert 'rel="prev" href="?period=quarter&amp;month=2026-03&amp;by=value#burn-title"' in page
    assert 'rel="next" href="?period=quarter&amp;month=2026-05&amp;by=value#burn-title"' in page
    ahead = client.get("/promises/?month=2026-06").content.decode()
    assert "Not begun: €75,000 promised" in ahead
    assert 'rel="next"' not in ahead


def test_an_unknown_month_is_the_running_one(may, bob, client_of):
    for asked in ("x", "2026-13", "2026-07", "9999-12", "2026-05-01", "0000-01", "२०२६-०४"):
        page = client_of(bob).get("/promises/", {"month": asked}).content.decode()
        assert "Delivered in May 2026" in page, asked


def test_unknown_words_break_no_list(may, bob, client_of):
    for query in ("week=x", "week=99", "to=0", "which=x", "by=x", "page=x"):
        assert client_of(bob).get(f"/promises/delivered/?{query}").status_code == 200


def test_a_month_before_the_agreement_says_so(may, bob, client_of):
    client = client_of(bob)
    page = client.get("/promises/?month=2026-02").content.decode()
    assert "The agreement promises no delivery in February 2026" in page
    assert 'rel="prev"' not in page
    assert client.get("/promises/delivered/?month=2026-02").status_code == 302


def test_before_any_agreement_there_is_no_chart(bob, client_of, stopped_clock):
    assert "The agreement promises no delivery in June 2026" in client_of(bob).get("/promises/").content.decode()


def test_by_number_when_only_a_number_is_promised(agreement, bob, client_of, stopped_clock):
    catch_up(stopped_clock)
    page = client_of(bob).get("/promises/").content.decode()
    assert "Day 2 of week 4 of 5: 0 of 250 leads promised, 162 leads behind." in page
