"""Find people, companies and pages by the beginning of what they are called. The palette asks here too."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.web import shell
from tilth.web.access import members

from .search import search


@members()
def find(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:100]
    places = [p for p in shell.of(request).menu if str(p["place"].label).lower().startswith(text.lower())]
    template = "find/find.html#results" if shell.htmx(request) else "find/find.html"
    return render(request, template, {"text": text, "found": search(text), "places": places})
