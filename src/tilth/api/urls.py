from django.urls import path

from . import plans, reports

urlpatterns = [
    path("plan/", plans.plan, name="api-plan"),
    path("reports/", reports.listed, name="api-reports"),
    path("reports/<slug:name>/", reports.shown, name="api-report"),
]
