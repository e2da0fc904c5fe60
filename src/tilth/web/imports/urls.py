from django.urls import path

from . import course, listing, mapping

urlpatterns = [
    path("imports/", listing.imports, name="imports"),
    path("imports/<int:pk>/", course.show, name="import"),
    path("imports/<int:pk>/mapping/", mapping.correct, name="import-mapping"),
    path("imports/<int:pk>/stop/", course.stop, name="import-stop"),
    path("imports/<int:pk>/failed.csv", course.failed, name="import-failed"),
]
