"""Getting a report by mail from its page, and no more of it."""

import pytest

from tilth.notify import subscribing
from tilth.notify.models import Subscription

from .test_report import said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fakes", "stopped_clock")]


def test_a_report_is_asked_for_and_ended_on_its_page(client_of, ann):
    client = client_of(ann)
    assert "Get it by mail" in said(client.get("/insight/fake/?by=offer"))
    page = client.post("/insight/fake/mail/?by=offer", {"every": "month"}, follow=True)
    assert "It comes to you on the first of every month at 8:00." in said(page)
    row = Subscription.objects.get()
    assert (row.member, row.chosen["by"], row.language) == (ann, "offer", "en")
    assert "By mail to you" in said(client.get("/insight/fake/?by=offer"))
    assert "Get it by mail" in said(client.get("/insight/fake/"))
    client.post(f"/insight/mails/{row.pk}/end/", follow=True)
    assert "Get it by mail" in said(client.get("/insight/fake/?by=offer"))


def test_it_is_ended_where_one_says_what_one_hears_of_and_taken_back(client_of, ann):
    client = client_of(ann)
    assert "Any report can come to you by mail" in said(client.get("/me/notifications/"))
    client.post("/insight/fake/mail/?by=offer", {"every": "week"})
    page = client.get("/me/notifications/")
    assert "Sources: Last 12 months, Offer" in said(page)
    row = Subscription.objects.get()
    gone = client.post(f"/insight/mails/{row.pk}/end/", follow=True)
    assert "Any report can come to you by mail" in said(gone)
    undo = gone.content.decode().split('action="/journal/')[1].split('"')[0]
    client.post(f"/journal/{undo}")
    row.refresh_from_db()
    assert row.ended_at is None


def test_nobody_ends_what_comes_to_another(client_of, ann, bob):
    client_of(ann).post("/insight/fake/mail/", {"every": "week"})
    row = Subscription.objects.get()
    assert client_of(bob).post(f"/insight/mails/{row.pk}/end/").status_code == 404
    assert "Choose when" in said(client_of(ann).post("/insight/fake/mail/", {"every": "hour"}, follow=True))


def test_the_link_in_the_mail_ends_it_when_its_button_is_pressed(client_of, ann, charlie):
    client_of(ann).post("/insight/fake/mail/", {"every": "week"})
    row = Subscription.objects.get()
    link = f"/insight/stop/{subscribing.token(row)}/"
    assert "Send me no more" in said(charlie.get(link))
    row.refresh_from_db()
    assert row.ended_at is None
    assert "You get no more" in said(charlie.post(link, {"List-Unsubscribe": "One-Click"}))
    row.refresh_from_db()
    assert row.ended_at
    assert "You get no more" in said(charlie.get(link))
    assert charlie.get("/insight/stop/nonsense/").status_code == 410
