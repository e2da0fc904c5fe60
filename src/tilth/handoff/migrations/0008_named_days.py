"""Until now a day that sales named was the condition itself; from now on it says so."""

from django.db import migrations


def say_so(apps, schema_editor):
    for name in ("Return", "HandBack"):
        apps.get_model("handoff", name).objects.filter(wake_on__isnull=False, comes_back="news").update(
            comes_back="date"
        )


class Migration(migrations.Migration):
    dependencies = [("handoff", "0007_found")]

    operations = [migrations.RunPython(say_so, migrations.RunPython.noop)]
