from tests.conftest import NOW
from tilth.consent.models import Act, Consent, Method, Purpose, may, record
from tilth.notify import unsubscribe
from tilth.people.models import Merge, Person, Split


def token(person) -> str:
    return unsubscribe.link(person).split("/")[-2]


def test_a_link_says_no_once(anouk):
    record(Act.GIVEN, Purpose.MAIL, NOW, NOW, person=anouk)
    way = unsubscribe.open_(token(anouk))
    assert way is not None
    assert unsubscribe.unsubscribe(way, NOW)
    assert unsubscribe.unsubscribe(way, NOW) is None
    assert not may(anouk.pk, Purpose.MAIL)
    assert Consent.objects.latest("id").method == Method.LINK


def test_who_never_agreed_may_say_no_too(anouk):
    way = unsubscribe.open_(token(anouk))
    assert way is not None
    assert unsubscribe.unsubscribe(way, NOW)


def test_a_link_shows_nobodys_address_and_cannot_be_forged(anouk):
    assert "anouk" not in unsubscribe.link(anouk)
    assert unsubscribe.open_(token(anouk) + "x") is None
    assert unsubscribe.open_("") is None


def test_the_headers_are_those_of_one_click(anouk):
    said = unsubscribe.headers(anouk)
    assert said == {
        "List-Unsubscribe": f"<{unsubscribe.link(anouk)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_a_link_works_on_after_its_person_turned_out_to_be_another(anouk):
    once = Person.objects.create(first_name="A.", at=NOW)
    old = token(once)
    merge = Merge.objects.create(person=anouk, merged_id=once.pk, name="A.", kept={}, at=NOW)
    once.delete()
    way = unsubscribe.open_(old)
    assert way is not None
    assert way.person == anouk
    Split.objects.create(merge=merge, at=NOW)
    assert unsubscribe.open_(old) is None
