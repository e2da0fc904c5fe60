"""Who was erased does not come back by itself."""

from pathlib import Path

import pytest
from django.test import override_settings

from tests.capture.importing import counts, take_in
from tests.conftest import NOW
from tilth.deals.models import Deal
from tilth.people import suppressed
from tilth.people.crowd import name_and_number
from tilth.people.known import Told, keep
from tilth.people.models import Learned, Person, Suppression

WHOSE = "a1"


@pytest.fixture
def erased(db):
    """Anouk was erased: her address, her id at the CRM, her browser, and her name with her number."""
    ways = ["anouk@zonneveldtomaten.example", ("crm", "17"), name_and_number("Anouk", "Zonneveld", "+31105550142")]
    suppressed.suppress([*ways, (suppressed.VISITOR, "browser-1")], WHOSE, NOW)


@pytest.mark.parametrize("told", [
    Told(emails=["someone@else.example", "Anouk <ANOUK@ZonneveldTomaten.example>"]), Told(ids=[("crm", "17")]),
])  # fmt: skip
def test_nobody_keeps_who_was_erased(erased, told):
    with pytest.raises(suppressed.Suppressed):
        keep(told, NOW, "form")
    assert not Person.objects.exists()
    assert not Learned.objects.exists()


def test_others_are_kept(erased):
    assert keep(
        Told(emails=["ilse@zonneveldtomaten.example"], ids=[("cdp", "17")], phones=["+31105550142"]), NOW, "form"
    )[1]


def test_the_hashes_say_nothing_without_the_key(erased):
    stored = [bytes(row) for row in Suppression.objects.values_list("hash", flat=True)]
    assert len(stored) == 4
    assert all(len(row) == 32 and b"anouk" not in row for row in stored)
    with override_settings(SECRET_KEY="another"):
        assert not suppressed.is_suppressed(["anouk@zonneveldtomaten.example"])
    with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=[_secret()]):
        assert suppressed.is_suppressed(["anouk@zonneveldtomaten.example"])


def test_a_browser_is_remembered_and_what_is_no_address_is_nobodys(erased):
    assert suppressed.is_suppressed(visitors=["browser-1"])
    assert not suppressed.is_suppressed(["", "nonsense"], [("crm", "18")], ["browser-2"])


def test_coming_back_on_their_own_lifts_all_of_it(erased):
    assert suppressed.lift(["anouk@zonneveldtomaten.example"]) == 4
    assert keep(Told(ids=[("crm", "17")]), NOW, "form")[1]


def test_of_very_many_those_who_were_erased(erased):
    many = [f"{n}@example.org" for n in range(25_000)]
    assert suppressed.among([*many, ("crm", "17"), "anouk@zonneveldtomaten.example"]) == {
        ("crm", "17"), "anouk@zonneveldtomaten.example",
    }  # fmt: skip


def test_an_import_skips_them_and_says_so_without_naming_them(erased, transactional_db, settings, tmp_path):
    settings.HOME = tmp_path
    row = take_in(_file(tmp_path, "email,first name,last name,phone\n"
                        "anouk@zonneveldtomaten.example,Anouk,Zonneveld,\n,Anouk,Zonneveld,+31 10 555 0142\nilse@firm.example,Ilse,Bos,\n"))  # fmt: skip
    assert counts(row) == (1, 0, 2, 0)
    assert "zonneveld" not in str(row.notes).lower()
    assert row.notes["odd"]["erased on request"]["count"] == 2
    assert list(Person.objects.values_list("first_name", flat=True)) == ["Ilse"]


def test_a_deal_with_them_is_kept_without_them(erased, transactional_db, settings, tmp_path):
    settings.HOME = tmp_path
    text = "deal,email,amount,outcome,closed at\nHeating,anouk@zonneveldtomaten.example,1000,won,2026-05-01\n"
    row = take_in(_file(tmp_path, text), "deals")
    assert row.failed == 0
    assert Deal.objects.get().person is None
    assert "zonneveld" not in str(row.notes).lower()


def _file(folder: Path, text: str) -> Path:
    path = folder / "people.csv"
    path.write_text(text)
    return path


def _secret() -> str:
    from django.conf import settings

    return settings.SECRET_KEY


def test_of_somebody_erased_an_empty_row_is_left_that_no_list_shows(anouk):
    firm = anouk.company
    Person.objects.filter(pk=anouk.pk).update(first_name="", last_name="", erased_at=NOW)
    assert not Person.objects.exists()
    assert not firm.people.exists()
    assert str(Person.everyone.get()) == "(erased)"
