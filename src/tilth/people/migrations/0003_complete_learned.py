"""What was learned before `joined` came says which company somebody joined, and of a company its name and domain.

Back: nothing to do, the rows only say more than before.
"""

from django.db import migrations


def complete(apps, schema_editor):
    Company, Learned = apps.get_model("people", "Company"), apps.get_model("people", "Learned")
    joined = Learned.objects.filter(person__isnull=False, joined=None, values__has_key="company")
    for row in joined.select_related("person__company").order_by("id").iterator(chunk_size=2_000):
        name, firm = row.values["company"], row.person.company
        if firm is None or name not in (firm.name, firm.domain):
            firm = Company.objects.filter(name=name).order_by("id").first()
        if firm:
            Learned.objects.filter(pk=row.pk).update(joined=firm)
    told, first, last = set(), None, None
    companies = Learned.objects.filter(company__isnull=False).select_related("company").order_by("company", "id")
    for row in companies.iterator(chunk_size=2_000):
        if row.company_id != last:
            _tell(Learned, first, told)
            told, first, last = set(), row, row.company_id
        told.update(row.values)
    _tell(Learned, first, told)


def _tell(Learned, first, told):
    """Let the first row of a company say what no row said."""
    firm = first and first.company
    missing = {k: v for k, v in (("name", firm and firm.name), ("domain", firm and firm.domain)) if v and k not in told}
    if missing:
        Learned.objects.filter(pk=first.pk).update(values={**missing, **first.values})


class Migration(migrations.Migration):
    dependencies = [("people", "0002_learned_joined")]
    operations = [migrations.RunPython(complete, migrations.RunPython.noop)]
