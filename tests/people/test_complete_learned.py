"""What older rows left out is filled in when Tilth is brought up to date."""

from importlib import import_module

from django.apps import apps

from tests.conftest import NOW
from tilth.people.models import Company, Learned, Person

complete = import_module("tilth.people.migrations.0003_complete_learned").complete


def test_older_rows_get_the_company_that_was_joined_and_its_name_and_domain(db):
    firm = Company.objects.create(name="Zonneveld", domain="zonneveld.example", at=NOW)
    before = Company.objects.create(name="Before", at=NOW)
    anouk = Person.objects.create(first_name="Anouk", company=firm, at=NOW)
    rows = [
        Learned(company=before, values={"name": "Before"}),
        Learned(company=firm, values={"employees": 120}),
        Learned(person=anouk, values={"company": "Before", "first_name": "Anouk"}),
        Learned(company=firm, values={"employees": 130}),
        Learned(person=anouk, values={"company": "Zonneveld"}),
        Learned(person=anouk, values={"company": "Nobody knows it any more"}),
    ]
    for row in rows:
        row.at, row.origin = NOW, "form"
        row.save()
    complete(apps, None)
    complete(apps, None)  # which changes nothing
    told = Learned.objects.order_by("id").values_list("joined", "values")
    assert list(told) == [
        (None, {"name": "Before"}),
        (None, {"name": "Zonneveld", "domain": "zonneveld.example", "employees": 120}),
        (before.pk, {"company": "Before", "first_name": "Anouk"}),
        (None, {"employees": 130}),
        (firm.pk, {"company": "Zonneveld"}),
        (None, {"company": "Nobody knows it any more"}),
    ]
