"""`/health`, for proxies and whoever watches: does this process answer, and does its database?

It stands in front of Django, since they ask by any name, and without a session.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import DatabaseError, close_old_connections, connection

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def in_front_of(pages: Application) -> Application:
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != "/health":
            return pages(environ, start_response)
        status, body = _state()
        headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
        start_response(status, headers)
        return [body]

    return application


def _state() -> tuple[str, bytes]:
    close_old_connections()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "503 Service Unavailable", b"The database does not answer.\n"
    return "200 OK", b"fine\n"
