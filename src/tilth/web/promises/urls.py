from django.urls import path

from . import delivered, page

urlpatterns = [
    path("promises/", page.promises, name="promises"),
    path("promises/list/", page.listing, name="promises-list"),
    path("promises/delivered/", delivered.delivered, name="promises-delivered"),
]
