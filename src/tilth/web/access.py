"""Who may open a page. Every page view says it with `@members(...)`; the menu reads it from there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from . import shell, trouble

View = Callable[..., HttpResponseBase]


def members(*roles: str) -> Callable[[View], View]:
    """Only for signed-in members; with roles, only for those. Others see 404, strangers the sign-in page.

    Inside, local time is the agreement's.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _sign_in_first(request)
            if roles and request.user.role not in roles:
                raise Http404
            if any("\0" in text for texts in request.GET.lists() for text in texts[1]):
                raise BadRequest("No database keeps a NUL, and nobody types one.")
            with timezone.override(shell.of(request).zone):
                response = view(request, *args, **kwargs)
            return trouble.no_page(request) if response.status_code == 405 else response

        inside.roles = roles  # type: ignore[attr-defined]
        return inside

    return wrap


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    htmx = shell.htmx(request)
    if htmx:
        response = HttpResponse(status=401)
        response["HX-Redirect"] = redirect_to_login(htmx.current_url_abs_path or "/")["Location"]
        return response
    return redirect_to_login(_page(request))


def _page(request: HttpRequest) -> str:
    """Where to be after signing in: here, or on the page where the form stood."""
    if request.method == "GET":
        return request.get_full_path()
    page = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if ours else "/"
