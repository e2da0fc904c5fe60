"""What a visitor sees when something went wrong."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

log = logging.getLogger(__name__)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "trouble/bad_request.html", status=400)


def not_here(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Not there, or not for you: the house does not say which."""
    return render(request, "trouble/not_here.html", status=404)


def no_page(request: HttpRequest) -> HttpResponse:
    """The address of a form, typed or reloaded: a page of ours, where the browser would show its own error."""
    response = render(request, "trouble/not_here.html", status=405)
    response["Allow"] = "POST"
    return response


def broken(request: HttpRequest) -> HttpResponse:
    """Ours to mend. The code on the page is the one in the log."""
    code = f"T-{secrets.token_hex(4).upper()}"
    log.error("%s was shown for %s %s", code, request.method, request.path)
    return render(request, "trouble/broken.html", {"code": code}, status=500)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token did not fit: an old tab, or cookies were cleared."""
    return render(request, "trouble/stale_form.html", status=403)
