from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("qualify", "0007_rounds"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="stagechange",
            index=models.Index(fields=["person", "id", "stage", "at"], name="stage_course"),
        ),
    ]
