"""Addresses: pages from web, reports for programs from api. What programs send has a door of its own (see wsgi.py)."""

from django.urls import include, path

urlpatterns = [path("", include("tilth.web.urls")), path("api/", include("tilth.api.urls"))]

handler400 = "tilth.web.trouble.bad_request"
handler403 = "tilth.web.trouble.not_here"
handler404 = "tilth.web.trouble.not_here"
handler500 = "tilth.web.trouble.broken"
