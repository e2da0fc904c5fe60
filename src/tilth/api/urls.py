from django.urls import path

from . import reports

urlpatterns = [
    path("reports/", reports.listed, name="api-reports"),
    path("reports/<slug:name>/", reports.shown, name="api-report"),
]
