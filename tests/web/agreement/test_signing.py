"""Signing for a chosen moment, taking it back, withdrawing a version."""

from datetime import datetime

import pytest

from tests.conftest import NOW
from tilth.agreement.comments import comment
from tilth.agreement.models import Draft, Signature, Version, running

MARKETING, SALES = "/agreement/1/signatures/marketing/", "/agreement/1/signatures/sales/"
FIRST_OF_JULY = datetime.fromisoformat("2026-07-01T09:00+02:00")


@pytest.fixture
def version(clock, preset, ann) -> Version:
    return Version.write(preset, ann, NOW)


def signed(version, effect_at=""):
    return {"fingerprint": version.fingerprint, "effect_at": effect_at}


def test_who_signs_first_chooses_the_moment_and_the_second_sees_it(version, client_of, ann, bob):
    assert "Europe/Amsterdam" in client_of(ann).get(MARKETING).content.decode()
    client_of(ann).post(MARKETING, signed(version, "2026-07-01T09:00"))
    assert Signature.objects.get().effect_at == FIRST_OF_JULY
    asked = client_of(bob).get(SALES).content.decode()
    assert "It takes effect on <b>Wednesday 1 July 2026, 09:00</b> (Europe/Amsterdam), as Ann de Wit chose." in asked
    done = client_of(bob).post(SALES, signed(version, FIRST_OF_JULY.isoformat()), follow=True).content.decode()
    assert "takes effect on Wednesday 1 July 2026, 09:00" in done
    assert Version.objects.get().takes_effect_at == FIRST_OF_JULY
    assert running(NOW) is None


def test_without_a_moment_the_second_signature_puts_it_in_force(version, client_of, ann, bob):
    client_of(ann).post(MARKETING, signed(version))
    assert "as soon as you sign" in client_of(bob).get(SALES).content.decode()
    client_of(bob).post(SALES, signed(version))
    assert running(NOW) == version


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("2026-06-16T10:00", "That moment has passed"),
        ("2029-01-01T09:00", "more than a year ahead"),
        ("0001-01-01T00:00", "That moment has passed"),
        ("9999-12-31T23:59", "more than a year ahead"),
        ("2026-02-30T10:00", "Enter a valid date/time"),
        ("soon", "Enter a valid date/time"),
        ("2027-03-28T02:30", "couldn’t be interpreted in time zone Europe/Amsterdam"),
    ],
)
def test_a_moment_that_cannot_be_is_refused_at_its_field(version, client_of, ann, typed, said):
    answer = client_of(ann).post(MARKETING, signed(version, typed))
    page = answer.content.decode().replace("&#x27;", "’")
    assert answer.status_code == 422
    assert said in page
    assert f'value="{typed}"' in page
    assert not Signature.objects.exists()


def test_the_second_signs_only_for_the_moment_that_was_shown(version, client_of, ann, bob):
    version.sign(ann, "marketing", NOW, FIRST_OF_JULY)
    answer = client_of(bob).post(SALES, signed(version))
    assert "Ann de Wit signed for another moment" in answer.content.decode()
    for odd in ("nonsense", "2026-02-30T10:00:00+02:00", "2026-07-01T09:00:00", "\0"):
        assert client_of(bob).post(SALES, signed(version, odd)).status_code == 200
    assert Signature.objects.count() == 1


def test_an_open_comment_is_in_the_way(version, client_of, ann, bob):
    comment(version, "", "Wait.", bob, NOW)
    page = client_of(ann).get(MARKETING).content.decode()
    assert "Close 1 open comment first" in page
    assert "Sign as Ann" not in page
    client_of(ann).post(MARKETING, signed(version))
    assert not Signature.objects.exists()


def test_a_signature_is_taken_back(version, client_of, ann, bob):
    version.sign(ann, "marketing", NOW)
    assert b"Take it back" in client_of(ann).get("/agreement/1/").content
    assert b"Take it back" not in client_of(bob).get("/agreement/1/").content
    client_of(bob).post(f"{MARKETING}withdrawal/")
    assert Signature.objects.count() == 1
    client_of(ann).post(f"{MARKETING}withdrawal/")
    assert Signature.objects.count() == 0


def test_a_version_is_withdrawn_until_both_have_signed(version, client_of, ann, bob):
    version.sign(ann, "marketing", NOW)
    answer = client_of(bob).post("/agreement/1/withdrawal/")
    draft = Draft.objects.get()
    assert draft.is_open
    assert answer["Location"] == f"/agreement/drafts/{draft.pk}/"
    page = client_of(ann).get("/agreement/1/").content.decode()
    assert "Withdrawn" in page
    assert "Sign for marketing" not in page
    assert client_of(ann).get(MARKETING)["Location"] == "/agreement/1/"


def test_what_both_signed_stays(agreement, clock, client_of, ann):
    page = client_of(ann).post("/agreement/1/withdrawal/", follow=True).content.decode()
    assert "signed by both teams and never changes" in page
    client_of(ann).post(f"{MARKETING}withdrawal/")
    assert Signature.objects.count() == 2


def test_a_version_that_waits_for_its_moment_says_so(agreement, preset, clock, client_of, ann, bob):
    newer = Version.write(preset | {"name": "Next"}, ann, NOW)
    newer.sign(ann, "marketing", NOW, FIRST_OF_JULY)
    newer.sign(bob, "sales", NOW, FIRST_OF_JULY)
    page = client_of(ann).get("/agreement/2/").content.decode()
    assert "takes effect on Wednesday 1 July 2026, 09:00" in page
    third = Version.write(preset | {"name": "Sooner"}, ann, NOW)
    assert third.number == 3
    assert "Version 2 is signed by both" in client_of(ann).get("/agreement/3/signatures/marketing/").content.decode()
