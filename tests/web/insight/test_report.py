"""Reports as pages: worked out by the worker, kept, told with how sure they are, and taken along."""

import csv
import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.utils.html import strip_tags
from PIL import Image

from tests.conftest import NOW
from tilth.insight import kept
from tilth.insight.models import Kept
from tilth.insight.reports import REPORTS
from tilth.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fakes", "stopped_clock")]


def said(page) -> str:
    return re.sub(r"\s+", " ", strip_tags(page.content.decode().replace("<", " <")))


def test_a_report_is_worked_out_by_the_worker_and_then_kept(client_of, ann, worked_out):
    client = client_of(ann)
    assert "Being worked out" in said(client.get("/insight/fake/"))
    worked_out()
    page = said(client.get("/insight/fake/"))
    assert "Best is fair, by source." in page
    assert "30% 23% to 38% n 100" in page
    assert "too few: 28 more n 2" in page
    assert "€3,000" in page
    assert "Open leads count as open." in page
    assert "state 3 of the lake" in page
    assert kept.catch_up(NOW + timedelta(minutes=1)) == 0


def test_the_address_keeps_what_is_chosen(client_of, ann, worked_out):
    client = client_of(ann)
    client.get("/insight/fake/?by=offer&period=quarter")
    client.get("/insight/fake/?by=nonsense&period=nonsense")
    worked_out()
    assert {(k.chosen["by"], k.chosen["period"]) for k in Kept.objects.all()} == {
        ("offer", "quarter"), ("source", "12-months"),
    }  # fmt: skip
    assert "by offer" in said(client.get("/insight/fake/?by=offer&period=quarter"))
    own = client.get("/insight/fake/?first=2026-01-01&last=2026-03-31")
    assert "1 Jan 2026 – 31 Mar 2026" in said(own)
    assert (
        client.get("/insight/fake/?first=2026-03-31&last=2026-01-01").context["choice"].chosen["period"] == "12-months"
    )


def test_the_people_behind_a_figure(client_of, ann, anouk, worked_out):
    client = client_of(ann)
    client.get("/insight/fake/")
    worked_out()
    (address,) = re.findall(
        r'href="(/insight/fake/people/[^"]*row=f%2F1[^"]*)"', client.get("/insight/fake/").content.decode()
    )
    address = address.replace("&amp;", "&")
    assert "Being looked up" in said(client.get(address))
    worked_out()
    page = said(client.get(address))
    assert ("Anouk" in page) == (anouk.pk <= 5)
    assert "Leads: fair" in page
    assert "Leads: gone" in said(client.get("/insight/fake/people/?row=gone&column=leads"))
    assert client.get("/insight/fake/people/?row=f%2F1&column=rate").status_code == 404


def test_of_many_people_behind_a_figure_a_page_shows_a_hundred(client_of, ann, fakes, monkeypatch, worked_out):
    Person.objects.bulk_create(Person(first_name=f"P{n}", at=NOW) for n in range(120))
    ids = list(Person.objects.order_by("-pk").values_list("pk", flat=True))
    monkeypatch.setitem(REPORTS, "fake", replace(REPORTS["fake"], people=lambda asked, row, column: ids))
    client, address = client_of(ann), "/insight/fake/people/?row=f%2F1&column=leads"
    client.get(address)
    worked_out()
    first, second = client.get(address), client.get(f"{address}&page=2")
    assert (len(first.context["people"]), len(second.context["people"])) == (100, 20)
    assert "Page 1 of 2" in said(first)
    assert second.context["people"][-1].pk == ids[-1]
    assert "row=f%2F1&amp;column=leads&amp;page=1" in second.content.decode()
    assert client.get(f"{address}&page=nonsense").context["page"].number == 1


def test_taken_along_as_csv_nothing_is_rounded_and_nothing_is_a_formula(client_of, ann, worked_out):
    client = client_of(ann)
    assert client.get("/insight/fake.csv").status_code == 404
    worked_out()
    rows = list(csv.DictReader(StringIO(client.get("/insight/fake.csv").content.decode())))
    assert (rows[0]["rate"], rows[0]["rate_low"], rows[0]["rate_n"], rows[0]["value"]) == (
        "0.3",
        "0.23",
        "100",
        "3000.0",
    )
    assert (rows[1]["source"], rows[1]["rate"]) == ("'=cmd", "")
    assert rows[2]["leads"] == "102"


def test_taken_along_as_a_picture_it_needs_no_page(client_of, ann, worked_out):
    client = client_of(ann)
    client.get("/insight/fake/"), client.get("/insight/weeks/")
    worked_out()
    picture = client.get("/insight/fake/1.svg").content.decode()
    assert picture.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert all(part in picture for part in ("<style>", "whisker", ">fair<"))
    assert client.get("/insight/weeks/0.svg").content.decode().count('class="s') == 2
    assert client.get("/insight/fake/2.svg").status_code == 404


def test_taken_along_as_png_it_has_the_words_of_the_chart(client_of, ann, worked_out):
    client = client_of(ann)
    client.get("/insight/fake/")
    worked_out()
    picture = client.get("/insight/fake/0.png")
    assert picture["Content-Type"] == "image/png"
    assert picture.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(picture.content[16:20], "big") == 1600
    assert ink(picture.content, left=0, right=370) > 50, "the names of the rows are missing"
    assert client.get("/insight/fake/2.png").status_code == 404


def ink(picture: bytes, left: int, right: int) -> int:
    """How many dark points a picture has between two columns."""
    image = Image.open(BytesIO(picture)).convert("L")
    return sum(image.crop((left, 0, right, image.height)).histogram()[:160])


def test_what_breaks_says_why_and_can_be_tried_again(client_of, ann, fakes, monkeypatch):
    def broken(kept, now):
        raise ValueError("no such column")

    monkeypatch.setattr(kept, "_worked_out", broken)
    client = client_of(ann)
    client.get("/insight/fake/")
    kept.catch_up(NOW)
    page = said(client.get("/insight/fake/"))
    assert "It could not be worked out" in page
    assert "no such column" in page
    assert kept.catch_up(NOW + timedelta(minutes=1)) == 0
    assert client.post("/insight/fake/again/").status_code == 302
    assert kept.catch_up(NOW + timedelta(minutes=1)) == 1


def test_a_refresh_that_breaks_does_not_make_a_figure_younger(client_of, ann, worked_out, monkeypatch):
    client_of(ann).get("/insight/fake/")
    worked_out()

    def broken(kept, now):
        raise ValueError("no such column")

    monkeypatch.setattr(kept, "_worked_out", broken)
    later = NOW + kept.FRESH + timedelta(minutes=1)
    assert kept.catch_up(later) == 1
    assert Kept.objects.get().as_of == NOW
    assert "The last attempt to refresh it failed: ValueError: no such column" in said(
        client_of(ann).get("/insight/fake/")
    )
    assert kept.catch_up(later + timedelta(minutes=1)) == 0
    assert kept.catch_up(later + kept.FRESH + timedelta(minutes=1)) == 1


def test_only_what_is_looked_at_is_refreshed_and_the_rest_is_forgotten(client_of, ann, worked_out):
    client_of(ann).get("/insight/fake/")
    worked_out()
    assert kept.catch_up(NOW + kept.FRESH + timedelta(seconds=1)) == 1
    assert kept.catch_up(NOW + kept.LOOKED_AT + timedelta(days=1)) == 0
    assert Kept.objects.count() == 1
    kept.catch_up(NOW + kept.FORGOTTEN + timedelta(days=1))
    assert Kept.objects.count() == 0


def test_the_list_answers_each_question(client_of, ann, worked_out):
    client = client_of(ann)
    assert "Which source brings customers?" in said(client.get("/insight/"))
    worked_out()
    assert "Best is fair, by source." in said(client.get("/insight/"))
