"""Keeping what we are told about one person."""

from tests.conftest import NOW
from tilth.people.known import Told, keep
from tilth.people.models import Company, Learned, Person


def test_what_two_people_write_down_about_one_person_both_stays(anouk, ann, bob):
    first, second = Person.objects.get(), Person.objects.get()
    keep(Told(person={"title": "Director"}), NOW, "typed in", ann, person=first)
    keep(Told(person={"language": "nl"}), NOW, "typed in", bob, person=second)
    anouk.refresh_from_db()
    assert (anouk.title, anouk.language) == ("Director", "nl")


def test_an_empty_value_says_nothing(anouk):
    before = Learned.objects.count()
    keep(Told(person={"title": "", "country": None}), NOW, "typed in", person=anouk)
    anouk.refresh_from_db()
    assert anouk.title == "Operations manager"
    assert Learned.objects.count() == before


def test_naming_the_company_that_somebody_is_with_makes_no_second_one(db):
    """A private address says nothing about the company, which is known by its domain."""
    firm = Company.objects.create(name="Zonneveld Tomaten", domain="zonneveldtomaten.example", at=NOW)
    ilse = Person.objects.create(first_name="Ilse", company=firm, at=NOW)
    told = Told(emails=["ilse@gmail.com"], company={"name": "zonneveld tomaten", "city": "Bleiswijk"})
    keep(told, NOW, "typed in", person=ilse)
    assert Company.objects.get().city == "Bleiswijk"
    assert Person.objects.get().company == firm


def test_what_was_learned_says_which_company_somebody_joined(anouk):
    """By its id: two companies may have one name, and a name may change."""
    first = anouk.company
    keep(Told(company={"name": "Other"}, domain="other.example"), NOW, "typed in", person=anouk)
    joined = list(Learned.objects.filter(person=anouk).order_by("id").values_list("joined", flat=True))
    assert joined == [first.pk, anouk.company_id]
    keep(Told(person={"title": "Director"}), NOW, "typed in", person=anouk)
    assert Learned.objects.latest("id").joined is None


def test_what_was_learned_of_a_new_company_names_it_and_its_domain(anouk):
    values = Learned.objects.get(company=anouk.company).values
    assert (values["name"], values["domain"]) == ("Zonneveld Tomaten", "zonneveldtomaten.example")
    assert values["employees"] == 120


def test_of_several_new_addresses_the_first_is_the_one_that_we_write_to(db):
    told = Told(emails=["ilse@gmail.com", "ilse@firm.example"])
    ilse, _made = keep(told, NOW, "typed in")
    assert ilse.emails.order_by("id").values_list("address", flat=True)[0] == "ilse@gmail.com"
    assert Learned.objects.get(person=ilse).values["email"] == "ilse@gmail.com"
