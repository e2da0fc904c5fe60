from django.db import migrations
from django.db.models import F, Q


def look(apps, schema_editor):
    """What is open, or was broken before causes were found, is looked at once; no reminder is sent for the past."""
    obligations = apps.get_model("promises", "Obligation").objects
    broken = Q(settlement__kept=False, settlement__void=False)
    ids = obligations.filter(Q(open=True) | broken).values("pk")
    obligations.filter(pk__in=ids).update(look_at=F("due_at"))


class Migration(migrations.Migration):
    dependencies = [("promises", "0004_what_is_owed_and_looked_at")]
    operations = [migrations.RunPython(look, migrations.RunPython.noop)]
