"""What a public page may do, and where it may stand: a form inside other websites, all others nowhere."""

from collections.abc import Iterable

from django.http import HttpResponse

from tilth.web.headers import POLICY


def framed(response: HttpResponse, origins: Iterable[str]) -> HttpResponse:
    """Let these websites show the page inside theirs; our own may, for the preview."""
    ancestors = " ".join(["'self'", *origins])
    response["Content-Security-Policy"] = POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {ancestors}")
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.may_be_framed = True  # type: ignore[attr-defined]
    return response
