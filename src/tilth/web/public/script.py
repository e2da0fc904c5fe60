"""The script that puts a form into a page of another website: the same for all forms, read from its own address."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from tilth.forms.models import Form

SCRIPT = Path(__file__).with_name("embed.js").read_bytes()


@require_GET
def script(request: HttpRequest, key: str) -> HttpResponse:
    get_object_or_404(Form.objects.only("pk"), key=key)
    response = HttpResponse(SCRIPT, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600, stale-while-revalidate=604800"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
