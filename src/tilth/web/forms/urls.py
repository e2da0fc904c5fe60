from django.urls import path

from . import edit, held, listing, page, version

urlpatterns = [
    path("forms/", listing.listing, name="forms"),
    path("forms/held/", held.held, name="forms-held"),
    path("forms/held/<int:pk>/", held.judge, name="submission-judge"),
    path("forms/<int:pk>/", page.form, name="form"),
    path("forms/<int:pk>/edit/", edit.edit, name="form-edit"),
    path("forms/<int:pk>/versions/<int:number>/", version.version, name="form-version"),
    path("forms/<int:pk>/file/", page.file, name="form-file"),
    path("forms/<int:pk>/closing/", page.closing, name="form-closing"),
]
