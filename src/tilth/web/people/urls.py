from django.urls import path

from . import leads, page

urlpatterns = [
    path("people/", leads.leads, name="leads"),
    path("people/<int:pk>/", page.person, name="person"),
]
