from django.urls import path

from . import page

urlpatterns = [path("scoreboard/", page.scoreboard, name="scoreboard")]
