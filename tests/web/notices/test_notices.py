"""The bell and the page of notices: what waits, what is read, and a toast without a reload."""

import pytest

from tests.conftest import NOW
from tilth import conveyor
from tilth.notify.models import Notice
from tilth.touches.models import Evidence
from tilth.touches.record import offer, record

pytestmark = pytest.mark.usefixtures("clock", "agreement")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def told(bob, anouk):
    """Bob has heard that Anouk downloaded the guide."""
    record("download", NOW, NOW, person=anouk, offer=offer("guide", NOW), evidence=Evidence.DECLARED, source="google")
    conveyor.run_dry(NOW)
    return Notice.objects.get(member=bob)


def test_a_notice_stands_on_the_page_with_its_reason(sales, told):
    page = sales.get("/notices/").content.decode()
    assert "Anouk Zonneveld" in page
    assert "Leads like this come to you" in page
    assert "Guide · google" in page
    assert 'id="count-notices">1<' in page


def test_opening_one_marks_it_read_and_leads_to_the_person(sales, told, anouk):
    answer = sales.post(f"/notices/{told.pk}/read/")
    assert answer["Location"] == f"/people/{anouk.pk}/"
    told.refresh_from_db()
    assert told.read_at == NOW
    assert 'id="count-notices" hidden' in sales.get("/notices/").content.decode()


def test_all_are_read_at_once(sales, told):
    sales.post("/notices/read/")
    assert not Notice.objects.filter(member=told.member, read_at=None).exists()
    assert Notice.objects.filter(read_at=None).exists()  # Ann's


def test_nobody_reads_the_notices_of_others(client_of, ann, told):
    assert client_of(ann).post(f"/notices/{told.pk}/read/").status_code == 404


def test_the_bell_tells_of_what_is_new_and_of_that_once(sales, told):
    first = sales.get("/notices/after/0/", headers=HTMX).content.decode()
    assert "New lead: Anouk Zonneveld, Operations manager, Zonneveld Tomaten</a>" in first
    assert 'id="count-notices" hx-swap-oob="true">1<' in first
    assert f'hx-get="/notices/after/{told.pk}/"' in first
    again = sales.get(f"/notices/after/{told.pk}/", headers=HTMX).content.decode()
    assert "toast" not in again


@pytest.mark.browser
def test_the_bell_rings_without_a_reload(page_of, bob, anouk):
    page = page_of(bob)
    page.goto("/deals/")
    assert not page.locator("#count-notices").is_visible()
    record("download", NOW, NOW, person=anouk, offer=offer("guide", NOW), evidence=Evidence.DECLARED)
    conveyor.run_dry(NOW)
    page.evaluate(
        "htmx.ajax('GET', document.querySelector('#bell').getAttribute('hx-get'), {source: '#bell', target: '#bell', swap: 'outerHTML'})"
    )
    page.locator("#toasts").get_by_text("New lead: Anouk Zonneveld").wait_for()
    assert page.locator("#count-notices").inner_text() == "1"
    page.locator("#toasts").get_by_role("link", name="New lead: Anouk Zonneveld").click()
    page.wait_for_url(f"**/people/{anouk.pk}/")


@pytest.mark.browser
def test_a_bell_that_finds_nobody_signed_in_or_no_connection_stays_quiet(page_of, bob, troubles):
    page = page_of(bob)
    page.goto("/me/")
    ring = "htmx.ajax('GET', document.querySelector('#bell').getAttribute('hx-get'), {source: '#bell', target: '#bell', swap: 'outerHTML'}).catch(() => 0)"
    page.context.clear_cookies()
    page.evaluate(ring)
    page.context.set_offline(True)
    page.evaluate(ring)
    page.wait_for_timeout(300)
    assert page.url.endswith("/me/")
    assert page.locator("#toasts .toast").count() == 0
    troubles.clear()  # the browser tells of both
