from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.web import shell
from tilth.web.access import members

from .steps import steps


@members()
def start(request: HttpRequest) -> HttpResponse:
    return render(request, "start/start.html", {"steps": steps(shell.of(request))})
