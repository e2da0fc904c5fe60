"""Today for administrators: the first steps while any is left, then the house and how it is doing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tilth.capture.models import Import, Received, Refusal
from tilth.people.models import News
from tilth.qualify.models import Ripe
from tilth.team.models import Member, Role
from tilth.web import shell
from tilth.web.access import members
from tilth.web.start.steps import steps

MANY = 1_000


@members(Role.ADMIN)
def today(request: HttpRequest) -> HttpResponse:
    here = shell.of(request)
    left = steps(here)
    waiting = {
        "deliveries": Received.objects.filter(taken_at=None)[:MANY].count(),
        "news": News.objects.all()[:MANY].count(),
        "owners": Ripe.objects.filter(waits_for=Ripe.Lack.OWNER)[:MANY].count(),
    }
    context = {
        "steps": left,
        "ready": all(s.done for s in left),
        "waiting": waiting,
        "many": MANY,
        "refusals": Refusal.objects.select_related("received__source").order_by("-pk")[:5],
        "imports": Import.objects.order_by("-pk")[:5],
        "members": Member.objects.filter(is_active=True).count(),
    }
    return render(request, "today/admin.html", context)
