"""Find people, companies and pages by the beginning of what they are called. The palette asks here too."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.web import shell
from tilth.web.access import members

from .search import search


@members()
def find(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:100]
    around = shell.of(request)
    places = [(line["place"], line["url"]) for line in around.menu if _begins(line["place"], text)]
    doings = [(place, url) for place, url in around.doings if _begins(place, text)]
    template = "find/find.html#results" if shell.htmx(request) else "find/find.html"
    return render(request, template, {"text": text, "found": search(text), "places": places, "doings": doings})


def _begins(place: shell.Place, text: str) -> bool:
    return str(place.label).lower().startswith(text.lower())
