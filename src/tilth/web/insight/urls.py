from django.urls import path

from . import files, mailing, page, people

urlpatterns = [
    path("insight/", page.listed, name="insight"),
    path("insight/stop/<str:token>/", mailing.stop_by_link, name="report-stop"),
    path("insight/mails/<int:pk>/end/", mailing.stop, name="report-mail-end"),
    path("insight/<slug:name>/", page.shown, name="report"),
    path("insight/<slug:name>/mail/", mailing.subscribe, name="report-mail"),
    path("insight/<slug:name>/again/", page.anew, name="report-again"),
    path("insight/<slug:name>/people/", people.behind, name="report-people"),
    path("insight/<slug:name>.csv", files.csv, name="report-csv"),
    path("insight/<slug:name>/<int:chart>.svg", files.svg, name="report-svg"),
    path("insight/<slug:name>/<int:chart>.png", files.png, name="report-png"),
]
