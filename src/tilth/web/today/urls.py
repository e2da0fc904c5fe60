from django.urls import path

from . import page
from .fill_in import fill_in

urlpatterns = [
    path("", page.today, name="today"),
    path("people/<int:pk>/missing/", fill_in, name="fill-in"),
]
