from django.apps import AppConfig


class AgreementConfig(AppConfig):
    name = "tilth.agreement"
    label = "agreement"
    default_auto_field = "django.db.models.BigAutoField"
