from django.urls import path

from . import missing, page

urlpatterns = [
    path("", page.today, name="today"),
    path("people/<int:pk>/missing/", missing.fill_in, name="fill-in"),
]
