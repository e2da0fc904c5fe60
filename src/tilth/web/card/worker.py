"""The script that keeps the card's page on the phone. It lies under /card/, so that it has a say there and nowhere else."""

import hashlib
import json
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse

from tilth.web.access import members

SCRIPT = Path(__file__).with_name("worker.js").read_text()
FILES = (
    "vendor/tabler.min.css", "vendor/tabler.min.js", "vendor/htmx.min.js", "tilth.css", "tilth.js", "card.js", "mark.svg",
    "fonts/source-sans-3-latin-wght-normal.woff2", "fonts/source-sans-3-latin-ext-wght-normal.woff2",
    "fonts/bricolage-grotesque-latin-wght-normal.woff2", "fonts/bricolage-grotesque-latin-ext-wght-normal.woff2",
)  # fmt: skip


def version() -> str:
    """Another version of any file makes it another script, and browsers then keep everything anew."""
    return hashlib.blake2b(json.dumps([SCRIPT, _files()]).encode(), digest_size=8).hexdigest()


def _files() -> list[str]:
    return [static(name) for name in FILES]


@members()
def worker(request: HttpRequest, asked: str) -> HttpResponse:
    """The script as it is now, whatever version a phone still knows."""
    told = json.dumps({"page": reverse("card"), "files": _files(), "store": f"tilth-card-{version()}"})
    return HttpResponse(f"const HERE = {told}\n{SCRIPT}", content_type="text/javascript; charset=utf-8")
