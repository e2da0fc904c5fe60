"""The page on which a member says what they hear of."""

import pytest

from tests.conftest import NOW
from tests.notify.receiving import receiving
from tilth.notify import choosing
from tilth.notify.channels.calendar import whose
from tilth.notify.models import Choice, Delivery, Endpoint, Hours

HOURS = {"begins": "20:00", "ends": "06:30", "digest_at": "09:00"}


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.mark.usefixtures("clock", "agreement")
def test_choices_and_quiet_hours_are_kept_and_shown(sales, bob):
    answer = sales.post("/me/notifications/", HOURS | {"handoff.mail": "digest", "lead.page": "not"}, follow=True)
    assert Choice.objects.filter(member=bob).count() == 2
    hours = Hours.objects.get(member=bob)
    assert (f"{hours.begins:%H:%M}", f"{hours.ends:%H:%M}", hours.days_off) == ("20:00", "06:30", False)
    page = answer.content.decode()
    assert 'name="handoff.mail"' in page
    assert page.count('value="digest" selected') == 1
    assert 'value="20:00"' in page
    sales.post("/me/notifications/", HOURS | {"handoff.mail": "not"})
    assert Choice.objects.get(member=bob, what="handoff").how == "not"


@pytest.mark.usefixtures("clock", "agreement")
@pytest.mark.parametrize(
    "typed",
    [{"handoff.smoke": "at_once"}, {"nothing.mail": "at_once"}, {"handoff.mail": "loud"}, {"trial.mail": "not"}],
)
def test_what_is_no_choice_is_passed_over(sales, typed):
    assert sales.post("/me/notifications/", HOURS | typed).status_code == 302
    assert not Choice.objects.exists()


@pytest.mark.usefixtures("clock", "agreement")
def test_half_of_quiet_hours_is_sent_back_with_a_way_out(sales):
    answer = sales.post("/me/notifications/", HOURS | {"ends": ""})
    assert answer.status_code == 422
    assert "Say both when it begins and when it ends" in answer.content.decode()


@pytest.mark.usefixtures("clock", "agreement")
def test_a_channel_of_ones_own_is_set_up_tried_and_taken_down(sales, bob, receiver):
    sales.post("/me/notifications/slack/", {"url": receiver.url})
    assert Endpoint.objects.get().member == bob
    assert Delivery.objects.get().event.what == "trial"
    assert 'name="handoff.slack"' in sales.get("/me/notifications/").content.decode()
    sales.post("/me/notifications/slack/end/")
    assert not Endpoint.objects.exists()


@pytest.mark.usefixtures("clock", "agreement")
@pytest.mark.parametrize(("channel", "url", "status"), [("slack", "https://10.0.0.1/", 422), ("slack", "", 422), ("webhook", "https://1.1.1.1/", 404), ("smoke", "https://1.1.1.1/", 404)])  # fmt: skip
def test_what_cannot_be_told_there_is_refused(sales, channel, url, status):
    assert sales.post(f"/me/notifications/{channel}/", {"url": url}).status_code == status
    assert not Endpoint.objects.exists()


@pytest.mark.usefixtures("clock", "agreement")
def test_the_address_of_the_calendar_is_shown_once(sales, bob):
    page = sales.post("/me/notifications/calendar/").content.decode()
    secret = page.partition("/calendar/")[2].partition(".ics")[0]
    assert whose(secret, NOW) == bob
    assert secret not in sales.get("/me/notifications/").content.decode()
    sales.post("/me/notifications/calendar/", {"do": "close"})
    assert whose(secret, NOW) is None


@pytest.mark.usefixtures("clock")
def test_what_was_agreed_is_said_beside_what_was_chosen(sales, bob, preset, ann):
    from tests.conftest import JOINED
    from tilth.agreement.models import Version

    version = Version.write(preset | {"tell": {"due": "at_once"}}, ann, JOINED)
    version.sign(ann, "marketing", JOINED)
    version.sign(bob, "sales", JOINED)
    page = sales.get("/me/notifications/").content.decode()
    assert "agreed: at once" in page
    assert "by agreement: at once" in page
    assert choosing.hours_of(bob).days_off
