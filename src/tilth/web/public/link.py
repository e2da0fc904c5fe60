"""A personal link of a mail: the click is written down, and its reader sent on to where the link was made to lead."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.http import require_safe

from tilth.people import links, ours
from tilth.touches.clicks import clicked
from tilth.web import clock

from . import sender


@require_safe
def follow(request: HttpRequest, token: str) -> HttpResponse:
    link = links.opened(token)
    if link is None:
        with override(sender.language(request)):
            return render(request, "public/no_link.html", {"theme": "auto"}, status=404)
    if request.method == "GET" and not sender.looks_ahead(request):
        who = sender.of(request)
        clicked(link, who.agent, who.network, ours.known(), clock.now())
    response = HttpResponseRedirect(links.leads_to(link, token))
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
