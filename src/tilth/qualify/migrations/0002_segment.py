"""The segment of the ideal customers that somebody is in, as a column: the list of leads is narrowed by it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agreement", "0003_comments_and_moments"),
        ("people", "0003_complete_learned"),
        ("qualify", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="standing",
            name="segment",
            field=models.CharField(blank=True, db_default="", default="", max_length=80),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(fields=["segment", "-person"], name="standing_segment"),
        ),
    ]
