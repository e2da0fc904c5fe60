from django.urls import path

from . import compare, duplicates, find, split

urlpatterns = [
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/<int:pk>/told-apart/", duplicates.tell_apart, name="tell-apart"),
    path("people/<int:pk>/merge/", find.people, name="merge-person"),
    path("people/<int:pk>/merge/<int:other>/", compare.people, name="merge-people"),
    path("companies/<int:pk>/merge/", find.companies, name="merge-company"),
    path("companies/<int:pk>/merge/<int:other>/", compare.companies, name="merge-companies"),
    path("merges/<int:pk>/split/", split.split, name="split"),
]
