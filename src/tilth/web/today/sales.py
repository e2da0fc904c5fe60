"""Today for sales: the shared goal, and the queue in the order in which waiting costs most."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.team.models import Role
from tilth.web import shell
from tilth.web.access import members
from tilth.web.strip import strip

from .queue import queue


@members(Role.SALES)
def today(request: HttpRequest) -> HttpResponse:
    around = shell.of(request)
    leads, count = queue(around.me, around.now, around.fades_hours)
    around.counts["today"] = count
    return render(request, "today/sales.html", {"leads": leads, "count": count, "strip": strip(around)})
