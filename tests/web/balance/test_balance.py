"""The balance sheet as a page: it adds up, it says whether it does, and each figure opens its people."""

import re
from datetime import timedelta

import pytest
from django.utils.html import strip_tags

from tests.conftest import NOW
from tests.handoff.test_routing import lead, run
from tilth.handoff.models import Handoff
from tilth.handoff.verbs import return_lead
from tilth.people.models import Person
from tilth.qualify.models import Standing

pytestmark = pytest.mark.django_db


def said(page) -> str:
    return re.sub(r"\s+", " ", strip_tags(page.content.decode().replace("<", " <")))


def test_an_empty_tilth_has_a_balance(client_of, ann, stopped_clock):
    page = said(client_of(ann).get("/balance/?by=source"))
    assert "balances with where people stand now" in page
    assert "Nobody was at this stage in this time." in page


def test_each_figure_opens_as_many_people_as_it_says(client_of, agreement, bob, ann, stopped_clock):
    for n in range(3):
        lead(n)
    run(NOW)
    return_lead(Handoff.objects.earliest("pk"), bob, "not-ready", "", NOW)
    client = client_of(ann)
    page, sources = client.get("/balance/?stage=mql"), client.get("/balance/?stage=mql&by=source")
    rows = [*page.context["sheet"], *page.context["rows"], *sources.context["rows"]]
    opened = 0
    for row in rows:
        for flow, n in (
            ("opening", row.line.opening),
            ("came", row.came),
            ("went", row.went),
            ("closing", row.line.closing),
        ):
            assert bool(row.urls[flow]) == bool(n)
            if n:
                assert len(client.get(row.urls[flow]).context["rows"]) == n
                opened += 1
    assert opened > 6
    mql = next(row for row in page.context["sheet"] if row.label == "MQL")
    assert (mql.came, mql.went, mql.line.closing) == (3, 1, 2)
    assert "Together 0 +3 3 not known before 0 3" in said(page)


def test_a_gap_to_where_people_stand_is_an_alarm(client_of, agreement, ann, stopped_clock):
    person = lead(1)
    run(NOW)
    Standing.objects.filter(person=person).update(stage="customer")
    page = said(client_of(ann).get("/balance/"))
    assert "does not balance" in page
    assert "Customer: +1 stand there who are not in the books." in page


def test_who_was_erased_is_in_the_list_without_a_name(client_of, agreement, ann, stopped_clock):
    person = lead(1)
    run(NOW)
    page = client_of(ann).get("/balance/?stage=mql")
    url = page.context["rows"][0].urls["came"]
    Standing.objects.filter(person=person).delete()
    Person.objects.filter(pk=person.pk).update(erased_at=NOW + timedelta(seconds=1), first_name="", last_name="")
    assert "(erased)" in said(client_of(ann).get(url))


@pytest.mark.parametrize(
    "asked",
    ["first=2026-01-01", "stage=nobody&flow=came&first=2026-01-01&last=2026-02-01", "stage=mql&flow=up&first=2026-01-01&last=2026-02-01",
     "stage=mql&flow=came&first=2026-02-30&last=2026-03-01", "stage=mql&flow=came&first=0001-01-01&last=9999-12-31",
     "stage=mql&flow=came&first=2026-03-01&last=2026-02-01"],
)  # fmt: skip
def test_a_figure_that_does_not_exist_is_no_page(client_of, ann, asked, stopped_clock):
    assert client_of(ann).get(f"/balance/people/?{asked}").status_code == 404
    assert (
        client_of(ann)
        .get(f"/balance/people/?stage=mql&flow=came&first=2026-01-01&last=2026-02-01&before={'9' * 30}")
        .status_code
        == 200
    )
