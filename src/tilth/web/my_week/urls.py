from django.urls import path

from . import page

urlpatterns = [path("week/", page.my_week, name="my-week")]
