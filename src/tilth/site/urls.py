"""Addresses: pages from web; programs have their own doors in api (see wsgi.py)."""

from django.urls import include, path

urlpatterns = [path("", include("tilth.web.urls"))]

handler400 = "tilth.web.trouble.bad_request"
handler403 = "tilth.web.trouble.not_here"
handler404 = "tilth.web.trouble.not_here"
handler500 = "tilth.web.trouble.broken"
