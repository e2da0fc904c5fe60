from django.urls import path

from . import page

urlpatterns = [path("start/", page.start, name="start")]
