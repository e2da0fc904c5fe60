"""Pages and their addresses, one line for each folder."""

from django.urls import include, path

urlpatterns = [
    path("", include("tilth.web.sign_in.urls")),
    path("", include("tilth.web.today.urls")),
    path("", include("tilth.web.agreement.urls")),
    path("", include("tilth.web.people.urls")),
    path("", include("tilth.web.companies.urls")),
    path("", include("tilth.web.card.urls")),
    path("", include("tilth.web.handoff.urls")),
    path("", include("tilth.web.dossier.urls")),
    path("", include("tilth.web.together.urls")),
    path("", include("tilth.web.board.urls")),
    path("", include("tilth.web.desk.urls")),
    path("", include("tilth.web.court.urls")),
    path("", include("tilth.web.deals.urls")),
    path("", include("tilth.web.goal.urls")),
    path("", include("tilth.web.scoreboard.urls")),
    path("", include("tilth.web.sources.urls")),
    path("", include("tilth.web.team.urls")),
    path("", include("tilth.web.imports.urls")),
    path("", include("tilth.web.start.urls")),
    path("", include("tilth.web.groups.urls")),
    path("", include("tilth.web.merging.urls")),
    path("", include("tilth.web.find.urls")),
    path("", include("tilth.web.journal.urls")),
    path("", include("tilth.web.forms.urls")),
    path("", include("tilth.web.notify.urls")),
    path("", include("tilth.web.notices.urls")),
    path("", include("tilth.web.public.urls")),
    path("", include("tilth.web.privacy.urls")),
]
