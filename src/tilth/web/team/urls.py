from django.urls import path

from . import absence, doors, page, week

urlpatterns = [
    path("team/", page.team, name="team"),
    path("team/invitations/", doors.invite, name="invite"),
    path("team/invitations/<int:pk>/withdrawal/", doors.withdraw, name="invitation-withdraw"),
    path("team/<int:pk>/account/", doors.account, name="account"),
    path("team/<int:pk>/week/", week.week, name="week"),
    path("team/absences/today/", absence.today, name="absence-today"),
    path("team/absences/", absence.add, name="absence-add"),
    path("team/absences/<int:pk>/removal/", absence.remove, name="absence-remove"),
]
