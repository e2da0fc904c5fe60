"""Who sent whom: by a link, in words that fit somebody or nobody, or by hand; and never themselves."""

from datetime import timedelta

import pytest

from tests.conftest import NOW
from tilth.deals.verbs import undo
from tilth.people.known import Told, keep, recognise
from tilth.people.models import Person
from tilth.touches.models import Evidence, Referral
from tilth.touches.record import adopt, record
from tilth.touches.referring import brought, code, person_of, refer, who_is

SITE = "https://www.kasbouw.example/climate?utm_source=x&ref="


@pytest.fixture
def piet(db):
    told = Told(emails=["piet@hofland.example"], person={"first_name": "Piet", "last_name": "Hofland"})
    return keep(told, NOW, "form")[0]


def came(person, url="", **said):
    return record("form", NOW, NOW, person=person, evidence=Evidence.DECLARED, url=url, properties=said)[0]


def test_a_code_names_its_person_and_nobody_makes_one_up(anouk, piet):
    assert person_of(code(anouk.pk)) == anouk.pk
    assert person_of(code(anouk.pk).upper()) == anouk.pk
    forged = f"{piet.pk:x}-{code(anouk.pk).partition('-')[2]}"
    for odd in (
        forged,
        "newsletter",
        "",
        "-",
        "1-",
        f"{code(anouk.pk)}x",
        "f" * 40 + "-0",
        "1-ümlaut000000",
        code(10_000),
    ):
        assert person_of(odd) is None


def test_a_code_outlives_a_change_of_the_secret_key(anouk, settings):
    old = code(anouk.pk)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"
    assert person_of(old) == anouk.pk
    assert code(anouk.pk) != old


def test_who_comes_by_a_link_was_sent_by_its_owner(anouk, piet):
    touch = came(piet, SITE + code(anouk.pk))
    row = Referral.objects.get()
    assert (row.person, row.by, row.how, row.touch, row.at) == (piet, anouk, "link", touch, NOW)
    came(piet, SITE + code(anouk.pk))
    assert Referral.objects.count() == 1
    assert [r.person for r in brought(anouk.pk)] == [piet]


def test_a_visit_by_a_link_counts_once_the_visitor_has_a_name(anouk):
    visitor = recognise("browser", None, NOW)
    record(
        "page", NOW - timedelta(days=1), NOW, visitor=visitor, evidence=Evidence.ANONYMOUS, url=SITE + code(anouk.pk)
    )
    assert not Referral.objects.exists()
    ilse = keep(Told(emails=["ilse@poot.example"]), NOW, "form")[0]
    came(ilse)
    visitor = recognise("browser", ilse, NOW)
    adopt(visitor, NOW)
    assert [(r.person, r.by) for r in Referral.objects.all()] == [(ilse, anouk)]


def test_who_was_a_lead_before_only_looked(anouk, piet):
    came(piet)
    record("page", NOW + timedelta(days=3), NOW, person=piet, url=SITE + code(anouk.pk))
    assert not Referral.objects.exists()


@pytest.mark.parametrize("url", [SITE + "newsletter", SITE, "http://[", "mailto:?ref=x"])
def test_other_peoples_marks_mean_nothing(piet, url):
    came(piet, url)
    assert not Referral.objects.exists()


def test_a_machine_sends_nobody(anouk, piet):
    record("form", NOW, NOW, person=piet, evidence=Evidence.MACHINE, url=SITE + code(anouk.pk))
    assert not Referral.objects.exists()


def test_nobody_sends_themselves(anouk, ann):
    came(anouk, SITE + code(anouk.pk), referred_by="anouk@zonneveldtomaten.example")
    assert not Referral.objects.exists()
    with pytest.raises(ValueError, match="themselves"):
        refer(anouk, anouk, ann, NOW)


@pytest.mark.parametrize("said", ["ANOUK@zonneveldtomaten.example", "Anouk  Zonneveld", "code"])
def test_what_somebody_writes_finds_whom_they_mean(anouk, piet, said):
    came(piet, referred_by=code(anouk.pk) if said == "code" else said)
    row = Referral.objects.get()
    assert (row.by, row.how) == (anouk, "told")


def test_a_name_that_two_have_means_nobody(anouk, piet):
    Person.objects.create(first_name="Anouk", last_name="Zonneveld", at=NOW)
    assert who_is("Anouk Zonneveld") is None


def test_words_that_fit_nobody_are_kept_until_somebody_says_whom_they_mean(anouk, piet, bob):
    came(piet, referred_by="Noor from the tomatoes")
    came(piet, referred_by="Noor from the tomatoes")
    row = Referral.objects.get()
    assert (row.by, row.named) == (None, "Noor from the tomatoes")
    _row, entry = refer(piet, anouk, bob, NOW)
    row.refresh_from_db()
    assert (row.by, row.member, row.how) == (anouk, bob, "told")
    undo(entry, bob, NOW)
    row.refresh_from_db()
    assert (row.by, row.named) == (None, "Noor from the tomatoes")


def test_a_colleague_writes_it_down_once_and_takes_it_back(anouk, piet, bob):
    row, entry = refer(piet, anouk, bob, NOW)
    assert refer(piet, anouk, bob, NOW) == (row, None)
    undo(entry, bob, NOW)
    assert not Referral.objects.exists()


@pytest.mark.parametrize("said", [["a list"], {"a": "mapping"}, "", None, True, 7, "x" * 5_000])
def test_whatever_a_client_sends_breaks_nothing(piet, said):
    came(piet, referred_by=said)
    assert Referral.objects.count() == (said in ("x" * 5_000, 7))
