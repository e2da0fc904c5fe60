from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("handoff", "0005_ranks"),
        ("people", "0009_uses_of_browsers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="holding",
            name="holding_queue",
        ),
        migrations.AddField(
            model_name="holding",
            name="fades_hours",
            field=models.FloatField(db_default=0, db_index=True, default=0),
        ),
        migrations.AddIndex(
            model_name="holding",
            index=models.Index(fields=["owner", "open_deals", "-rank", "-person"], name="holding_in_queue"),
        ),
    ]
