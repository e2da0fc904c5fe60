from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0009_uses_of_browsers"),
        ("qualify", "0008_course"),
    ]

    operations = [
        migrations.AddField(
            model_name="ripe",
            name="lane",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
        migrations.AddField(
            model_name="ripe",
            name="raised",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="ripe",
            name="rank",
            field=models.FloatField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name="ripe",
            index=models.Index(fields=["waits_for", "-rank", "-person"], name="ripe_in_line"),
        ),
    ]
