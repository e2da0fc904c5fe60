from django.apps import AppConfig


class LeaksConfig(AppConfig):
    name = "tilth.leaks"
    label = "leaks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tilth.insight import reports

        from .report import REPORT

        reports.add(REPORT)
