"""What was known when: small cases by hand. That it agrees with what people see is tested in tests/insight/test_lake.py."""

from tilth.core.learned import Fact, Row, of_company, of_person

GREEN = of_company([(1, {"name": "Green", "employees": 5}), (8, {"employees": 9}), (20, {"city": "Delft"})])
BLUE = of_company([(2, {"name": "Blue", "domain": "blue.example"}), (30, {"sector": "glass"})])


def test_of_names_addresses_and_numbers_only_that_they_are_known():
    rows = [Row(3, {"first_name": "Ada", "email": "ada@gmail.com", "phone": "+31105550142", "title": "CTO"})]
    assert set(of_person(rows, {})) == {
        Fact(3, "person.first_name", True), Fact(3, "person.email", True), Fact(3, "email.free", True),
        Fact(3, "person.phone", True), Fact(3, "person.title", "CTO"),
    }  # fmt: skip


def test_the_first_address_is_the_one_we_write_to():
    rows = [Row(1, {"email": "ada@gmail.com"}), Row(2, {"email": "ada@green.example"})]
    assert [f for f in of_person(rows, {}) if f.field == "email.free"] == [Fact(1, "email.free", True)]


def test_a_company_counts_from_the_day_they_joined_and_to_the_day_they_left():
    facts = of_person([Row(10, {"company": "Green"}, 1), Row(25, {"company": "Blue"}, 2)], {1: GREEN, 2: BLUE})
    assert [f for f in facts if f.at == 10] == [Fact(10, "company.name", "Green"), Fact(10, "company.employees", 9)]
    assert [f for f in facts if f.at == 20] == [Fact(20, "company.city", "Delft")]
    assert {f for f in facts if f.at == 25} == {
        Fact(25, "company.employees", None), Fact(25, "company.city", None), Fact(25, "company.name", "Blue"),
        Fact(25, "company.domain", "blue.example"),
    }  # fmt: skip
    assert facts[-1] == Fact(30, "company.custom.sector", "glass")


def test_a_clock_that_went_back_does_not_change_what_came_last():
    rows = [Row(9, {"title": "CTO"}), Row(5, {"title": "CEO"})]
    assert of_person(rows, {}) == [Fact(9, "person.title", "CEO")]


def test_empty_values_say_nothing():
    assert of_person([Row(1, {"title": "", "country": None})], {}) == []


def test_an_attribute_of_their_own_may_be_called_company():
    assert of_person([Row(1, {"company": "a word"})], {}) == [Fact(1, "person.custom.company", "a word")]
