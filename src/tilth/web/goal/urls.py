from django.urls import path

from . import page

urlpatterns = [
    path("goal/", page.goal, name="goal"),
    path("goal/new/", page.set_goal, name="goal-new"),
    path("goal/<int:pk>/signatures/<str:team>/", page.sign, name="goal-sign"),
]
