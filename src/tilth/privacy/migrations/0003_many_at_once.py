from django.db import migrations, models


def say_who(apps, schema_editor):
    Erasure = apps.get_model("privacy", "Erasure")
    for row in Erasure.objects.all():
        row.people = [row.whom]
        row.save(update_fields=["people"])


def say_whom(apps, schema_editor):
    """Back: of several, the first."""
    Erasure = apps.get_model("privacy", "Erasure")
    for row in Erasure.objects.all():
        row.whom = row.people[0] if row.people else 0
        row.save(update_fields=["whom"])


class Migration(migrations.Migration):
    dependencies = [("privacy", "0002_erasure")]
    operations = [
        migrations.AddField(model_name="erasure", name="people", field=models.JSONField(default=list)),
        migrations.AlterField(
            model_name="erasure", name="whom", field=models.BigIntegerField(db_index=True, default=0)
        ),
        migrations.RunPython(say_who, say_whom),
        migrations.RemoveField(model_name="erasure", name="whom"),
        migrations.AlterField(model_name="erasure", name="whose", field=models.CharField(max_length=32, default="")),
        migrations.RemoveField(model_name="erasure", name="whose"),
    ]
