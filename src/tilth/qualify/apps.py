from django.apps import AppConfig


class QualifyConfig(AppConfig):
    name = "tilth.qualify"
    label = "qualify"
    default_auto_field = "django.db.models.BigAutoField"
