"""What comes in through a form is kept whole, once."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tests.forms.conftest import ANSWERS, SPEC
from tilth.core import forms as core
from tilth.core.forms import Doubt
from tilth.forms.models import Submission
from tilth.forms.receiving import Incomplete, Sent, Stale, TooMany, receive
from tilth.forms.stamps import opened, stamp


def test_everything_is_kept_as_it_was_sent(form, send):
    page = "https://www.kasbouw.example/led?utm_source=linkedin&secret=1"
    row = send(form, agreed=True, page=page, visitor="v1", network="203.0.113.0", agent="Firefox")
    assert row.said == ANSWERS
    assert (row.agreed, row.page, row.visitor, row.network, row.doubt) == (
        True, "https://www.kasbouw.example/led?utm_source=linkedin", "v1", "203.0.113.0", "",
    )  # fmt: skip


def test_pressing_the_button_twice_sends_one(form, send):
    assert send(form) == send(form)
    assert Submission.objects.count() == 1
    send(form, {"hectares": "13"})
    assert Submission.objects.count() == 2


def test_what_is_missing_is_said_and_nothing_is_kept(form, send):
    with pytest.raises(Incomplete) as refused:
        send(form, {"email": ""})
    assert refused.value.wrong == {"email": "missing"}
    assert not Submission.objects.exists()


def test_a_submission_knows_the_version_that_was_shown(form, ann, send):
    old = stamp(form.edition, "n1", NOW - timedelta(minutes=1))
    shown = form.edition
    form.save_as(core.Spec(["en"], SPEC.fields[:1]), ann, NOW)
    row = receive(form, Sent(ANSWERS, old), NOW)
    assert (row.edition, row.doubt) == (shown, "")
    assert row.said["hectares"] == "12"


def test_a_page_that_was_open_for_more_than_a_day_is_shown_again(form, send):
    with pytest.raises(Stale):
        send(form, age=timedelta(days=1, minutes=1))


@pytest.mark.parametrize("text", ["", "forged", None])
def test_what_did_not_come_from_our_form_is_held(form, text):
    other = text if text is not None else stamp(form.edition, "n1", NOW)[:-1] + "x"
    assert receive(form, Sent(ANSWERS, other), NOW).doubt == Doubt.NO_STAMP


def test_a_stamp_of_another_form_is_none_of_this_one(form, ann, send):
    from tilth.forms.models import Form

    other = Form.make("Another", SPEC, ann, NOW)
    assert (
        receive(form, Sent(ANSWERS, stamp(other.edition, "n", NOW - timedelta(minutes=1))), NOW).doubt == Doubt.NO_STAMP
    )


def test_many_from_one_network_are_held_and_far_too_many_refused(form, send, monkeypatch):
    monkeypatch.setattr(core, "MANY", 2)
    monkeypatch.setattr(core, "FAR_TOO_MANY", 3)
    doubts = [send(form, nonce=f"n{n}", network="203.0.113.0").doubt for n in range(3)]
    assert doubts == ["", "", Doubt.MANY]
    with pytest.raises(TooMany):
        send(form, nonce="n9", network="203.0.113.0")
    assert send(form, nonce="n9", network="198.51.100.0").doubt == ""


def test_a_form_without_consent_has_nothing_to_agree_to(form, ann, send):
    form.save_as(core.Spec(["en"], SPEC.fields), ann, NOW)
    assert send(form, agreed=True).agreed is False


def test_a_stamp_says_when_and_which(form):
    found = opened(stamp(form.edition, "abc", NOW))
    assert found is not None
    assert (found.edition, found.nonce, found.at) == (form.edition_id, "abc", NOW)
