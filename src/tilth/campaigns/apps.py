from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "tilth.campaigns"
    label = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"
