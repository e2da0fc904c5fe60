from django.urls import path

from . import page

urlpatterns = [path("", page.today, name="today")]
