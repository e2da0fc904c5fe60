from django.urls import path

from . import page

urlpatterns = [
    path("how/", page.listed, name="how-all"),
    path("how/<slug:name>/", page.shown, name="how"),
]
