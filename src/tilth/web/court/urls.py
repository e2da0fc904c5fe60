from django.urls import path

from . import case, page

urlpatterns = [
    path("court/", page.court, name="court"),
    path("court/<int:pk>/", case.case, name="court-case"),
    path("court/<int:pk>/upheld/", case.upheld, name="upheld"),
    path("court/<int:pk>/overturned/", case.overturned, name="overturned"),
]
