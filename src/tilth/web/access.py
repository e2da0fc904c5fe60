"""Who may open a page. Every page view says it with `@members(...)`; the menu reads it from there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from . import shell

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
            with timezone.override(shell.of(request).zone):
                return view(request, *args, **kwargs)

        inside.roles = roles  # type: ignore[attr-defined]
        return inside

    return wrap


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    htmx = shell.htmx(request)
    if htmx:
        response = HttpResponse(status=401)
        response["HX-Redirect"] = redirect_to_login(htmx.current_url_abs_path or "/")["Location"]
        return response
    return redirect_to_login(request.get_full_path())
