"""Search: by the beginning of names, addresses and companies, answered by indexes."""

import pytest
from django.db import connection

from tilth.people.models import Person
from tilth.web.find.search import begins, search


def found(client, text, **headers):
    return client.get("/find/", {"q": text}, headers=headers).content.decode()


@pytest.mark.parametrize(
    "text", ["zonn", "Zonn", "anouk", "anouk zonn", "anouk@zonn", "zonneveld tom", "Zonneveld Tomaten"]
)
def test_a_person_is_found_by(text, sales, anouk, agreement):
    assert f'href="/people/{anouk.pk}/"' in found(sales, text)


def test_a_company_is_found_by_name_and_by_domain(sales, anouk, agreement):
    for text in ("zonneveld", "zonneveldtomaten.ex"):
        assert f'href="/companies/{anouk.company_id}/"' in found(sales, text)


def test_the_palette_gets_the_results_alone(sales, anouk, agreement):
    part = found(sales, "zonn", **{"HX-Request": "true"})
    assert "<html" not in part
    assert 'role="option"' in part


def test_an_empty_search_shows_the_pages_that_may_be_opened(sales, agreement):
    page = found(sales, "")
    assert "Leads" in page
    assert "Pages" in page


def test_nothing_found_says_where_was_looked(sales, agreement):
    assert "Nothing begins with “xyzzy”" in found(sales, "xyzzy")


def test_what_was_typed_is_not_run_as_markup(sales, agreement):
    assert "<script>alert(1)</script>" not in found(sales, "<script>alert(1)</script>")


def test_one_letter_is_too_little(agreement):
    assert search("z").people == []


def test_an_index_answers(db):
    query = Person.objects.filter(begins("last_name", "zonn")).values("pk")
    plan = query.explain()
    if connection.vendor == "sqlite":
        assert "SCAN" not in plan
        assert "USING" in plan
