from django.urls import path

from . import listing, page

urlpatterns = [
    path("companies/", listing.companies, name="companies"),
    path("companies/<int:pk>/", page.company, name="company"),
]
