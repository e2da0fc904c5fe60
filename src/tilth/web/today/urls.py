from django.urls import path

from . import manager, page
from .fill_in import fill_in

urlpatterns = [
    path("", page.today, name="today"),
    path("people/<int:pk>/missing/", fill_in, name="fill-in"),
    path("people/<int:pk>/owner/", manager.assign, name="assign"),
]
