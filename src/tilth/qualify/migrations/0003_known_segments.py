"""Who was judged before there was a column for it keeps the segment that their reasons name.

Back: nothing to do, the column goes.
"""

from django.db import migrations
from django.db.models import Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Left


def copy(apps, schema_editor):
    Standing = apps.get_model("qualify", "Standing")
    known = Standing.objects.filter(reasons__has_key="segment")
    known.update(segment=Left(Coalesce(KT("reasons__segment"), Value("")), 80))


class Migration(migrations.Migration):
    dependencies = [("qualify", "0002_segment")]
    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
