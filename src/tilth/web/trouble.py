"""What a visitor sees when something went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "trouble/bad_request.html", status=400)


def not_here(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Not there, or not for you: the house does not say which."""
    return render(request, "trouble/not_here.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    return render(request, "trouble/broken.html", status=500)
