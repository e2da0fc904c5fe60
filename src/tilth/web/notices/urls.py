from django.urls import path

from . import bell, page

urlpatterns = [
    path("notices/", page.notices, name="notices"),
    path("notices/read/", page.read_all, name="notices-read"),
    path("notices/<int:pk>/read/", page.read, name="notice-read"),
    path("notices/after/<int:pk>/", bell.after, name="notices-after"),
]
