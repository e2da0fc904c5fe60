from django.urls import path

from . import page

urlpatterns = [
    path("promises/", page.promises, name="promises"),
    path("promises/list/", page.listing, name="promises-list"),
]
