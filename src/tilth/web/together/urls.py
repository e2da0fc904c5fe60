from django.urls import path

from . import page

urlpatterns = [path("together/", page.together, name="together")]
