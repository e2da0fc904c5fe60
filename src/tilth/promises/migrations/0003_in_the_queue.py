from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agreement", "0003_comments_and_moments"),
        ("handoff", "0006_in_the_queue"),
        ("promises", "0002_breaches"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(("open", True)), fields=["member", "due_at", "handoff"], name="obligation_of"
            ),
        ),
    ]
