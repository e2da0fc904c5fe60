from django.urls import path

from . import page

urlpatterns = [path("leads/<int:pk>/dossier/", page.page, name="dossier")]
