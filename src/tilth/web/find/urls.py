from django.urls import path

from . import page

urlpatterns = [path("find/", page.find, name="find")]
